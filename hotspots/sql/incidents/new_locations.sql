CREATE TEMP TABLE new_location AS
SELECT row_number() OVER () AS number, digest, address_text, x, y, crs
FROM (
    SELECT DISTINCT ON (l.digest) l.digest, l.address_text, l.x, l.y, l.crs
    FROM incoming_location AS l
    WHERE EXISTS (SELECT FROM arrived AS a WHERE a.location = l.digest AND NOT a.retracts)
      AND NOT EXISTS (SELECT FROM hotspots_location AS known WHERE known.digest = l.digest)
    ORDER BY l.digest, l.address_text
) AS distinct_location;
CREATE INDEX ON new_location (number);
