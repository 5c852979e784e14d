WITH hot AS (
    -- A place in two hot spots counts for the older one.
    SELECT held.place_id, min(boundary.hot_spot_id) AS hot_spot_id
    FROM hotspots_hotspotboundary AS boundary
    JOIN hotspots_hotspot AS spot ON spot.id = boundary.hot_spot_id
    JOIN hotspots_hotspotboundary_places AS held ON held.hotspotboundary_id = boundary.id
    WHERE boundary.valid @> %(on)s::date
      AND spot.starts_on <= %(on)s::date
      AND (spot.ended_on IS NULL OR spot.ended_on > %(on)s::date)
    GROUP BY held.place_id
), drawn AS (
    SELECT id, kind, name,
        CASE kind WHEN 'block' THEN ST_LineMerge(geometry) ELSE ST_ExteriorRing(ST_GeometryN(geometry, 1)) END AS edge,
        ST_PointOnSurface(geometry) AS point
    FROM hotspots_place
    WHERE retired_on IS NULL AND kind IN ('block', 'complex')
)
SELECT coalesce(
    json_agg(
        json_build_array(
            drawn.id, drawn.kind, drawn.name,
            round(ST_X(drawn.point)::numeric, 5), round(ST_Y(drawn.point)::numeric, 5),
            hot.hot_spot_id,
            CASE WHEN GeometryType(drawn.edge) = 'LINESTRING' THEN ST_AsEncodedPolyline(drawn.edge, 5) END
        )
        ORDER BY drawn.id
    ),
    '[]'
)::text
FROM drawn
LEFT JOIN hot ON hot.place_id = drawn.id
