-- Bring the areas of one kind and source to what place_stage says, as versions: a boundary that took effect stays.
-- A version that began today has not yet been in effect for a day: it is corrected in place, or taken out when the
-- file no longer holds it. One that a run was asked for stands until tomorrow instead, so that no version is empty.
-- There is one city boundary: an import of kind boundary ends those of other sources too.
WITH was AS (
    SELECT
        area.id,
        stage.source_id IS NOT NULL AS staged,
        LOWER(area.valid) < %(today)s::date AS was_in_effect,
        UPPER(area.valid) IS NULL AS standing,
        stage.name = area.name AND stage.geometry = area.geometry AND UPPER(area.valid) IS NULL AS same,
        stage.name = area.name AND stage.geometry = area.geometry AS alike
    FROM hotspots_area AS area
    LEFT JOIN place_stage AS stage ON area.source_id = stage.source_id AND area.source = %(source)s
    WHERE
        area.kind = %(kind)s
        AND (area.source = %(source)s OR %(kind)s = 'boundary')
        AND area.valid @> %(today)s::date
),

closed AS (
    UPDATE hotspots_area AS area
    SET valid = DATERANGE(LOWER(area.valid), %(today)s::date)
    FROM was
    WHERE area.id = was.id AND was.staged AND was.was_in_effect AND NOT was.alike
    RETURNING area.source_id
),

corrected AS (
    UPDATE hotspots_area AS area
    SET name = stage.name, geometry = stage.geometry, valid = DATERANGE(LOWER(area.valid), NULL)
    FROM was, place_stage AS stage
    WHERE
        area.id = was.id AND area.source_id = stage.source_id AND was.staged
        AND NOT was.same AND (was.alike OR NOT was.was_in_effect)
    RETURNING 1
),

withdrawn AS (
    SELECT was.id
    FROM was
    INNER JOIN hotspots_area AS area USING (id)
    WHERE
        was.standing AND NOT was.staged AND NOT was.was_in_effect AND area.source_id <> ALL(%(kept_ids)s)
        AND NOT EXISTS (SELECT FROM hotspots_concentrationrun AS run WHERE run.beat_id = was.id)
),

released AS (
    UPDATE hotspots_place SET beat_id = NULL WHERE beat_id IN (SELECT id FROM withdrawn)
),

deleted AS (
    DELETE FROM hotspots_area WHERE id IN (SELECT id FROM withdrawn)
    RETURNING 1
),

ended AS (
    UPDATE hotspots_area AS area
    SET valid = DATERANGE(LOWER(area.valid), GREATEST(%(today)s::date, LOWER(area.valid) + 1))
    FROM was
    WHERE area.id = was.id AND was.standing AND NOT was.staged AND area.source_id <> ALL(%(kept_ids)s)
        AND was.id NOT IN (SELECT id FROM withdrawn)
    RETURNING 1
)

SELECT
    (SELECT COUNT(*) FROM closed) AS closed,
    (SELECT COUNT(*) FROM corrected) AS corrected,
    (SELECT COUNT(*) FROM was WHERE staged AND same) AS unchanged,
    (SELECT COUNT(*) FROM ended) + (SELECT COUNT(*) FROM deleted) AS retired
