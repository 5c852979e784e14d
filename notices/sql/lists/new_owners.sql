-- Places whose earlier owners are all gone and that have another one now.
SELECT DISTINCT ended.place_id FROM ended
WHERE EXISTS (SELECT FROM owned_now WHERE owned_now.place_id = ended.place_id)
    AND NOT EXISTS (
        SELECT FROM owned_before JOIN owned_now USING (place_id, owner_id) WHERE owned_before.place_id = ended.place_id
    )
