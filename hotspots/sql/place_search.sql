-- The places that a few typed words mean, the likeliest first.
-- A block also answers to the house numbers on it ("412 maple" finds the 400 block of Maple Ave).
WITH found AS (
    SELECT
        id, name, kind, street, number_low, geometry,
        CASE
            WHEN lower(name) = lower(%(text)s) THEN 0
            -- A block is often named by its cross streets too: its own street comes first.
            WHEN (name ~* %(words)s OR name ~* %(standard_words)s)
                AND (kind <> 'block' OR street ~* %(street_words)s) THEN 1
            WHEN kind = 'block' AND %(number)s BETWEEN number_low AND number_high THEN 2
            WHEN name ~* %(words)s OR name ~* %(standard_words)s THEN 3
            WHEN name ILIKE %(pattern)s OR name ILIKE %(standard_pattern)s THEN 4
            ELSE 5
        END AS grade
    FROM hotspots_place
    WHERE retired_on IS NULL
        AND kind = ANY (%(kinds)s)
        AND (
            name ILIKE %(pattern)s
            OR name ILIKE %(standard_pattern)s
            OR %(text)s <%% name
            OR (
                kind = 'block' AND %(number)s BETWEEN number_low AND number_high
                AND street LIKE %(street_pattern)s
            )
        )
),
ranked AS (
    SELECT
        *,
        row_number() OVER (
            ORDER BY
                grade,
                CASE WHEN grade = 5 THEN -word_similarity(%(text)s, name) END,
                array_position(ARRAY['complex', 'block', 'address'], kind::text),
                street = '', street, number_low NULLS FIRST, name, id
        ) AS place_in_list
    FROM found
)
SELECT
    id, name, kind,
    ST_XMin(geometry), ST_YMin(geometry), ST_XMax(geometry), ST_YMax(geometry),
    ST_X(middle), ST_Y(middle)
FROM ranked
CROSS JOIN LATERAL (
    SELECT CASE kind
        WHEN 'block' THEN ST_LineInterpolatePoint(ST_GeometryN(geometry, 1), 0.5)
        ELSE ST_PointOnSurface(geometry)
    END AS middle
) AS point
WHERE place_in_list <= %(limit)s
ORDER BY place_in_list
