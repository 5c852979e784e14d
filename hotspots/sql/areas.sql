-- Boundary, beats and neighborhoods that hold today. Simplified to about five meters, which no screen shows.
SELECT json_build_object('type', 'FeatureCollection', 'features', COALESCE(json_agg(
    json_build_object(
        'type', 'Feature',
        'id', id,
        'properties', json_build_object('kind', kind, 'name', name),
        'geometry', ST_AsGeoJSON(ST_SimplifyPreserveTopology(geometry, 0.00005), 5)::json
    ) ORDER BY kind, name
), '[]'))::text
FROM hotspots_area
WHERE valid @> %(today)s::date
