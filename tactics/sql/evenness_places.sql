-- Incidents, stops and contacts on each place of a hot spot. A record without a place of its own is at the nearest of
-- these places within 100 m of where it was logged; what cannot be placed is in the row whose place is NULL.
WITH counted AS (
    SELECT CASE
        WHEN location.block_id = ANY(%(places)s) THEN location.block_id
        WHEN location.address_id = ANY(%(places)s) THEN location.address_id
        ELSE location.complex_id
    END AS place, 1 AS incidents, 0 AS stops, 0 AS contacts
    FROM hotspots_incident AS incident
    JOIN hotspots_location AS location ON location.id = incident.location_id
    JOIN hotspots_offense AS offense ON offense.code = incident.offense_id
    WHERE incident.retraction_id IS NULL
        AND NOT offense.enforcement_generated
        AND incident.occurred_from >= %(since)s AND incident.occurred_from < %(until)s
        AND (location.block_id = ANY(%(places)s) OR location.address_id = ANY(%(places)s) OR location.complex_id = ANY(%(places)s))
    UNION ALL
    SELECT coalesce(own.id, nearest.id), 0, (activity.kind = ANY(%(stops)s))::int, (activity.kind = ANY(%(contacts)s))::int
    FROM tactics_activity AS activity
    LEFT JOIN hotspots_place AS own ON own.id = activity.place_id AND own.id = ANY(%(places)s)
    LEFT JOIN LATERAL (
        SELECT place.id
        FROM hotspots_place AS place
        WHERE place.id = ANY(%(places)s) AND ST_DWithin(place.geometry::geography, activity.point::geography, 100)
        ORDER BY place.geometry <-> activity.point
        LIMIT 1
    ) AS nearest ON own.id IS NULL
    WHERE activity.voided_at IS NULL
        AND activity.hot_spot_id = %(hot_spot)s
        AND activity.kind = ANY(%(stops)s || %(contacts)s)
        AND activity.started_at >= %(since)s AND activity.started_at < %(until)s
)
SELECT counted.place, place.name, sum(incidents)::int, sum(stops)::int, sum(contacts)::int
FROM counted
LEFT JOIN hotspots_place AS place ON place.id = counted.place
GROUP BY counted.place, place.name
ORDER BY sum(incidents) DESC, place.name
