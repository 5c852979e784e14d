-- What was done in each hot spot since a day: visits and average minutes by kind, and what the details say. The units of
-- one operation are one visit.
WITH activity AS (
    SELECT id, operation_id, hot_spot_id, kind, started_at, EXTRACT(EPOCH FROM ended_at - started_at) / 60 AS minutes
    FROM tactics_activity
    WHERE hot_spot_id = ANY(%(hot_spots)s)
        AND started_at >= %(heard_since)s
        AND started_at < %(until)s
        AND ended_at IS NOT NULL
        AND voided_at IS NULL
), recent AS (
    SELECT * FROM activity WHERE started_at >= %(since)s
)
SELECT hot_spot_id, 'kind' AS what, kind AS value, count(DISTINCT COALESCE(operation_id, id)) AS number, avg(minutes)::float AS minutes
FROM recent GROUP BY hot_spot_id, kind
UNION ALL
SELECT hot_spot_id, 'seen', value, count(*), NULL
FROM recent JOIN tactics_patrol AS patrol ON patrol.activity_id = recent.id, unnest(patrol.seen) AS value
WHERE value <> 'nothing' GROUP BY hot_spot_id, value
UNION ALL
SELECT hot_spot_id, 'outcome', value, count(*), NULL
FROM recent JOIN tactics_vehiclestop AS stop ON stop.activity_id = recent.id, unnest(stop.outcomes) AS value
WHERE value <> 'none' GROUP BY hot_spot_id, value
UNION ALL
SELECT hot_spot_id, 'find', dog.find, count(*), NULL
FROM recent JOIN tactics_k9deployment AS dog ON dog.activity_id = recent.id
WHERE dog.find <> 'nothing' GROUP BY hot_spot_id, dog.find
UNION ALL
SELECT hot_spot_id, 'answer', talk.answer, count(*), NULL
FROM recent JOIN tactics_knockandtalk AS talk ON talk.activity_id = recent.id
GROUP BY hot_spot_id, talk.answer
UNION ALL
SELECT hot_spot_id, 'concern', value, count(*), NULL
FROM activity JOIN tactics_knockandtalk AS talk ON talk.activity_id = activity.id, unnest(talk.concerns) AS value
GROUP BY hot_spot_id, value
ORDER BY hot_spot_id, what, number DESC, value
