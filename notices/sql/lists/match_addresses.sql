-- A row may be several places, where two sources know of the same address; a place gets the first row that names it.
ANALYZE listed_address;
INSERT INTO listed_place (line, place_id)
SELECT DISTINCT ON (place.id) listed.line, place.id
FROM listed_address AS listed
JOIN hotspots_place AS place ON place.kind = 'address' AND place.retired_on IS NULL
    AND place.street = listed.street AND place.number_low = listed.number AND upper(place.unit) = upper(listed.unit)
ORDER BY place.id, listed.line;
ANALYZE listed_place;
INSERT INTO rejected (line, reason)
SELECT listed.line, CASE
    WHEN EXISTS (
        SELECT FROM listed_address AS other
        WHERE other.street = listed.street AND other.number = listed.number
            AND upper(other.unit) = upper(listed.unit) AND other.line < listed.line
    ) THEN 'The address is in the list twice; its first row counts.'
    ELSE 'The city has no such address.'
END
FROM listed_address AS listed
WHERE NOT EXISTS (SELECT FROM listed_place WHERE listed_place.line = listed.line)
