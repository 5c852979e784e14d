-- Incidents, stops and contacts of each hot spot, in its boundary of the day, and (NULL) outside any.
-- An incident in two hot spots counts in both.
SELECT counted.hot_spot, spot.name, sum(incidents)::int, sum(stops)::int, sum(contacts)::int
FROM (
    SELECT boundary.hot_spot_id AS hot_spot, 1 AS incidents, 0 AS stops, 0 AS contacts
    FROM hotspots_incident AS incident
    JOIN hotspots_location AS location ON location.id = incident.location_id
    JOIN hotspots_offense AS offense ON offense.code = incident.offense_id
    LEFT JOIN LATERAL (
        SELECT DISTINCT boundary.hot_spot_id
        FROM hotspots_hotspotboundary_places AS part
        JOIN hotspots_hotspotboundary AS boundary ON boundary.id = part.hotspotboundary_id
        WHERE part.place_id IN (location.block_id, location.address_id, location.complex_id)
            AND boundary.valid @> (incident.occurred_from AT TIME ZONE %(zone)s)::date
    ) AS boundary ON true
    WHERE incident.retraction_id IS NULL
        AND NOT offense.enforcement_generated
        AND (location.block_id IS NOT NULL OR location.address_id IS NOT NULL OR location.complex_id IS NOT NULL)
        AND incident.occurred_from >= %(since)s AND incident.occurred_from < %(until)s
    UNION ALL
    SELECT hot_spot_id, 0, (kind = ANY(%(stops)s))::int, (kind = ANY(%(contacts)s))::int
    FROM tactics_activity
    WHERE voided_at IS NULL
        AND kind = ANY(%(stops)s || %(contacts)s)
        AND started_at >= %(since)s AND started_at < %(until)s
) AS counted
LEFT JOIN hotspots_hotspot AS spot ON spot.id = counted.hot_spot
GROUP BY counted.hot_spot, spot.name
ORDER BY counted.hot_spot IS NULL, sum(incidents) DESC, spot.name
