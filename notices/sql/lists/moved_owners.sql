-- An owner of the same name at the same property whose mail goes elsewhere now is the owner that was known, moved: they
-- keep what they asked for. One new address for each, and only where the list no longer has the old one.
WITH moved AS (
    SELECT DISTINCT ON (owner.id) owner.id, listed.key
    FROM listed_owner AS listed
    JOIN listed_place USING (line)
    JOIN notices_ownership AS ownership ON ownership.place_id = listed_place.place_id
        AND ownership.source = %(source)s AND upper_inf(ownership.valid)
    JOIN notices_owner AS owner ON owner.id = ownership.owner_id AND owner.source = %(source)s
        AND upper(owner.name) = upper(listed.name)
    WHERE NOT EXISTS (SELECT FROM notices_owner WHERE source = %(source)s AND source_id = listed.key)
        AND NOT EXISTS (SELECT FROM listed_owner AS other WHERE other.key = owner.source_id)
    ORDER BY owner.id, listed.line
),
one_each AS (
    SELECT DISTINCT ON (key) id, key FROM moved ORDER BY key, id
)
UPDATE notices_owner AS owner SET source_id = one_each.key FROM one_each WHERE owner.id = one_each.id
