INSERT INTO incoming_reject (file, line, reason, content)
SELECT
    i.file, i.line,
    'line ' || r.rejected_for_line || ' has the same ' || %(key_names)s || ' (' || left(i.key, 80) || ') with other content', ''
FROM incoming_repeat AS r JOIN incoming AS i ON i.ctid = r.row
WHERE r.rejected_for_line IS NOT NULL;
