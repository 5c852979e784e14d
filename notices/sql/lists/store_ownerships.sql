WITH made AS (
    INSERT INTO notices_ownership (place_id, owner_id, parcel, source, valid)
    SELECT place_id, owner_id, parcel, %(source)s, daterange(%(day)s, NULL) FROM owned_now
    WHERE NOT EXISTS (
        SELECT FROM owned_before
        WHERE owned_before.place_id = owned_now.place_id AND owned_before.owner_id = owned_now.owner_id
    )
    RETURNING place_id
),
changed AS (
    UPDATE notices_ownership SET parcel = owned_now.parcel
    FROM owned_now JOIN owned_before USING (place_id, owner_id)
    WHERE notices_ownership.id = owned_before.id
        AND (owned_before.parcel <> owned_now.parcel OR owned_now.owner_id IN (SELECT id FROM changed_owner))
    RETURNING notices_ownership.id
)
SELECT
    (SELECT count(*) FROM made),
    (SELECT count(*) FROM changed),
    (SELECT count(*) FROM owned_now) - (SELECT count(*) FROM made) - (SELECT count(*) FROM changed)
