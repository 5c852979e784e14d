-- A column that the list does not have, or left empty, changes nothing; a ZIP Code that was set by hand stays.
WITH stored AS (
    INSERT INTO notices_mailbox AS mailbox
        (place_id, zip_code, carrier_route, sequence, is_vacant, source, undeliverable_why)
    SELECT
        listed_place.place_id, COALESCE(zip_code, ''), COALESCE(carrier_route, ''), sequence, COALESCE(vacant, FALSE),
        %(source)s, ''
    FROM listed_place JOIN listed_address USING (line)
    ON CONFLICT (place_id) DO UPDATE SET
        zip_code = CASE
            WHEN mailbox.source = %(by_hand)s THEN mailbox.zip_code
            ELSE COALESCE(NULLIF(EXCLUDED.zip_code, ''), mailbox.zip_code)
        END,
        carrier_route = COALESCE(NULLIF(EXCLUDED.carrier_route, ''), mailbox.carrier_route),
        sequence = COALESCE(EXCLUDED.sequence, mailbox.sequence),
        is_vacant = CASE WHEN %(with_vacant)s THEN EXCLUDED.is_vacant ELSE mailbox.is_vacant END,
        source = CASE WHEN mailbox.source = %(by_hand)s THEN mailbox.source ELSE EXCLUDED.source END
    WHERE (mailbox.carrier_route, mailbox.sequence, mailbox.is_vacant) IS DISTINCT FROM (
            COALESCE(NULLIF(EXCLUDED.carrier_route, ''), mailbox.carrier_route),
            COALESCE(EXCLUDED.sequence, mailbox.sequence),
            CASE WHEN %(with_vacant)s THEN EXCLUDED.is_vacant ELSE mailbox.is_vacant END
        )
        OR mailbox.source <> %(by_hand)s
        AND mailbox.zip_code <> COALESCE(NULLIF(EXCLUDED.zip_code, ''), mailbox.zip_code)
    RETURNING xmax = 0 AS is_new
)
SELECT
    count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new),
    (SELECT count(*) FROM listed_place) - count(*)
FROM stored
