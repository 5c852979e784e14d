-- How many addresses lie in each cell of the grid, within a box of cells. The units of a building are one address.
SELECT column_number, row_number, COUNT(*)
FROM (
    SELECT DISTINCT ON (address)
        FLOOR(ST_X(point) / %(cell_m)s)::integer AS column_number,
        FLOOR(ST_Y(point) / %(cell_m)s)::integer AS row_number
    FROM (
        SELECT
            id,
            ST_Transform(geometry, %(srid)s) AS point,
            COALESCE(NULLIF(street, '') || ' ' || number_low, ST_AsText(geometry)) AS address
        FROM hotspots_place
        WHERE
            kind = 'address'
            AND retired_on IS NULL
            AND geometry && ST_Transform(
                ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, %(srid)s), 4326
            )
    ) AS addresses
    ORDER BY address, id
) AS located
GROUP BY column_number, row_number
