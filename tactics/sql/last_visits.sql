-- When each of these hot spots was last visited: the latest end among the records that began within a day before the
-- newest one; one that still runs counts by its start.
SELECT spot.id, last.at
FROM unnest(%(hot_spots)s::bigint[]) AS spot (id)
CROSS JOIN LATERAL (
    SELECT started_at
    FROM tactics_activity
    WHERE hot_spot_id = spot.id AND voided_at IS NULL AND started_at <= %(now)s
    ORDER BY started_at DESC
    LIMIT 1
) AS newest
CROSS JOIN LATERAL (
    SELECT max(coalesce(ended_at, started_at)) AS at
    FROM tactics_activity
    WHERE hot_spot_id = spot.id
        AND voided_at IS NULL
        AND started_at BETWEEN newest.started_at - interval '24 hours' AND newest.started_at
) AS last
