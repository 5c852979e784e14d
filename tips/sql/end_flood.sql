-- What waits in quarantine is found to be a flood: in one statement, however many there are. The event's code undoes it.
WITH ended AS (
    UPDATE tips_tip SET status = 'not_actionable', outcome = 'flood', closed_on = %(today)s
    WHERE quarantined AND status = 'new' AND (received_at = %(bucket)s OR id = ANY (%(chosen)s::uuid[]))
    RETURNING id
), noted AS (
    INSERT INTO tips_tipevent (tip_id, by_id, what) SELECT id, %(by)s, %(code)s FROM ended
)
SELECT count(*) FROM ended
