-- The rows that count, for how many `rows` of the files, each under the identifier that it has in its source.
CREATE TEMP VIEW arrived AS
SELECT
    i.key || CASE WHEN %(numbered)s THEN '-' || coalesce(r.number, 1) ELSE '' END AS source_id,
    i.retracts, i.digest, i.match_key, i.location, i.offense, i.code, i.description,
    i.occurred_from, i.occurred_to, i.reported_at, i.revision, coalesce(r.rows, 1) AS rows
FROM incoming AS i LEFT JOIN incoming_repeat AS r ON r.row = i.ctid
WHERE r.row IS NULL OR (r.turn = 1 AND r.rejected_for_line IS NULL);
