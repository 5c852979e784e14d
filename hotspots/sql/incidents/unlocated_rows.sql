-- How many of the rows that were taken in lie on no place.
SELECT coalesce(sum(a.rows), 0)
FROM arrived AS a
WHERE NOT a.retracts AND a.location IN (
    SELECT digest FROM hotspots_location WHERE block_id IS NULL AND address_id IS NULL AND complex_id IS NULL
);
