-- Records of hot spots as fixed-width columns, in the order that analytics.dosage asks for, from the index activity_dosage
-- alone. %(kinds)s and %(ways)s are numbered from 1 by their order.
SELECT
    hot_spot_id,
    array_position(%(kinds)s::text[], kind::text)::int2,
    started_at,
    coalesce(ended_at, '-infinity'),
    approved_at IS NOT NULL,
    array_position(%(ways)s::text[], recorded::text)::int2,
    coalesce(uuid_hash_extended(operation_id, 0), 0)
FROM tactics_activity
WHERE voided_at IS NULL
    AND hot_spot_id = ANY(%(hot_spots)s)
    AND started_at >= %(since)s
    AND started_at < %(until)s
ORDER BY hot_spot_id, started_at
