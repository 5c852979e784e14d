-- A made-up year: 200 hot spots with a plan each, and 500,000 records of 120 officers, a quarter of which come in pairs.
SELECT setseed(0.25);
INSERT INTO accounts_user
    (username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined, roles,
    password_is_temporary, enabled_at)
SELECT 'officer-' || n, '!', 'Officer', n, '', false, false, true, now(), ARRAY['officer'], false, now()
FROM generate_series(1, 120) AS n;
INSERT INTO hotspots_hotspot
    (name, reason, commander_id, starts_on, review_on, designated_by_id, designated_at)
SELECT 'Hot spot ' || n, 'made up', boss.id, current_date - 500, current_date + 100, boss.id, now()
FROM generate_series(1, 200) AS n, (SELECT min(id) AS id FROM accounts_user) AS boss;
INSERT INTO tactics_plan
    (hot_spot_id, status, problem, hours, least_minutes, most_minutes, interval_minutes, starts_on, review_on,
    proposed_by_id, proposed_at, activated_by_id, activated_at, finding)
SELECT id, 'active', 'made up', ARRAY(SELECT day * 24 + hour FROM generate_series(0, 6) AS day, generate_series(14, 23) AS hour),
    10, 15, 120, starts_on, review_on, commander_id, now(), commander_id, now(), ''
FROM hotspots_hotspot;
INSERT INTO tactics_plantactic (plan_id, tactic, visits, per, minutes)
SELECT plan.id, wanted.tactic, wanted.visits, wanted.per, wanted.minutes
FROM tactics_plan AS plan, (VALUES
    ('directed_patrol', 4, 'shift', 15), ('foot_patrol', 3, 'week', 30), ('vehicle_stop', 5, 'week', 10),
    ('knock_and_talk', 10, 'week', 10)
) AS wanted (tactic, visits, per, minutes);

CREATE TEMPORARY TABLE drawn AS
SELECT spot.id AS hot_spot, n, random() AS how,
    (SELECT min(id) FROM accounts_user WHERE username LIKE 'officer-%') + floor(random() * 120)::int AS officer,
    (ARRAY['directed_patrol', 'directed_patrol', 'directed_patrol', 'directed_patrol', 'directed_patrol', 'foot_patrol',
        'vehicle_stop', 'vehicle_stop', 'knock_and_talk', 'k9', 'arrest'])[1 + floor(random() * 11)::int] AS kind,
    (date_trunc('week', now() AT TIME ZONE 'America/Chicago') - interval '51 weeks' + random() * interval '357 days')
        AT TIME ZONE 'America/Chicago' AS started,
    make_interval(secs => exp(ln(540) + 0.6 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))) AS length
FROM hotspots_hotspot AS spot, generate_series(1, 2000) AS n;
INSERT INTO drawn
SELECT hot_spot, n, how, officer + 1, kind, started + random() * interval '3 minutes', length FROM drawn WHERE n <= 500;
INSERT INTO tactics_activity
    (id, kind, hot_spot_id, officer_id, started_at, ended_at, recorded, note, flags, received_at, void_reason)
SELECT gen_random_uuid(), kind, hot_spot, least(officer, (SELECT max(id) FROM accounts_user)), started, started + length,
    CASE WHEN how < 0.8 THEN 'timed' ELSE 'typed' END, '', '{}', started + length, ''
FROM drawn;
