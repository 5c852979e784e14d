-- Begin a version today for every staged area that has none in effect.
INSERT INTO hotspots_area (kind, source, source_id, name, geometry, valid)
SELECT %(kind)s, %(source)s, stage.source_id, stage.name, stage.geometry, DATERANGE(%(today)s::date, NULL)
FROM place_stage AS stage
WHERE NOT EXISTS (
    SELECT FROM hotspots_area AS area
    WHERE
        area.kind = %(kind)s
        AND area.source = %(source)s
        AND area.source_id = stage.source_id
        AND area.valid @> %(today)s::date
)
