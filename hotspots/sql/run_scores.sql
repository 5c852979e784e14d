-- The scores of a run with the places they are of, from the first rank down.
SELECT
    place.id AS place_id,
    place.source_id,
    place.name,
    COALESCE(place.length_m, place.area_m2) AS size,
    score.count,
    score.risk_count,
    score.harm,
    score.rank,
    score.share,
    score.z,
    score.q,
    CASE WHEN %(with_geometry)s THEN ENCODE(ST_AsBinary(place.geometry), 'hex') END AS geometry
FROM hotspots_score AS score
JOIN hotspots_place AS place ON place.id = score.place_id
WHERE score.run_id = %(run_id)s
ORDER BY score.rank
