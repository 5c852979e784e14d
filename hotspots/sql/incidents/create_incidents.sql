-- In the order of occurrence, so that the index of windows and the table grow at their ends.
INSERT INTO hotspots_incident (
    source, source_id, digest, match_key, revision, offense_id, local_code, description, occurred_from, occurred_to,
    reported_at, location_id, retraction_id, batch_id
)
SELECT
    %(source)s, a.source_id, a.digest, a.match_key, a.revision, a.offense, a.code, a.description, a.occurred_from,
    a.occurred_to, a.reported_at, l.id, p.new, %(batch)s
FROM arrived AS a
JOIN hotspots_location AS l ON l.digest = a.location
LEFT JOIN paired AS p ON p.id IS NULL AND p.source_id = a.source_id
WHERE NOT a.retracts
  AND NOT EXISTS (SELECT FROM hotspots_incident AS e WHERE e.source = %(source)s AND e.source_id = a.source_id)
ORDER BY a.occurred_from, a.source_id;
