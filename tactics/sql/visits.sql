-- Records of each hot spot as arrays in the order of their starts, from the index activity_dosage alone: some ten times
-- faster to hand over than rows. What is small is packed into one number, for each array costs as much as the index: whose
-- it is (the officer's number, or the unit's below zero where no officer is known), kind and way of recording, numbered from 1
-- by their order, then whether it has a unit, whether it belongs to an operation, and whether it waits for approval.
SELECT
    hot_spot_id,
    array_agg(
        coalesce(officer_id, -unit_id) * 65536
        + array_position(%(kinds)s::text[], kind::text) * 32
        + array_position(%(ways)s::text[], recorded::text) * 8
        + (unit_id IS NOT NULL)::int * 4
        + (operation_id IS NOT NULL)::int * 2
        + (approved_at IS NULL)::int
    ),
    array_agg(started_at),
    array_agg(coalesce(ended_at, '-infinity')),
    coalesce(array_agg(unit_id::int4) FILTER (WHERE unit_id IS NOT NULL), '{}'),
    coalesce(array_agg(uuid_hash_extended(operation_id, 0)) FILTER (WHERE operation_id IS NOT NULL), '{}')
FROM (
    SELECT hot_spot_id, kind, recorded, operation_id, approved_at, started_at, ended_at, officer_id, unit_id
    FROM tactics_activity
    WHERE voided_at IS NULL
        AND hot_spot_id = ANY(%(hot_spots)s)
        AND started_at >= %(since)s
        AND started_at < %(until)s
    ORDER BY hot_spot_id, started_at
) AS activity
GROUP BY hot_spot_id
ORDER BY hot_spot_id
