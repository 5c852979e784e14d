-- Bring the places of one kind and source to what place_stage says. Counts: created, updated, unchanged, retired.
WITH was AS (
    SELECT
        place.id,
        stage.source_id IS NOT NULL AS staged,
        place.retired_on IS NULL AS standing,
        (stage.name, stage.geometry, stage.street, stage.unit)
        IS NOT DISTINCT FROM (
            COALESCE(NULLIF(place.source_name, ''), place.name), place.geometry, place.street, place.unit
        )
        -- numbers and a name made from the addresses on a block are not its source's to change
        AND (
            place.source_name <> '' AND stage.number_low IS NULL
            OR (stage.number_low, stage.number_high) IS NOT DISTINCT FROM (place.number_low, place.number_high)
        )
        AND place.retired_on IS NULL AS same
    FROM hotspots_place AS place
    LEFT JOIN place_stage AS stage USING (source_id)
    WHERE place.kind = %(kind)s AND place.source = %(source)s
),

updated AS (
    UPDATE hotspots_place AS place
    SET
        name = stage.name,
        source_name = '',
        geometry = stage.geometry,
        length_m = stage.length_m,
        area_m2 = stage.area_m2,
        street = stage.street,
        number_low = stage.number_low,
        number_high = stage.number_high,
        unit = stage.unit,
        retired_on = NULL
    FROM was, place_stage AS stage
    WHERE
        place.id = was.id AND was.staged AND NOT was.same AND stage.source_id = place.source_id
    RETURNING 1
),

created AS (
    INSERT INTO hotspots_place (
        kind, source, source_id, name, source_name, geometry, length_m, area_m2, street, number_low, number_high, unit
    )
    SELECT
        %(kind)s, %(source)s, stage.source_id, stage.name, '', stage.geometry, stage.length_m, stage.area_m2,
        stage.street, stage.number_low, stage.number_high, stage.unit
    FROM place_stage AS stage
    WHERE NOT EXISTS (
        SELECT FROM hotspots_place AS place
        WHERE place.kind = %(kind)s AND place.source = %(source)s AND place.source_id = stage.source_id
    )
    RETURNING 1
),

retired AS (
    UPDATE hotspots_place AS place
    SET retired_on = %(today)s
    FROM was
    WHERE place.id = was.id AND was.standing AND NOT was.staged AND place.source_id <> ALL(%(kept_ids)s)
    RETURNING 1
)

SELECT
    (SELECT COUNT(*) FROM created) AS created,
    (SELECT COUNT(*) FROM updated) AS updated,
    (SELECT COUNT(*) FROM was WHERE staged AND same) AS unchanged,
    (SELECT COUNT(*) FROM retired) AS retired
