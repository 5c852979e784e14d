-- Hot spots that are designated and not ended, those that start later among them, with the outline of that day.
SELECT json_build_object('type', 'FeatureCollection', 'features', COALESCE(json_agg(
    json_build_object(
        'type', 'Feature',
        'id', hot_spot.id,
        'properties', json_build_object('name', hot_spot.name),
        'geometry', ST_AsGeoJSON(boundary.geometry, 6)::json
    ) ORDER BY hot_spot.id
), '[]'))::text
FROM hotspots_hotspot AS hot_spot
JOIN hotspots_hotspotboundary AS boundary ON boundary.hot_spot_id = hot_spot.id
WHERE boundary.valid @> GREATEST(hot_spot.starts_on, %(today)s::date)
    AND (hot_spot.ended_on IS NULL OR hot_spot.ended_on > %(today)s::date)
