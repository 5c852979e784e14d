-- The outline around places: what lies within reach of a block's line, an address' point or a complex' ground.
SELECT ST_Multi(ST_Transform(ST_SimplifyPreserveTopology(ST_Union(
    ST_Buffer(
        ST_Transform(geometry, %(srid)s),
        CASE kind WHEN 'block' THEN %(block_m)s WHEN 'address' THEN %(address_m)s ELSE %(complex_m)s END
    )
), 0.5), 4326))
FROM hotspots_place
WHERE id = ANY(%(places)s)
