-- What the list says beside what held until now.
CREATE TEMP TABLE owned_now ON COMMIT DROP AS
SELECT listed_place.place_id, owner.id AS owner_id, min(listed.parcel) AS parcel
FROM listed_owner AS listed
JOIN listed_place USING (line)
JOIN notices_owner AS owner ON owner.source = %(source)s AND owner.source_id = listed.key
GROUP BY listed_place.place_id, owner.id;
CREATE TEMP TABLE owned_before ON COMMIT DROP AS
SELECT id, place_id, owner_id, parcel FROM notices_ownership
WHERE source = %(source)s AND upper_inf(valid) AND lower(valid) <= %(day)s;
CREATE TEMP TABLE ended ON COMMIT DROP AS
SELECT id, place_id, owner_id FROM owned_before
WHERE NOT EXISTS (
    SELECT FROM owned_now WHERE owned_now.place_id = owned_before.place_id AND owned_now.owner_id = owned_before.owner_id
)
