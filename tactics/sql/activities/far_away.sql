-- How far each given position lies from its hot spot as it was on that day, in metres; null where it had no boundary.
SELECT
    ST_Distance(
        ST_Transform(boundary.geometry, %(srid)s), ST_Transform(ST_SetSRID(ST_Point(lon, lat), 4326), %(srid)s)
    )
FROM
    unnest(%(lons)s::float8[], %(lats)s::float8[], %(hot_spots)s::bigint[], %(days)s::date[])
    WITH ORDINALITY AS given (lon, lat, hot_spot_id, day, number)
LEFT JOIN hotspots_hotspotboundary AS boundary
    ON boundary.hot_spot_id = given.hot_spot_id AND boundary.valid @> given.day
ORDER BY given.number
