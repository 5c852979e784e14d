-- Numbered from west to east, so that a page of them lies together.
-- Of sources with a key only the rows that count have a location; of the others, equal rows have the same.
CREATE TEMP TABLE new_location AS
SELECT row_number() OVER (ORDER BY x, y, digest) AS number, digest, address_text, x, y, crs
FROM (
    SELECT digest, min(address_text) AS address_text, min(x) AS x, min(y) AS y, min(crs) AS crs
    FROM incoming_location AS l
    WHERE (%(numbered)s OR EXISTS (SELECT FROM arrived AS a WHERE a.location = l.digest AND NOT a.retracts))
      AND NOT EXISTS (SELECT FROM hotspots_location AS known WHERE known.digest = l.digest)
    GROUP BY digest
) AS distinct_location;
CREATE INDEX ON new_location (number);
