-- Those of one ending wait in quarantine again, but for what somebody did meanwhile and what was purged.
WITH again AS (
    UPDATE tips_tip SET status = 'new', outcome = '', closed_on = NULL
    WHERE status = 'not_actionable' AND outcome = 'flood' AND quarantined
        AND id IN (SELECT tip_id FROM tips_tipevent WHERE what = %(code)s)
    RETURNING id
), noted AS (
    INSERT INTO tips_tipevent (tip_id, by_id, what) SELECT id, %(by)s, 'in quarantine again' FROM again
)
SELECT count(*) FROM again
