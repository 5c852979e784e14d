-- The file before ended in the middle of a stay, or this is the same file again: the stay that is stored grows.
-- What a supervisor has approved or changed stays as it is.
WITH merged AS (
    SELECT
        a.id, min(v.started_at) AS started_at, max(v.ended_at) AS ended_at
    FROM visit AS v
    JOIN tactics_unit AS u ON u.name = v.unit
    JOIN tactics_activity AS a
        ON a.unit_id = u.id AND a.recorded = 'imported' AND a.kind = v.kind
        AND (a.id = v.id OR a.hot_spot_id = v.hot_spot_id AND a.place_id IS NULL
             AND tstzrange(a.started_at, a.ended_at + %(silence)s, '[]') && tstzrange(v.started_at, v.ended_at, '[]'))
    JOIN tactics_visitimport AS b ON b.id = a.batch_id AND b.source = %(source)s AND b.kind = %(kind)s
    GROUP BY a.id
)
UPDATE tactics_activity AS a
SET started_at = least(a.started_at, m.started_at), ended_at = greatest(a.ended_at, m.ended_at)
FROM merged AS m
WHERE a.id = m.id AND a.approved_at IS NULL AND a.voided_at IS NULL
  AND NOT EXISTS (SELECT FROM tactics_correction AS c WHERE c.activity_id = a.id)
  AND (a.started_at > m.started_at OR a.ended_at < m.ended_at);
