-- What a row is about: the place whose identifier it gives, else the one that has its parcel for identifier, else the
-- address with that unit, else the building. A row that names several units by one parcel is about each of them.
ANALYZE listed_owner;
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT listed.line, place.id AS place_id, 1 AS turn
FROM listed_owner AS listed JOIN hotspots_place AS place
    ON place.source_id = listed.place AND place.kind IN ('address', 'complex') AND place.retired_on IS NULL
WHERE listed.place <> ''
UNION ALL
SELECT listed.line, place.id, 2
FROM listed_owner AS listed JOIN hotspots_place AS place
    ON place.kind = 'address' AND place.retired_on IS NULL AND place.street = listed.street
    AND place.number_low = listed.number AND upper(place.unit) = upper(listed.unit)
UNION ALL
SELECT listed.line, place.id, 3
FROM listed_owner AS listed JOIN hotspots_place AS place
    ON place.kind = 'address' AND place.retired_on IS NULL AND place.street = listed.street
    AND place.number_low = listed.number AND place.unit = ''
WHERE listed.unit <> ''
UNION ALL
SELECT listed.line, place.id, 4
FROM listed_owner AS listed JOIN hotspots_place AS place
    ON place.source_id = listed.parcel AND place.kind = 'complex' AND place.retired_on IS NULL
WHERE listed.parcel <> '';
INSERT INTO listed_place (line, place_id)
SELECT DISTINCT line, place_id FROM found JOIN (SELECT line, min(turn) AS turn FROM found GROUP BY line) AS best USING (line, turn);
ANALYZE listed_place;
INSERT INTO rejected (line, reason)
SELECT line, 'The city has no such address or parcel.' FROM listed_owner
WHERE NOT EXISTS (SELECT FROM listed_place WHERE listed_place.line = listed_owner.line)
