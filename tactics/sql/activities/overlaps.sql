-- Set or clear the flag of an officer's activities between two instants: elsewhere for more than a minute at that time.
-- Two activities at one hot spot, or at one place off any, such as a stop during a patrol, are no contradiction.
UPDATE tactics_activity AS activity
SET flags = CASE
    WHEN found.overlaps THEN array_append(activity.flags, 'overlaps') ELSE array_remove(activity.flags, 'overlaps')
END
FROM (
    SELECT
        own.id,
        own.voided_at IS NULL AND EXISTS (
            SELECT
            FROM tactics_activity AS other
            WHERE other.officer_id = own.officer_id
                AND other.id <> own.id
                AND other.voided_at IS NULL
                AND other.started_at > %(since)s::timestamptz - interval '3 days'
                AND other.started_at < coalesce(own.ended_at, 'infinity') - interval '1 minute'
                AND coalesce(other.ended_at, 'infinity') > own.started_at + interval '1 minute'
                AND least(coalesce(other.ended_at, 'infinity'), coalesce(own.ended_at, 'infinity'))
                    > greatest(other.started_at, own.started_at) + interval '1 minute'
                AND (
                    other.hot_spot_id IS DISTINCT FROM own.hot_spot_id
                    OR own.hot_spot_id IS NULL AND other.place_id IS DISTINCT FROM own.place_id
                )
        ) AS overlaps
    FROM tactics_activity AS own
    WHERE own.officer_id = %(officer)s
        AND own.started_at > %(since)s::timestamptz - interval '1 day'
        AND own.started_at < %(until)s
) AS found
WHERE activity.id = found.id AND found.overlaps <> ('overlaps' = ANY(activity.flags))
