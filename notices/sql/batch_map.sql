-- The area that a batch covers, and the streets and complexes on the ground around it, in degrees. Blocks of one street
-- are one line, apart for those that lie mostly within the area.
WITH covered AS (
    SELECT COALESCE(
        %(shape)s::geometry,
        (SELECT geometry FROM hotspots_place WHERE id = %(around)s),
        (
            SELECT
                CASE
                    WHEN %(distance)s::integer IS NULL THEN geometry
                    ELSE ST_Transform(ST_Buffer(ST_Transform(geometry, %(srid)s), %(distance)s::integer), 4326)
                END
            FROM hotspots_hotspotboundary
            WHERE hot_spot_id = %(hot_spot)s
            -- That of the day; a hot spot that starts later has its first one.
            ORDER BY valid @> %(day)s::date DESC, lower(valid) LIMIT 1
        )
    ) AS outline
), flat AS (
    SELECT outline, ST_Transform(outline, %(srid)s) AS there FROM covered
), reach AS (
    SELECT
        outline,
        ST_Transform(
            ST_Expand(
                ST_Envelope(there),
                GREATEST(ST_XMax(there) - ST_XMin(there), ST_YMax(there) - ST_YMin(there), %(least_m)s) * %(proportion)s
            ),
            4326
        ) AS frame
    FROM flat
), shown AS (
    SELECT
        place.kind,
        CASE place.kind
            WHEN 'complex' THEN place.name
            ELSE split_part(regexp_replace(place.name, '^.* block of ', ''), ', ', 1)
        END AS name,
        place.kind = 'block'
            AND ST_Length(ST_Intersection(place.geometry, reach.outline)) >= 0.5 * ST_Length(place.geometry) AS own,
        place.geometry
    FROM reach
    JOIN hotspots_place AS place ON place.geometry && reach.frame
        AND place.kind IN ('block', 'complex')
        AND place.retired_on IS NULL
)
SELECT 'outline', '', FALSE, ST_AsBinary(outline) FROM reach WHERE outline IS NOT NULL
UNION ALL
SELECT 'street', name, own, ST_AsBinary(ST_LineMerge(ST_Collect(geometry))) FROM shown WHERE kind = 'block' GROUP BY name, own
UNION ALL
SELECT 'complex', name, FALSE, ST_AsBinary(geometry) FROM shown WHERE kind = 'complex'
ORDER BY 1, 2, 3, 4
