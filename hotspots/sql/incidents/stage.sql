-- What an import has read, until it is stored. Gone with the session, so a killed import leaves nothing.
CREATE TEMP TABLE incoming (
    file integer NOT NULL,
    line bigint NOT NULL,
    retracts boolean NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest uuid NOT NULL,
    match_key uuid,
    location uuid NOT NULL,
    offense text NOT NULL,
    code text NOT NULL,
    description text NOT NULL,
    occurred_from timestamptz NOT NULL,
    occurred_to timestamptz,
    reported_at timestamptz,
    revision text NOT NULL
);
CREATE TEMP TABLE incoming_location (digest uuid NOT NULL, address_text text NOT NULL, x float8, y float8, crs integer NOT NULL);
CREATE TEMP TABLE incoming_reject (file integer NOT NULL, line bigint NOT NULL, reason text NOT NULL, content text NOT NULL);
CREATE TEMP TABLE incoming_file (file integer NOT NULL, name text NOT NULL);
