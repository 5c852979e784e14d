-- What a file holds, until it is stored. Gone with the session, so an import that is killed leaves nothing.
CREATE TEMP TABLE ping (unit text NOT NULL, at timestamptz NOT NULL, longitude float8 NOT NULL, latitude float8 NOT NULL);
CREATE TEMP TABLE staged_visit (
    line bigint NOT NULL,
    unit text NOT NULL,
    arrived timestamptz NOT NULL,
    cleared timestamptz NOT NULL,
    kind text NOT NULL,
    hot_spot_name text NOT NULL,
    number text NOT NULL,
    longitude float8,
    latitude float8
);
CREATE TEMP TABLE visit (
    line bigint,
    id uuid NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    hot_spot_id bigint,
    place_id bigint,
    point geometry(Point, 4326),
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL
);
