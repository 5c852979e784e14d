INSERT INTO hotspots_reject (batch_id, file, line, reason, row)
SELECT %(batch)s, left(f.name, 200), r.line, left(r.reason, 300), r.content
FROM incoming_reject AS r JOIN incoming_file AS f USING (file)
ORDER BY r.file, r.line;
