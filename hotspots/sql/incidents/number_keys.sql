-- Sources with a key: of the rows of one key the highest revision stands, then the later file, then the earlier line.
-- Other content under the same key, in the same file and revision, is rejected for the line that came first.
CREATE TEMP TABLE incoming_repeat AS
WITH repeated AS (
    SELECT retracts, key FROM incoming GROUP BY retracts, key HAVING count(*) > 1
), compared AS (
    SELECT
        i.ctid AS row, retracts, key, file, line, revision, digest,
        first_value(digest) OVER one_file AS first_digest,
        first_value(line) OVER one_file AS first_line
    FROM incoming AS i JOIN repeated USING (retracts, key)
    WINDOW one_file AS (PARTITION BY retracts, key, file, revision ORDER BY line)
), judged AS (
    SELECT *, CASE WHEN digest <> first_digest THEN first_line END AS rejected_for_line FROM compared
)
SELECT
    row, 1::bigint AS number, rejected_for_line,
    row_number() OVER (
        PARTITION BY retracts, key, rejected_for_line IS NULL ORDER BY revision DESC, file DESC, line
    ) AS turn,
    count(*) OVER (PARTITION BY retracts, key, rejected_for_line IS NULL) AS rows
FROM judged;
