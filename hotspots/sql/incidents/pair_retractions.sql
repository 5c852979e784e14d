-- The first retraction of a match key takes back the first incident of that key, the second the second, and so on.
-- Worked out anew for every key that this import touches, so it does not matter which came first. Incidents that are
-- still to be created have no id and are given theirs as they are.
CREATE TEMP TABLE touched AS
SELECT DISTINCT match_key FROM hotspots_retraction
WHERE source = %(source)s
  AND match_key IN (SELECT match_key FROM arrived UNION ALL SELECT old_match_key FROM outdated);
ANALYZE touched;

CREATE TEMP TABLE paired AS
WITH ranked_retraction AS (
    SELECT id, match_key, row_number() OVER (PARTITION BY match_key ORDER BY source_id) AS rank
    FROM hotspots_retraction JOIN touched USING (match_key) WHERE source = %(source)s
), incident AS (
    SELECT id, source_id, match_key, retraction_id
    FROM hotspots_incident JOIN touched USING (match_key) WHERE source = %(source)s
    UNION ALL
    SELECT NULL, a.source_id, a.match_key, NULL
    FROM arrived AS a JOIN touched USING (match_key)
    WHERE NOT a.retracts
      AND NOT EXISTS (SELECT FROM hotspots_incident AS e WHERE e.source = %(source)s AND e.source_id = a.source_id)
), ranked_incident AS (
    SELECT *, row_number() OVER (PARTITION BY match_key ORDER BY source_id) AS rank FROM incident
    UNION ALL  -- moved off a key by an update
    SELECT e.id, e.source_id, NULL, e.retraction_id, 0 FROM hotspots_incident AS e JOIN outdated AS o ON o.id = e.id
    WHERE e.retraction_id IS NOT NULL AND e.match_key IS DISTINCT FROM o.old_match_key
)
SELECT i.id, i.source_id, i.retraction_id AS old, max(r.id) AS new
FROM ranked_incident AS i LEFT JOIN ranked_retraction AS r USING (match_key, rank)
GROUP BY i.id, i.source_id, i.retraction_id
HAVING i.retraction_id IS DISTINCT FROM max(r.id);
ANALYZE paired;

-- A retraction is given once, so it is taken off before it is given on.
UPDATE hotspots_incident AS e SET retraction_id = NULL FROM paired AS p WHERE e.id = p.id AND p.old IS NOT NULL;
