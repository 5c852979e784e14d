-- The places that a run scores: identity, size, beat, and a point in metres (a block by its midpoint).
-- OFFSET 0: project once for each place, not once for each column.
SELECT id, size, beat_id, ST_X(middle) AS x, ST_Y(middle) AS y
FROM (
    SELECT
        id,
        size,
        beat_id,
        CASE GeometryType(metric)
            WHEN 'LINESTRING' THEN ST_LineInterpolatePoint(metric, 0.5) ELSE ST_Centroid(metric)
        END AS middle
    FROM (
        SELECT
            id,
            COALESCE(length_m, area_m2, 1) AS size,
            COALESCE(beat_id, 0) AS beat_id,
            ST_Transform(geometry, %(srid)s) AS metric
        FROM hotspots_place
        WHERE
            kind = %(kind)s
            AND retired_on IS NULL
            AND (%(beat_id)s::bigint IS NULL OR beat_id = %(beat_id)s::bigint)
        OFFSET 0
    ) AS projected
    OFFSET 0
) AS pointed
ORDER BY id
