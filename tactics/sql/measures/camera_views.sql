-- Registered cameras and what each sees: a sector around its direction, drawn on the globe in meters.
-- With an outline, those alone that see into it.
WITH camera AS (
    SELECT
        camera.measure_id, camera.kind, camera.direction, camera.point, place.name AS place_name,
        CASE
            WHEN camera.angle >= 360 THEN ST_Buffer(camera.point::geography, camera.reach_m)::geometry
            ELSE ST_MakePolygon(ST_MakeLine(ARRAY[camera.point] || arc.points || ARRAY[camera.point]))
        END AS view
    FROM tactics_camera AS camera
    JOIN tactics_measure AS measure ON measure.id = camera.measure_id
    JOIN hotspots_place AS place ON place.id = measure.place_id
    CROSS JOIN LATERAL (
        SELECT array_agg(
            ST_Project(
                camera.point::geography, camera.reach_m,
                radians((camera.direction + camera.angle * (step / 24.0 - 0.5))::float8)
            )::geometry
            ORDER BY step
        ) AS points
        FROM generate_series(0, 24) AS step
    ) AS arc
    WHERE camera.withdrawn_on IS NULL AND measure.status = 'open'
)
SELECT
    measure_id, kind, direction, place_name,
    ST_X(point), ST_Y(point),
    ST_AsGeoJSON(view, 7)
FROM camera
WHERE %(outline)s::geometry IS NULL OR ST_Intersects(view, %(outline)s::geometry)
ORDER BY place_name, measure_id
