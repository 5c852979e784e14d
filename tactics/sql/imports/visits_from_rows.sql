-- A visit lies in the hot spot that it names, else in the one that its position lies in, else at the nearest place.
INSERT INTO visit (line, id, kind, unit, hot_spot_id, place_id, point, started_at, ended_at)
SELECT DISTINCT ON (v.id)
    v.line, v.id, v.kind, v.unit, coalesce(named.id, around.hot_spot_id), nearest.id, v.point, v.arrived, v.cleared
FROM (
    SELECT
        *,
        ST_SetSRID(ST_Point(longitude, latitude), 4326) AS point,
        md5(
            CASE WHEN number <> '' THEN concat_ws('|', %(source)s, 'number', number, unit)
            ELSE concat_ws('|', %(source)s, unit, hot_spot_name, longitude, latitude, extract(epoch FROM arrived)) END
        )::uuid AS id
    FROM staged_visit
) AS v
LEFT JOIN hotspots_hotspot AS named ON v.hot_spot_name <> '' AND lower(named.name) = lower(v.hot_spot_name)
LEFT JOIN LATERAL (
    SELECT b.hot_spot_id FROM hotspots_hotspotboundary AS b
    WHERE named.id IS NULL AND ST_Covers(b.geometry, v.point) AND b.valid @> (v.arrived AT TIME ZONE %(zone)s)::date
    ORDER BY b.hot_spot_id LIMIT 1
) AS around ON true
LEFT JOIN LATERAL (
    SELECT p.id FROM hotspots_place AS p
    WHERE named.id IS NULL AND around.hot_spot_id IS NULL AND v.point IS NOT NULL
      AND p.kind = 'block' AND p.retired_on IS NULL
      AND p.geometry && ST_Expand(v.point, %(reach_degrees)s)
      AND ST_DWithin(p.geometry::geography, v.point::geography, %(reach_m)s)
    ORDER BY p.geometry <-> v.point LIMIT 1
) AS nearest ON true
ORDER BY v.id, v.line;
