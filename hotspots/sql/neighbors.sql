-- The places of the same kind nearest to one, with meters between them and their counts in a run.
-- The index puts candidates in order by degrees; meters decide among those.
SELECT candidate.id, candidate.name, apart.meters, score.count, score.risk_count
FROM hotspots_place AS here
CROSS JOIN LATERAL (
    SELECT id, name, geometry
    FROM hotspots_place
    WHERE kind = here.kind AND retired_on IS NULL AND id <> here.id
    ORDER BY geometry <-> here.geometry
    LIMIT 3 * %(most)s
) AS candidate
CROSS JOIN LATERAL (
    SELECT ST_Distance(ST_Transform(candidate.geometry, %(srid)s), ST_Transform(here.geometry, %(srid)s)) AS meters
) AS apart
LEFT JOIN hotspots_score AS score ON score.place_id = candidate.id AND score.run_id = %(run)s
WHERE here.id = %(place)s
ORDER BY apart.meters, candidate.id
LIMIT %(most)s
