-- Where each given spot belongs: the smallest hot spot whose boundary of that day is around it, and the place that was
-- named, else the nearest block within reach, else the nearest address. A place that was named decides by the point at
-- its middle, wherever the phone was when it was named.
WITH spot AS (
    SELECT
        given.number,
        given.day,
        named.id AS place_id,
        coalesce(ST_PointOnSurface(named.geometry), ST_SetSRID(ST_Point(given.lon, given.lat), 4326)) AS degrees
    FROM
        unnest(%(lons)s::float8[], %(lats)s::float8[], %(places)s::bigint[], %(days)s::date[])
        WITH ORDINALITY AS given (lon, lat, place_id, day, number)
    LEFT JOIN hotspots_place AS named ON named.id = given.place_id
)
SELECT hot_spot.id, coalesce(spot.place_id, block.id, address.id)
FROM spot
LEFT JOIN LATERAL (
    SELECT boundary.hot_spot_id AS id
    FROM hotspots_hotspotboundary AS boundary
    WHERE boundary.valid @> spot.day AND ST_Covers(boundary.geometry, spot.degrees)
    ORDER BY ST_Area(ST_Transform(boundary.geometry, %(srid)s)), boundary.hot_spot_id
    LIMIT 1
) AS hot_spot ON true
LEFT JOIN LATERAL (
    SELECT place.id, ST_Distance(ST_Transform(place.geometry, %(srid)s), ST_Transform(spot.degrees, %(srid)s)) AS away
    FROM hotspots_place AS place
    WHERE spot.place_id IS NULL AND place.kind = 'block' AND place.retired_on IS NULL
        AND place.geometry && ST_Transform(ST_Expand(ST_Transform(spot.degrees, %(srid)s), 1.05 * %(reach_m)s), 4326)
    ORDER BY away, place.id
    LIMIT 1
) AS block ON block.away <= %(reach_m)s
LEFT JOIN LATERAL (
    SELECT place.id, ST_Distance(ST_Transform(place.geometry, %(srid)s), ST_Transform(spot.degrees, %(srid)s)) AS away
    FROM hotspots_place AS place
    WHERE spot.place_id IS NULL AND block.id IS NULL AND place.kind = 'address' AND place.retired_on IS NULL
        AND place.geometry && ST_Transform(ST_Expand(ST_Transform(spot.degrees, %(srid)s), 1.05 * %(reach_m)s), 4326)
    ORDER BY away, place.id
    LIMIT 1
) AS address ON address.away <= %(reach_m)s
ORDER BY spot.number
