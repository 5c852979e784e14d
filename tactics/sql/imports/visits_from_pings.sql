-- A stay is a run of one unit's positions inside one hot spot. It breaks where the unit was silent for too long, or was
-- outside for longer than a position may stray. It lasts from the first position inside to the last: nothing is added.
INSERT INTO visit (id, kind, unit, hot_spot_id, started_at, ended_at)
WITH numbered AS (
    SELECT unit, at, longitude, latitude, row_number() OVER (PARTITION BY unit ORDER BY at) AS number
    FROM (SELECT DISTINCT ON (unit, at) * FROM ping ORDER BY unit, at, longitude, latitude) AS distinct_ping
), inside AS (
    SELECT p.unit, b.hot_spot_id, p.at, p.number
    FROM numbered AS p
    JOIN hotspots_hotspotboundary AS b
        ON ST_Covers(b.geometry, ST_SetSRID(ST_Point(p.longitude, p.latitude), 4326))
        AND b.valid @> (p.at AT TIME ZONE %(zone)s)::date
), stepped AS (
    SELECT
        *,
        at - lag(at) OVER stay AS pause,
        number - lag(number) OVER stay AS steps
    FROM inside WINDOW stay AS (PARTITION BY unit, hot_spot_id ORDER BY at)
), runs AS (
    SELECT
        *,
        count(*) FILTER (WHERE pause IS NULL OR pause > %(silence)s OR steps > 1 AND pause > %(stray)s) OVER (
            PARTITION BY unit, hot_spot_id ORDER BY at
        ) AS run
    FROM stepped
)
SELECT
    md5(concat_ws('|', %(source)s, unit, hot_spot_id, extract(epoch FROM min(at))))::uuid,
    'directed_patrol', unit, hot_spot_id, min(at), max(at)
FROM runs
GROUP BY unit, hot_spot_id, run
HAVING max(at) - min(at) >= %(dwell)s;
