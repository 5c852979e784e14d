-- Every current address of an area with all that decides on a letter to it. An opt-out holds for the address, whatever
-- source names it and however it writes the unit (`Apt 12`, `# 12`, `12`), also when a later import replaced the place that
-- it was recorded for.
WITH area AS (
    SELECT
        given.shape,
        ST_Transform(given.shape, %(srid)s) AS plane,
        -- A little too large, so that the index finds all that is measured then.
        ST_Transform(
            ST_Segmentize(ST_Envelope(ST_Expand(ST_Transform(given.shape, %(srid)s), %(meters)s * 1.01 + 50)), 500), 4326
        ) AS box
    FROM (SELECT ST_GeomFromEWKB(%(area)s) AS shape) AS given
)
SELECT
    place.id, place.name, place.street, place.number_low, place.unit, bare.unit,
    COALESCE(mailbox.zip_code, ''), COALESCE(mailbox.carrier_route, ''), mailbox.sequence,
    COALESCE(mailbox.is_vacant, FALSE), mailbox.undeliverable_on,
    place.unit = '' AND place.street <> '' AND EXISTS (
        SELECT FROM hotspots_place AS other
        WHERE other.kind = 'address' AND other.retired_on IS NULL AND other.street = place.street
            AND other.number_low = place.number_low AND other.unit <> '' AND other.unit !~ '^([A-Z] )?\d/\d$'
    ),
    EXISTS (SELECT FROM notices_optout WHERE ended_at IS NULL AND place_id = place.id) OR place.street <> '' AND EXISTS (
        SELECT FROM hotspots_place AS other JOIN notices_optout AS said ON said.place_id = other.id
        WHERE said.ended_at IS NULL AND other.kind = 'address' AND other.street = place.street
            AND other.number_low = place.number_low
            AND upper(btrim(regexp_replace(other.unit, '^\s*((apt|apartment|unit|ste|suite)\M[.\s]*)?#?\s*(?=\S)', '', 'i'))) = bare.unit
    ),
    (SELECT reason FROM notices_exclusion WHERE batch_id = %(batch)s AND place_id = place.id)
FROM hotspots_place AS place
CROSS JOIN area
CROSS JOIN LATERAL (SELECT
    upper(btrim(regexp_replace(place.unit, '^\s*((apt|apartment|unit|ste|suite)\M[.\s]*)?#?\s*(?=\S)', '', 'i'))) AS unit
) AS bare
LEFT JOIN notices_mailbox AS mailbox ON mailbox.place_id = place.id
WHERE place.kind = 'address' AND place.retired_on IS NULL
    AND (
        place.geometry && area.box AND (
            %(meters)s = 0 AND ST_Intersects(place.geometry, area.shape)
            OR %(meters)s > 0 AND ST_DWithin(ST_Transform(place.geometry, %(srid)s), area.plane, %(meters)s)
        )
        OR place.complex_id = %(complex)s
    )
ORDER BY place.id
