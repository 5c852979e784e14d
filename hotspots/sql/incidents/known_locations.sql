SELECT id, digest, address_text, ST_X(reported) AS x, ST_Y(reported) AS y, problem
FROM hotspots_location
WHERE placed_by_id IS NULL AND id > %(last)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
ORDER BY id
LIMIT %(page)s
