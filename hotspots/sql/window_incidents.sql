-- The incidents of three windows, each with the place it lies on, in one pass over the index incident_window.
-- Only the spans that the windows cover are read: `recent` (this window and the one just before) and what of the window
-- a year ago lies before that; so the time does not grow with the table.
-- They are not counted here: the numbers of a hundred thousand rows are grouped faster where they are used.
-- place_id: the place of this kind; 0: located, but on no place of this kind; -1: not located.
-- windows: 1 in the window itself, 2 in the one just before, 4 in the one a year ago, added up.
SELECT
    COALESCE(place_id, CASE WHEN lies_on IS NULL THEN -1 ELSE 0 END) AS place_id,
    offense_id,
    CASE
        WHEN occurred_from >= %(now_from)s THEN 1
        WHEN occurred_from >= %(before_from)s THEN 2
        ELSE 0
    END + CASE WHEN occurred_from >= %(year_ago_from)s AND occurred_from < %(year_ago_to)s THEN 4 ELSE 0 END AS windows
FROM (
    SELECT occurred_from, location_id, offense_id
    FROM hotspots_incident
    WHERE retraction_id IS NULL AND occurred_from >= %(before_from)s AND occurred_from < %(now_to)s
    UNION ALL
    SELECT occurred_from, location_id, offense_id
    FROM hotspots_incident
    WHERE retraction_id IS NULL AND occurred_from >= %(past_from)s AND occurred_from < %(past_to)s
) AS incident
JOIN (
    SELECT
        id,
        CASE %(kind)s WHEN 'block' THEN block_id WHEN 'address' THEN address_id ELSE complex_id END AS place_id,
        COALESCE(
            CASE %(kind)s WHEN 'block' THEN block_id WHEN 'address' THEN address_id ELSE complex_id END,
            block_id, address_id, complex_id
        ) AS lies_on
    FROM hotspots_location
) AS location ON location.id = incident.location_id
WHERE
    -- With a beat: what lies on its places, by the place of this kind before any other. What is not located may lie in it.
    (
        %(beat_id)s::bigint IS NULL
        OR lies_on IS NULL
        OR lies_on IN (SELECT id FROM hotspots_place WHERE beat_id = %(beat_id)s::bigint)
    )
    AND (%(offenses)s::text[] IS NULL OR offense_id = ANY(%(offenses)s::text[]))
