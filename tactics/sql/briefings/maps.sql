-- What the small map of each hot spot shows, in meters from the middle of its frame: the frame, the outline, its own
-- blocks, the other streets (each street one line), and complexes. The frame has the proportions of the drawing.
WITH spot AS (
    SELECT
        hot_spot_id,
        id AS boundary,
        ST_Transform(geometry, %(srid)s) AS outline,
        ST_Centroid(ST_Envelope(geometry)) AS middle
    FROM hotspots_hotspotboundary
    WHERE hot_spot_id = ANY(%(hot_spots)s) AND valid @> %(day)s::date
), directed AS (
    SELECT
        *,
        ST_Transform(middle, %(srid)s) AS pivot,
        -- The projection's north is off by a degree or two: the map is turned until north is up.
        ST_Azimuth(ST_Transform(middle, %(srid)s), ST_Transform(ST_Translate(middle, 0, 0.001), %(srid)s)) AS turn
    FROM spot
), turned AS (
    SELECT hot_spot_id, boundary, pivot, turn, ST_Rotate(outline, turn, pivot) AS outline FROM directed
), half AS (
    SELECT
        *,
        (ST_XMin(outline) + ST_XMax(outline)) / 2 AS x,
        (ST_YMin(outline) + ST_YMax(outline)) / 2 AS y,
        GREATEST(
            %(margin)s * (ST_XMax(outline) - ST_XMin(outline)) / 2,
            %(margin)s * (ST_YMax(outline) - ST_YMin(outline)) / 2 * %(proportion)s,
            %(least_m)s / 2
        ) AS across
    FROM turned
), framed AS (
    SELECT
        *,
        ST_MakeEnvelope(x - across, y - across / %(proportion)s, x + across, y + across / %(proportion)s, %(srid)s) AS frame
    FROM half
), own AS (
    SELECT framed.hot_spot_id, COALESCE(place.block_id, place.id) AS place
    FROM framed
    JOIN hotspots_hotspotboundary_places AS of_boundary ON of_boundary.hotspotboundary_id = framed.boundary
    JOIN hotspots_place AS place ON place.id = of_boundary.place_id
), shown AS (
    SELECT
        framed.hot_spot_id,
        framed.x,
        framed.y,
        CASE
            WHEN place.kind = 'complex' THEN 'complex'
            WHEN own.place IS NULL THEN 'street'
            ELSE 'block'
        END AS layer,
        CASE place.kind
            WHEN 'complex' THEN place.name
            ELSE split_part(regexp_replace(place.name, '^.* block of ', ''), ', ', 1)
        END AS name,
        ST_Intersection(ST_Rotate(ST_Transform(place.geometry, %(srid)s), framed.turn, framed.pivot), framed.frame) AS geometry
    FROM framed
    JOIN hotspots_place AS place ON place.geometry && ST_Transform(ST_Expand(framed.frame, framed.across * 0.1), 4326)
        AND place.kind IN ('block', 'complex')
        AND place.retired_on IS NULL
    LEFT JOIN own ON own.hot_spot_id = framed.hot_spot_id AND own.place = place.id
)
SELECT hot_spot_id, 'frame', '', ST_AsBinary(ST_Translate(frame, -x, -y)) FROM framed
UNION ALL
SELECT hot_spot_id, 'outline', '', ST_AsBinary(ST_Translate(outline, -x, -y)) FROM framed
UNION ALL
SELECT hot_spot_id, layer, name, ST_AsBinary(ST_Translate(ST_LineMerge(ST_Collect(geometry)), -min(x), -min(y)))
FROM shown
WHERE layer <> 'complex' AND NOT ST_IsEmpty(geometry)
GROUP BY hot_spot_id, layer, name
UNION ALL
SELECT hot_spot_id, layer, name, ST_AsBinary(ST_Translate(geometry, -x, -y))
FROM shown
WHERE layer = 'complex' AND NOT ST_IsEmpty(geometry)
ORDER BY 1, 2, 3
