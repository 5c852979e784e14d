-- Blocks whose source gives no house numbers, with the lowest and highest of the addresses of their street that lie on
-- them. One far from the others (a number mistyped, a place put on the wrong street) does not stretch the range.
WITH middle AS (
    SELECT block.id, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY address.number_low) AS number
    FROM hotspots_place AS block
    INNER JOIN hotspots_place AS address
        ON block.id = address.block_id AND block.street = address.street
    WHERE address.kind = 'address' AND address.retired_on IS NULL AND address.number_low IS NOT NULL
    GROUP BY block.id
),

numbers AS (
    SELECT middle.id, MIN(address.number_low) AS low, MAX(address.number_low) AS high
    FROM middle
    INNER JOIN hotspots_place AS block ON middle.id = block.id
    INNER JOIN hotspots_place AS address
        ON block.id = address.block_id AND block.street = address.street
    WHERE
        address.kind = 'address' AND address.retired_on IS NULL
        AND address.number_low BETWEEN middle.number - 500 AND middle.number + 500
    GROUP BY middle.id
)

SELECT
    place.id,
    place.source,
    place.name,
    COALESCE(NULLIF(place.source_name, ''), place.name) AS source_name,
    place.street,
    numbers.low,
    numbers.high
FROM hotspots_place AS place
LEFT JOIN numbers USING (id)
WHERE place.kind = 'block' AND place.retired_on IS NULL AND (place.source_name <> '' OR place.number_low IS NULL)
ORDER BY place.id
