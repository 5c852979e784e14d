-- Blocks and complexes in a window of the map, the longest and largest first where there are too many.
SELECT jsonb_build_object(
    'type', 'FeatureCollection',
    'features', COALESCE(jsonb_agg(jsonb_build_object(
        'type', 'Feature',
        'geometry', ST_AsGeoJSON(geometry, 6)::jsonb,
        'properties', jsonb_build_object('kind', kind, 'name', name, 'street', initcap(street))
    )), '[]'::jsonb)
)::text
FROM (
    SELECT kind, name, street, geometry
    FROM hotspots_place
    WHERE kind IN ('block', 'complex') AND retired_on IS NULL
        AND geometry && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    ORDER BY COALESCE(length_m, sqrt(area_m2)) DESC, id
    LIMIT %(most)s
) AS shown
