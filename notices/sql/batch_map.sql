-- The streets and complexes on the ground around the area that a batch covers, in degrees. Blocks of one street
-- are one line, apart for those that lie mostly within the area.
WITH area AS (
    SELECT ST_GeomFromEWKB(%(area)s) AS outline
), flat AS (
    SELECT outline, ST_Transform(outline, %(srid)s) AS there FROM area
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
SELECT 'street', name, own, ST_AsBinary(ST_LineMerge(ST_Collect(geometry))) FROM shown WHERE kind = 'block' GROUP BY name, own
UNION ALL
SELECT 'complex', name, FALSE, ST_AsBinary(geometry) FROM shown WHERE kind = 'complex'
ORDER BY 1, 2, 3, 4
