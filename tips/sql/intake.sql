-- What the intake process may do beside inserting a tip. Its role (scripts/database.sql) may read no table: only these
-- views, and through these functions only what a receipt opens. They run with the rights of their owner.

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
    WITH answers AS (
        UPDATE tips_message SET seen = true
        WHERE kind = 'reply' AND tip_id = (SELECT id FROM tips_tip WHERE receipt = stored)
        RETURNING id, position, sealed_for_tipster
    )
    SELECT id, sealed_for_tipster FROM answers ORDER BY position;
$$;

-- Adds to a tip that a receipt opened before; false where it is gone. The tip's row is locked while positions are given.
CREATE FUNCTION tips_add(of_tip uuid, message uuid, kind_of text, content bytea, bucket timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM tips_tip WHERE id = of_tip FOR UPDATE;
    IF NOT FOUND OR kind_of NOT IN ('addition', 'photo') THEN
        RETURN false;
    END IF;
    INSERT INTO tips_message (id, tip_id, position, kind, sealed, received_at)
    SELECT message, of_tip, coalesce(max(position), 0) + 1, kind_of, content, bucket
    FROM tips_message WHERE tip_id = of_tip
    ON CONFLICT (id) DO NOTHING;
    RETURN true;
END $$;
