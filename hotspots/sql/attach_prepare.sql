-- What places are attached to, measured in metres and indexed, for this transaction.
CREATE TEMP TABLE block_line ON COMMIT DROP AS
SELECT
    id,
    street,
    ST_Transform(geometry, %(srid)s) AS line,
    -- a range made from addresses must not decide which addresses make it
    CASE WHEN source_name = '' THEN number_low END AS number_low,
    CASE WHEN source_name = '' THEN number_high END AS number_high
FROM hotspots_place
WHERE kind = 'block' AND retired_on IS NULL;

CREATE TEMP TABLE beat_part ON COMMIT DROP AS
SELECT
    id,
    ST_Area(geometry) AS size,
    ST_Subdivide(geometry, 64) AS part
FROM hotspots_area
WHERE kind = 'beat' AND valid @> %(today)s::date;

CREATE TEMP TABLE complex_part ON COMMIT DROP AS
SELECT
    id,
    area_m2 AS size,
    ST_Subdivide(geometry, 64) AS part
FROM hotspots_place
WHERE kind = 'complex' AND retired_on IS NULL;

CREATE INDEX ON block_line USING gist (line);
CREATE INDEX ON block_line (street);
CREATE INDEX ON beat_part USING gist (part);
CREATE INDEX ON complex_part USING gist (part);
ANALYZE block_line, beat_part, complex_part;
