-- Every current address and complex of an area with who owns it on the day, one row for each of its owners; of an address
-- without an owner of its own, whether its complex, its building or a unit of it has one.
WITH area AS (
    SELECT
        given.shape,
        ST_Transform(given.shape, %(srid)s) AS plane,
        ST_Transform(
            ST_Segmentize(ST_Envelope(ST_Expand(ST_Transform(given.shape, %(srid)s), %(meters)s * 1.01 + 50)), 500), 4326
        ) AS box
    FROM (SELECT ST_GeomFromEWKB(%(area)s) AS shape) AS given
),
property AS (
    SELECT place.*
    FROM hotspots_place AS place CROSS JOIN area
    WHERE place.kind IN ('address', 'complex') AND place.retired_on IS NULL
        AND (
            place.geometry && area.box AND (
                %(meters)s = 0 AND ST_Intersects(place.geometry, area.shape)
                AND (place.kind = 'address' OR %(complex)s IS NULL AND (
                    -- Not one that only touches the area: a tenth of the smaller of the two is shared.
                    ST_Intersects(ST_PointOnSurface(place.geometry), area.shape)
                    OR ST_Area(ST_Intersection(place.geometry, area.shape))
                        > 0.1 * LEAST(ST_Area(place.geometry), ST_Area(area.shape))
                ))
                OR %(meters)s > 0 AND ST_DWithin(ST_Transform(place.geometry, %(srid)s), area.plane, %(meters)s)
            )
            OR place.complex_id = %(complex)s OR place.id = %(complex)s
        )
),
owned AS (
    SELECT place_id, owner_id FROM notices_ownership WHERE valid @> %(day)s::date
)
SELECT
    property.id, property.kind, property.name, property.street, property.number_low, property.unit, owned.owner_id,
    owned.owner_id IS NOT NULL
    OR EXISTS (SELECT FROM owned AS whole WHERE whole.place_id = property.complex_id)
    OR property.street <> '' AND EXISTS (
        SELECT FROM hotspots_place AS other JOIN owned AS its ON its.place_id = other.id
        WHERE other.kind = 'address' AND other.retired_on IS NULL AND other.street = property.street
            AND other.number_low = property.number_low AND (other.unit = '' OR property.unit = '')
    ),
    (SELECT reason FROM notices_exclusion WHERE batch_id = %(batch)s AND place_id = property.id)
FROM property LEFT JOIN owned ON owned.place_id = property.id
ORDER BY property.kind = 'address', property.street, property.number_low, property.unit, property.id
