-- A whole tip in one statement: all of it is there, or nothing.
WITH tip AS (
    INSERT INTO tips_tip (
        id, channel, language, received_at, quarantined, sending, case_key, receipt, reply_key, reply_secret
    )
    VALUES (
        %(id)s, %(channel)s, %(language)s, %(received_at)s, %(quarantined)s, %(sending)s,
        %(case_key)s, %(receipt)s, %(reply_key)s, %(reply_secret)s
    )
), copies AS (
    INSERT INTO tips_keycopy (tip_id, reader_id, sealed)
    SELECT %(id)s, reader, sealed FROM unnest(%(readers)s::uuid[], %(copies)s::bytea[]) AS copy (reader, sealed)
)
INSERT INTO tips_message (id, tip_id, position, kind, sealed, received_at)
SELECT message, %(id)s, place, kind, sealed, %(received_at)s
FROM unnest(%(messages)s::uuid[], %(positions)s::smallint[], %(kinds)s::text[], %(contents)s::bytea[])
    AS part (message, place, kind, sealed);
