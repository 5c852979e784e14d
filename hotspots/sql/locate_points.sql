-- The places that points lie on, by the rules of an import (hotspots/ingest/locating.py): the nearest block within
-- reach, the smallest complex around, the address at the point.
WITH spot AS (
    SELECT
        number,
        ST_SetSRID(ST_Point(lon, lat), 4326) AS degrees,
        ST_Transform(ST_SetSRID(ST_Point(lon, lat), 4326), %(srid)s) AS metres
    FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS given (lon, lat, number)
)
SELECT block.id, block.distance, complex.id, address.id
FROM spot
LEFT JOIN LATERAL (
    SELECT place.id, ST_Distance(ST_Transform(place.geometry, %(srid)s), spot.metres) AS distance
    FROM hotspots_place AS place
    WHERE place.kind = 'block' AND place.retired_on IS NULL
        AND place.geometry && ST_Transform(ST_Expand(spot.metres, 1.05 * %(block_m)s), 4326)
    ORDER BY distance, place.id
    LIMIT 1
) AS block ON block.distance <= %(block_m)s
LEFT JOIN LATERAL (
    SELECT place.id
    FROM hotspots_place AS place
    WHERE place.kind = 'complex' AND place.retired_on IS NULL AND ST_Intersects(place.geometry, spot.degrees)
    ORDER BY ST_Area(ST_Transform(place.geometry, %(srid)s)), place.id
    LIMIT 1
) AS complex ON true
LEFT JOIN LATERAL (
    SELECT place.id, ST_Distance(ST_Transform(place.geometry, %(srid)s), spot.metres) AS distance
    FROM hotspots_place AS place
    WHERE place.kind = 'address' AND place.retired_on IS NULL
        AND place.geometry && ST_Transform(ST_Expand(spot.metres, 1.05 * %(address_m)s), 4326)
    ORDER BY distance, place.id
    LIMIT 1
) AS address ON address.distance <= %(address_m)s
ORDER BY spot.number
