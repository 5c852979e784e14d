INSERT INTO tactics_activity (
    id, kind, hot_spot_id, place_id, point, unit_id, batch_id, started_at, ended_at, recorded, note, flags, received_at, void_reason
)
SELECT v.id, v.kind, v.hot_spot_id, v.place_id, v.point, u.id, %(batch)s, v.started_at, v.ended_at, 'imported', '', '{}', now(), ''
FROM visit AS v JOIN tactics_unit AS u ON u.name = v.unit
WHERE (v.hot_spot_id IS NOT NULL OR v.place_id IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM tactics_activity AS a
    WHERE a.id = v.id
       OR a.unit_id = u.id AND a.recorded = 'imported' AND a.kind = v.kind AND a.hot_spot_id = v.hot_spot_id
          AND tstzrange(a.started_at, a.ended_at + %(silence)s, '[]') && tstzrange(v.started_at, v.ended_at, '[]')
          AND EXISTS (
            SELECT FROM tactics_visitimport AS b WHERE b.id = a.batch_id AND b.source = %(source)s AND b.kind = %(kind)s
          )
  );
