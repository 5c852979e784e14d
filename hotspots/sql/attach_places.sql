-- Give every address its block (of the same street and number range first, else the nearest) and its complex, and
-- every place its beat: a block by its midpoint, a complex by a point on it. The smaller of two that overlap wins.
WITH pointed AS (
    SELECT
        id,
        kind,
        street,
        number_low,
        CASE kind
            WHEN 'block' THEN ST_LineInterpolatePoint(geometry, 0.5)
            WHEN 'complex' THEN ST_PointOnSurface(geometry)
            ELSE geometry
        END AS point
    FROM hotspots_place
    WHERE retired_on IS NULL
),

attached AS (
    SELECT
        pointed.id,
        COALESCE(same_street.id, nearest.id) AS block_id,
        within.id AS complex_id,
        beat.id AS beat_id
    FROM pointed
    LEFT JOIN LATERAL (SELECT ST_Transform(pointed.point, %(srid)s) AS point OFFSET 0) AS metric
        ON pointed.kind = 'address'
    LEFT JOIN LATERAL (
        SELECT block_line.id
        FROM block_line
        WHERE
            block_line.street = pointed.street
            AND pointed.street <> ''
            AND ST_DWithin(block_line.line, metric.point, %(same_street_m)s)
        ORDER BY
            COALESCE(pointed.number_low BETWEEN block_line.number_low AND block_line.number_high, FALSE) DESC,
            block_line.line <-> metric.point,
            block_line.id
        LIMIT 1
    ) AS same_street ON TRUE
    LEFT JOIN LATERAL (
        SELECT near.id
        FROM (
            SELECT id, line FROM block_line WHERE same_street.id IS NULL ORDER BY line <-> metric.point LIMIT 1
        ) AS near
        WHERE ST_DWithin(near.line, metric.point, %(near_m)s)
    ) AS nearest ON TRUE
    LEFT JOIN LATERAL (
        SELECT complex_part.id
        FROM complex_part
        WHERE pointed.kind = 'address' AND ST_Intersects(complex_part.part, pointed.point)
        ORDER BY complex_part.size, complex_part.id
        LIMIT 1
    ) AS within ON TRUE
    LEFT JOIN LATERAL (
        SELECT beat_part.id
        FROM beat_part
        WHERE ST_Intersects(beat_part.part, pointed.point)
        ORDER BY beat_part.size, beat_part.id
        LIMIT 1
    ) AS beat ON TRUE
)

UPDATE hotspots_place AS place
SET block_id = attached.block_id, complex_id = attached.complex_id, beat_id = attached.beat_id
FROM attached
WHERE
    place.id = attached.id
    AND (place.block_id, place.complex_id, place.beat_id)
    IS DISTINCT FROM (attached.block_id, attached.complex_id, attached.beat_id)
