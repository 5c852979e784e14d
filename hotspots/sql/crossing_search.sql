-- Where streets meet, by parts of their names.
SELECT DISTINCT ON (initcap(one.street), initcap(other.street), round(ST_X(met.point)::numeric, 4), round(ST_Y(met.point)::numeric, 4))
    initcap(one.street), initcap(other.street), ST_X(met.point), ST_Y(met.point)
FROM hotspots_place AS one
JOIN hotspots_place AS other ON other.kind = 'block' AND other.retired_on IS NULL
    AND ST_Intersects(one.geometry, other.geometry)
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(ST_Intersection(one.geometry, other.geometry)) AS point) AS met
WHERE one.kind = 'block' AND one.retired_on IS NULL
    AND one.street ~ %(first)s AND other.street ~ %(second)s AND one.street <> other.street
ORDER BY 1, 2, round(ST_X(met.point)::numeric, 4), round(ST_Y(met.point)::numeric, 4), one.id, other.id
LIMIT %(limit)s
