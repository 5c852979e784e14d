-- What stays of tips that go now: how many, of which month, channel, outcome and place.
INSERT INTO tips_tipcount (month, channel, outcome, place_id, hot_spot_id, number)
SELECT date_trunc('month', received_at AT TIME ZONE 'UTC')::date, channel, outcome, place_id, hot_spot_id, count(*)
FROM tips_tip
WHERE id = ANY (%(tips)s::uuid[])
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (month, channel, outcome, place_id, hot_spot_id)
DO UPDATE SET number = tips_tipcount.number + EXCLUDED.number
