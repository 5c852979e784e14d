INSERT INTO hotspots_retraction (source, source_id, match_key, occurred_from, description, batch_id)
SELECT %(source)s, source_id, match_key, occurred_from, description, %(batch)s
FROM arrived WHERE retracts
ON CONFLICT ON CONSTRAINT retraction_of_source_once DO NOTHING;
