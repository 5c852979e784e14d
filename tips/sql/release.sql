-- Out of quarantine: new tips like any other.
WITH released AS (
    UPDATE tips_tip SET quarantined = false
    WHERE quarantined AND status = 'new' AND id = ANY (%(chosen)s::uuid[])
    RETURNING id
), noted AS (
    INSERT INTO tips_tipevent (tip_id, by_id, what) SELECT id, %(by)s, 'out of quarantine' FROM released
)
SELECT count(*) FROM released
