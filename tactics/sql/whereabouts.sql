-- A point for each of these records: where the phone was at the start, else in the hot spot as it is today, else the place.
SELECT activity.id, ST_X(spot.point), ST_Y(spot.point)
FROM tactics_activity AS activity
LEFT JOIN hotspots_hotspotboundary AS boundary
    ON boundary.hot_spot_id = activity.hot_spot_id AND boundary.valid @> %(today)s::date
LEFT JOIN hotspots_place AS place ON place.id = activity.place_id
CROSS JOIN LATERAL (
    SELECT coalesce(activity.point, ST_PointOnSurface(boundary.geometry), ST_PointOnSurface(place.geometry)) AS point
) AS spot
WHERE activity.id = ANY(%(activities)s::uuid[]) AND spot.point IS NOT NULL
