-- The database and its two roles, safe to repeat: the owner migrates; the application reads and writes rows and owns
-- nothing. Run by psql as the superuser: scripts/services.py for a private cluster, docker-compose.yml for a container.
\set ON_ERROR_STOP on
\getenv name DB_NAME
\getenv owner DB_OWNER
\getenv owner_password DB_OWNER_PASSWORD
\getenv app DB_USER
\getenv app_password DB_PASSWORD
SET client_min_messages = warning;

SELECT format('CREATE ROLE %I LOGIN', wanted)
FROM unnest(ARRAY[:'owner', :'app']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec
ALTER ROLE :"owner" CREATEDB PASSWORD :'owner_password';
ALTER ROLE :"app" NOCREATEDB PASSWORD :'app_password';
GRANT :"app" TO :"owner";

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
