-- The places that a run scores: identity, size, beat and midpoint in degrees.
SELECT
    id,
    COALESCE(length_m, area_m2, 1) AS size,
    COALESCE(beat_id, 0) AS beat_id,
    ST_X(midpoint) AS longitude,
    ST_Y(midpoint) AS latitude
FROM hotspots_place
WHERE
    kind = %(kind)s
    AND retired_on IS NULL
    AND (%(beat_id)s::bigint IS NULL OR beat_id = %(beat_id)s::bigint)
ORDER BY id
