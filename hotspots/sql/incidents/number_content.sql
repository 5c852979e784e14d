-- Sources without a key: equal rows of one file are separate crimes and are numbered; the same row in a second file is
-- the same crime again. `turn` 1 is the row that counts, for so many `rows`. Rows that occur once
-- are not listed: all three are 1.
CREATE TEMP TABLE incoming_repeat AS
WITH repeated AS (
    SELECT retracts, key FROM incoming GROUP BY retracts, key HAVING count(*) > 1
), numbered AS (
    SELECT
        i.ctid AS row, retracts, key, file,
        row_number() OVER (PARTITION BY retracts, key, file ORDER BY line) AS number
    FROM incoming AS i JOIN repeated USING (retracts, key)
)
SELECT
    row, number, NULL::bigint AS rejected_for_line,
    row_number() OVER (PARTITION BY retracts, key, number ORDER BY file) AS turn,
    count(*) OVER (PARTITION BY retracts, key, number) AS rows
FROM numbered;
