-- What a list holds, until it is stored. Gone with the transaction, so an import that is killed leaves nothing.
DROP TABLE IF EXISTS
    pg_temp.listed_address, pg_temp.listed_owner, pg_temp.listed_place, pg_temp.rejected, pg_temp.found,
    pg_temp.changed_owner, pg_temp.owned_now, pg_temp.owned_before, pg_temp.ended;
CREATE TEMP TABLE listed_address (
    line int NOT NULL, number int NOT NULL, street text NOT NULL, unit text NOT NULL,
    zip_code text, carrier_route text, sequence int, vacant boolean
) ON COMMIT DROP;
CREATE TEMP TABLE listed_owner (
    line int NOT NULL, parcel text NOT NULL, place text NOT NULL, number int, street text NOT NULL, unit text NOT NULL,
    key text NOT NULL, name text NOT NULL, care_of text NOT NULL, mail_street text NOT NULL, city text NOT NULL,
    state text NOT NULL, zip_code text NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE listed_place (line int NOT NULL, place_id bigint NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE rejected (line int NOT NULL, reason text NOT NULL) ON COMMIT DROP
