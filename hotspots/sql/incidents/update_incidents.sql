-- Rows whose source says something else than before, unless what is stored is of a higher revision.
CREATE TEMP TABLE outdated AS
SELECT e.id, e.match_key AS old_match_key, a.*
FROM arrived AS a
JOIN hotspots_incident AS e ON e.source = %(source)s AND e.source_id = a.source_id
WHERE NOT a.retracts AND e.digest <> a.digest AND e.revision <= a.revision;

ANALYZE outdated;

UPDATE hotspots_incident AS e
SET digest = o.digest, match_key = o.match_key, revision = o.revision, offense_id = o.offense, local_code = o.code,
    description = o.description, occurred_from = o.occurred_from, occurred_to = o.occurred_to, reported_at = o.reported_at,
    location_id = l.id, batch_id = %(batch)s
FROM outdated AS o JOIN hotspots_location AS l ON l.digest = o.location
WHERE e.id = o.id;
