-- One vector tile: a layer for each kind of place, and the streets' names once it is close.
-- The box is in degrees: hotspots/tiles.py says why that is right. `ordered` and `streets` are constants to the planner,
-- which leaves out the sort and the second reading of `near` where they are false.
WITH near AS NOT MATERIALIZED (
    SELECT
        place.id, place.kind, place.name, place.street, score.*,
        ST_AsMVTGeom(
            place.geometry,
            ST_MakeBox2D(ST_Point(%(west)s, %(south)s), ST_Point(%(east)s, %(north)s)),
            4096, 64
        ) AS geom
    FROM hotspots_place AS place
    -- Looked up by key, place for place: of a run just published the planner has no statistics, and its guess of a
    -- few rows would make it walk through all of them for every place.
    LEFT JOIN LATERAL (
        SELECT
            run_id, count, risk_count, harm, before_count, before_risk_count, change_p, risk_change_p,
            rank, risk_rank, z, q, risk_z, risk_q
        FROM hotspots_score
        WHERE run_id = %(run)s AND place_id = place.id
        LIMIT 1
    ) AS score ON TRUE
    WHERE place.geometry && ST_MakeEnvelope(%(west_out)s, %(south_out)s, %(east_out)s, %(north_out)s, 4326)
        AND place.kind = ANY(%(kinds)s)
        -- Far off, an address is drawn for its incidents alone.
        AND (place.kind <> 'address' OR %(close)s OR score.count > 0)
        AND (place.retired_on IS NULL OR score.run_id IS NOT NULL)
    -- What matters first, for where there is no room for all.
    ORDER BY
        CASE WHEN %(ordered)s THEN score.count END DESC NULLS LAST,
        CASE WHEN %(ordered)s THEN place.length_m END DESC NULLS LAST
    LIMIT %(most)s
),
-- Nulls cost no bytes in a tile: zero counts are left out, and so is what is not significant.
-- Rounding is downwards, so that what is below .05 stays below it.
layers AS (
    SELECT ST_AsMVT(
        feature,
        CASE near.kind WHEN 'block' THEN 'blocks' WHEN 'complex' THEN 'complexes' ELSE 'addresses' END,
        4096, 'geom', 'id'
    ) AS layer, count(*) AS features
    FROM near
    CROSS JOIN LATERAL (
        SELECT
            near.id, near.geom,
            CASE WHEN %(named)s THEN near.name END AS name,
            NULLIF(near.count, 0) AS count,
            NULLIF(near.risk_count, 0) AS risk_count,
            NULLIF(floor(near.harm * 10) / 10, 0) AS harm,
            NULLIF(near.before_count, 0) AS before_count,
            NULLIF(near.before_risk_count, 0) AS before_risk_count,
            CASE WHEN near.change_p < .05 THEN floor(near.change_p * 1000) / 1000 END AS change_p,
            CASE WHEN near.risk_change_p < .05 THEN floor(near.risk_change_p * 1000) / 1000 END AS risk_change_p,
            CASE WHEN near.q < .05 THEN floor(near.z * 100) / 100 END AS z,
            CASE WHEN near.q < .05 THEN floor(near.q * 1000) / 1000 END AS q,
            CASE WHEN near.risk_q < .05 THEN floor(near.risk_z * 100) / 100 END AS risk_z,
            CASE WHEN near.risk_q < .05 THEN floor(near.risk_q * 1000) / 1000 END AS risk_q,
            CASE WHEN %(named)s AND near.count > 0 THEN near.rank END AS rank,
            CASE WHEN %(named)s AND near.risk_count > 0 THEN near.risk_rank END AS risk_rank
    ) AS feature
    WHERE near.geom IS NOT NULL
    GROUP BY near.kind
    UNION ALL
    -- A name needs more room than one block has, so it runs along the whole street.
    SELECT ST_AsMVT(street, 'streets', 4096, 'geom'), 0
    FROM (
        SELECT initcap(near.street) AS name, ST_LineMerge(ST_Collect(near.geom)) AS geom
        FROM near
        WHERE %(streets)s AND near.kind = 'block' AND near.street <> '' AND near.geom IS NOT NULL
        GROUP BY near.street
    ) AS street
)
SELECT string_agg(layer, ''), sum(features)::int FROM layers
