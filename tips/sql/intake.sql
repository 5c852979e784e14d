-- What the intake process may do. Its role (scripts/database.sql) may read and write no table: only these views, and through
-- these functions it stores a tip and reads what a receipt opens. They run with the rights of their owner.

-- Whom a tip is sealed to: reviewers who still are some, and the recovery key.
CREATE VIEW tips_reader AS
SELECT key.id, key.public
FROM tips_readerkey AS key
LEFT JOIN accounts_user AS person ON person.id = key.user_id
WHERE key.status = 'active'
    AND (key.kind = 'recovery' OR (person.is_active AND 'detective' = ANY (person.roles)));

CREATE VIEW tips_agency AS
SELECT name, city, state, phone, tip_phone, tip_email, languages FROM accounts_agencyprofile WHERE id = 1;

CREATE VIEW tips_proof AS
SELECT max(at)::date AS passed_on FROM tips_anonymityproof WHERE passed;

CREATE VIEW tips_salt AS
SELECT salt FROM tips_intake;

-- Counts a tip in; whether more came within this minute than the budget. What is kept is a number and whether the minute was
-- an odd one, so that the database does not know when the last tip came. Called outside the tip's transaction: the row is locked for
-- a moment only, and no tip waits for another.
CREATE FUNCTION tips_count_in(minute smallint, budget integer) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp SET synchronous_commit = off AS $$
    UPDATE tips_intake SET slot = minute, spent = CASE WHEN slot = minute THEN spent + 1 ELSE 1 END
    RETURNING spent > budget;
$$;

-- The tip that a receipt opens. Unknown, expired and deleted are all the same to it: no row.
CREATE FUNCTION tips_opened(stored bytea)
RETURNS TABLE (tip uuid, case_key bytea, reply_secret bytea, status text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id, tips_tip.case_key, tips_tip.reply_secret, tips_tip.status, tips_tip.language
    FROM tips_tip WHERE receipt = stored;
$$;

-- The answers to it, still sealed; from now on a reviewer knows that they were fetched.
CREATE FUNCTION tips_answers(stored bytea) RETURNS TABLE (message uuid, sealed bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH fetched AS (
        UPDATE tips_message SET seen = true
        WHERE kind = 'reply' AND NOT seen AND tip_id = (SELECT id FROM tips_tip WHERE receipt = stored)
    )
    SELECT id, sealed_for_tipster FROM tips_message
    WHERE kind = 'reply' AND tip_id = (SELECT id FROM tips_tip WHERE receipt = stored)
    ORDER BY position;
$$;

-- A whole tip in one statement: all of it is there, or nothing. At least one reader has a copy of its key.
CREATE FUNCTION tips_store(
    tip uuid, channel text, language text, bucket timestamptz, quarantined boolean, sending uuid, case_key bytea,
    receipt bytea, reply_key bytea, reply_secret bytea, readers uuid[], copies bytea[],
    messages uuid[], kinds text[], contents bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF cardinality(readers) = 0 OR kinds[1] <> 'tip' OR NOT kinds[2:] <@ ARRAY['photo'] THEN
        RAISE EXCEPTION 'this is no tip' USING ERRCODE = 'check_violation';
    END IF;
    WITH told AS (
        INSERT INTO tips_tip (
            id, channel, language, received_at, quarantined, sending, case_key, receipt, reply_key, reply_secret
        )
        VALUES (tip, channel, language, bucket, quarantined, sending, case_key, receipt, reply_key, reply_secret)
    ), copied AS (
        INSERT INTO tips_keycopy (tip_id, reader_id, sealed)
        SELECT tip, reader, sealed FROM unnest(readers, copies) AS copy (reader, sealed)
    )
    INSERT INTO tips_message (id, tip_id, position, kind, sealed, received_at)
    SELECT message, tip, place, kind, sealed, bucket
    FROM unnest(messages, kinds, contents) WITH ORDINALITY AS part (message, kind, sealed, place);
END $$;

-- Adds to a tip that a receipt opened before: "added", "gone" where the tip is, "full" where it has had its fill, so that
-- nobody makes one tip endless. Its row is locked while positions are given.
CREATE FUNCTION tips_add(of_tip uuid, message uuid, kind_of text, content bytea, bucket timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last smallint;
BEGIN
    PERFORM FROM tips_tip WHERE id = of_tip FOR UPDATE;
    IF NOT FOUND OR kind_of NOT IN ('addition', 'photo') THEN
        RETURN 'gone';
    END IF;
    SELECT coalesce(max(position), 0) INTO last FROM tips_message WHERE tip_id = of_tip;
    IF last >= 200 AND NOT EXISTS (SELECT FROM tips_message WHERE id = message) THEN
        RETURN 'full';
    END IF;
    INSERT INTO tips_message (id, tip_id, position, kind, sealed, received_at)
    VALUES (message, of_tip, last + 1, kind_of, content, bucket)
    ON CONFLICT (id) DO NOTHING;
    RETURN 'added';
END $$;
