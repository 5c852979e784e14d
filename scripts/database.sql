-- The database and its three roles, safe to repeat: the owner migrates; the application reads and writes rows and owns
-- nothing; the intake of tips may insert one and read what a receipt opens (tips/queries/rights.py, after `migrate`). Run by psql as the superuser: scripts/services.py for a private cluster, docker-compose.yml for a container.
\set ON_ERROR_STOP on
\getenv name DB_NAME
\getenv owner DB_OWNER
\getenv owner_password DB_OWNER_PASSWORD
\getenv app DB_USER
\getenv app_password DB_PASSWORD
\getenv intake DB_INTAKE_USER
\getenv intake_password DB_INTAKE_PASSWORD
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I LOGIN', wanted)
FROM unnest(ARRAY[:'owner', :'app', :'intake']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec
ALTER ROLE :"owner" CREATEDB PASSWORD :'owner_password';
ALTER ROLE :"app" NOCREATEDB PASSWORD :'app_password';
GRANT :"app" TO :"owner";

-- Nothing that the intake process says to the database is ever written to a log, not even with an error.
ALTER ROLE :"intake" NOCREATEDB CONNECTION LIMIT 60 PASSWORD :'intake_password';
ALTER ROLE :"intake" SET log_statement = 'none';
ALTER ROLE :"intake" SET log_min_duration_statement = -1;
ALTER ROLE :"intake" SET log_min_duration_sample = -1;
ALTER ROLE :"intake" SET log_transaction_sample_rate = 0;
ALTER ROLE :"intake" SET log_min_error_statement = 'panic';
ALTER ROLE :"intake" SET log_min_messages = 'panic';
ALTER ROLE :"intake" SET log_parameter_max_length = 0;
ALTER ROLE :"intake" SET log_parameter_max_length_on_error = 0;
ALTER ROLE :"intake" SET log_duration = off;
ALTER ROLE :"intake" SET log_lock_waits = off;
ALTER ROLE :"intake" SET log_temp_files = -1;
-- When a session crashes, the server logs what it was running; and every session shows that, with the second when it began.
ALTER ROLE :"intake" SET track_activities = off;

-- In the template, so that the databases which tests make have it too.
\connect template1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT ON SEQUENCES TO :"app";

\connect postgres
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
