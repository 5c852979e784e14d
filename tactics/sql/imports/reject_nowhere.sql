INSERT INTO tactics_visitreject (batch_id, line, reason, row)
SELECT
    %(batch)s, v.line,
    CASE WHEN s.hot_spot_name <> '' AND s.longitude IS NULL
        THEN left('there is no hot spot called “' || s.hot_spot_name || '”', 300)
        ELSE 'no hot spot and no place near the position' END,
    concat_ws(', ', s.unit, s.hot_spot_name, s.longitude, s.latitude, s.arrived, s.cleared)
FROM visit AS v JOIN staged_visit AS s USING (line)
WHERE v.hot_spot_id IS NULL AND v.place_id IS NULL;
