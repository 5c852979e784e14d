-- Incidents on the places of each hot spot by category: when they were in the week before, how many of those the last
-- briefing did not know, and how many there were in the weeks before that. Offenses that tell of a victim are left out.
-- An incident on a block and at an address of the same hot spot counts once.
WITH place AS (
    SELECT boundary.hot_spot_id, of_boundary.place_id
    FROM hotspots_hotspotboundary AS boundary
    JOIN hotspots_hotspotboundary_places AS of_boundary ON of_boundary.hotspotboundary_id = boundary.id
    WHERE boundary.hot_spot_id = ANY(%(hot_spots)s) AND boundary.valid @> %(day)s::date
), location AS (
    SELECT place.hot_spot_id, location.id
    FROM place JOIN hotspots_location AS location ON location.block_id = place.place_id
    UNION
    SELECT place.hot_spot_id, location.id
    FROM place JOIN hotspots_location AS location ON location.address_id = place.place_id
    UNION
    SELECT place.hot_spot_id, location.id
    FROM place JOIN hotspots_location AS location ON location.complex_id = place.place_id
)
SELECT
    location.hot_spot_id,
    offense.category,
    array_agg(incident.occurred_from ORDER BY incident.occurred_from)
        FILTER (WHERE incident.occurred_from >= %(since)s) AS starts,
    array_agg(incident.occurred_to ORDER BY incident.occurred_from)
        FILTER (WHERE incident.occurred_from >= %(since)s) AS ends,
    count(*) FILTER (WHERE incident.occurred_from >= %(since)s AND batch.finished_at > %(known_at)s) AS new,
    count(*) FILTER (WHERE incident.occurred_from < %(since)s) AS before
FROM location
JOIN hotspots_incident AS incident ON incident.location_id = location.id
JOIN hotspots_offense AS offense ON offense.code = incident.offense_id
JOIN hotspots_importbatch AS batch ON batch.id = incident.batch_id
WHERE incident.occurred_from >= %(before)s
    AND incident.occurred_from < %(until)s
    AND incident.retraction_id IS NULL
    AND NOT offense.victim_sensitive
GROUP BY location.hot_spot_id, offense.category
ORDER BY location.hot_spot_id, offense.category
