-- How many of the rows that were taken in lie on no place.
SELECT coalesce(sum(a.rows), 0)
FROM arrived AS a JOIN hotspots_location AS l ON l.digest = a.location
WHERE NOT a.retracts AND l.block_id IS NULL AND l.address_id IS NULL AND l.complex_id IS NULL;
