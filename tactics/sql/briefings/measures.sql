-- Measures that are reported, overdue or due soon, at the places of each hot spot: on the place, at its addresses, or on a complex that it
-- or addresses of it are part of (as Measure.objects.at_places). The most urgent first.
WITH place AS (
    SELECT boundary.hot_spot_id, place.id, place.complex_id
    FROM hotspots_hotspotboundary AS boundary
    JOIN hotspots_hotspotboundary_places AS of_boundary ON of_boundary.hotspotboundary_id = boundary.id
    JOIN hotspots_place AS place ON place.id = of_boundary.place_id
    WHERE boundary.hot_spot_id = ANY(%(hot_spots)s) AND boundary.valid @> %(day)s::date
), part AS (
    SELECT hot_spot_id, id FROM place
    UNION
    SELECT hot_spot_id, complex_id FROM place WHERE complex_id IS NOT NULL
    UNION
    SELECT place.hot_spot_id, address.id FROM place JOIN hotspots_place AS address ON address.block_id = place.id
    UNION
    SELECT place.hot_spot_id, address.id FROM place JOIN hotspots_place AS address ON address.complex_id = place.id
    UNION
    SELECT place.hot_spot_id, address.complex_id
    FROM place JOIN hotspots_place AS address ON address.block_id = place.id
    WHERE address.complex_id IS NOT NULL
)
SELECT part.hot_spot_id, measure.title, measure.kind, measure.party, measure.status, measure.due_on
FROM part JOIN tactics_measure AS measure ON measure.place_id = part.id
WHERE measure.status IN ('reported', 'open') AND (measure.status = 'reported' OR measure.due_on <= %(due_until)s)
ORDER BY part.hot_spot_id, COALESCE(measure.due_on < %(day)s, FALSE) DESC, measure.status = 'reported' DESC, measure.due_on, measure.title
