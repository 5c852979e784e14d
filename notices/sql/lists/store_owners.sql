-- An address that was changed by hand stays.
CREATE TEMP TABLE changed_owner ON COMMIT DROP AS
WITH stored AS (
    INSERT INTO notices_owner AS owner
        (source, source_id, name, care_of, street, city, state, zip_code, language, email, undeliverable_why)
    SELECT DISTINCT ON (key) %(source)s, key, name, care_of, mail_street, city, state, zip_code, 'en', '', ''
    FROM listed_owner JOIN listed_place USING (line)
    ORDER BY key, line
    ON CONFLICT (source, source_id) DO UPDATE SET
        name = EXCLUDED.name, care_of = EXCLUDED.care_of, street = EXCLUDED.street, city = EXCLUDED.city,
        state = EXCLUDED.state, zip_code = EXCLUDED.zip_code,
        undeliverable_on = NULL, undeliverable_why = ''
    WHERE owner.changed_by_hand_on IS NULL
        AND (owner.name, owner.care_of, owner.street, owner.city, owner.state, owner.zip_code) IS DISTINCT FROM
            (EXCLUDED.name, EXCLUDED.care_of, EXCLUDED.street, EXCLUDED.city, EXCLUDED.state, EXCLUDED.zip_code)
    RETURNING id, xmax = 0 AS is_new
)
SELECT id FROM stored WHERE NOT is_new
