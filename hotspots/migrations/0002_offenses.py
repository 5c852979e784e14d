from typing import Any

from django.db import migrations

from hotspots.reference import load_offenses

# Only the owner of a table may gather its statistics, and without them the planner takes a table that a first import
# has just filled for an almost empty one: minutes instead of milliseconds. So the owner lends the application this one right.
GATHER_STATISTICS = """
CREATE FUNCTION gather_statistics(relation text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF relation NOT IN ('hotspots_place', 'hotspots_location', 'hotspots_incident', 'hotspots_retraction') THEN
        RAISE EXCEPTION 'no statistics are gathered of %', relation;
    END IF;
    EXECUTE format('ANALYZE public.%I', relation);
END $$
"""

# Building an index over rows that are all there takes a fifth of the time that adding them one by one takes, so the first
# import into an empty table sets its indexes aside (not those that guard identity) and brings them back in the same
# transaction. Only the owner may; what is brought back can be nothing but a plain index on columns of that table. Where
# somebody reads the table just then, the import goes on with the indexes rather than wait.
INDEXES_ASIDE = r"""
CREATE FUNCTION set_indexes_aside(relation text) RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    definitions text[] := '{}';
    index record;
    is_empty boolean;
BEGIN
    IF relation <> 'hotspots_incident' THEN
        RAISE EXCEPTION 'no indexes of % are set aside', relation;
    END IF;
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I)', relation) INTO is_empty;
    IF NOT is_empty THEN
        RETURN '{}';
    END IF;
    BEGIN
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE NOWAIT', relation);
    EXCEPTION WHEN lock_not_available THEN
        RETURN '{}';
    END;
    FOR index IN
        SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
        FROM pg_index WHERE indrelid = relation::regclass AND NOT indisunique
    LOOP
        definitions := definitions || index.definition;
        EXECUTE format('DROP INDEX %s', index.name);
    END LOOP;
    RETURN definitions;
END $$;
CREATE FUNCTION bring_indexes_back(definitions text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    plain CONSTANT text := '^CREATE INDEX \w+ ON public\.hotspots_incident USING btree \([\w, ]+\)'
        '( INCLUDE \([\w, ]+\))?( WHERE \(\w+ IS (NOT )?NULL\))?$';
    definition text;
BEGIN
    FOREACH definition IN ARRAY definitions LOOP
        IF definition !~ plain THEN
            RAISE EXCEPTION 'not a plain index of incidents: %', definition;
        END IF;
        EXECUTE definition;
    END LOOP;
END $$;
"""


def load(apps: Any, schema_editor: Any) -> None:
    load_offenses(apps.get_model("hotspots", "Offense").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("hotspots", "0001_initial")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(GATHER_STATISTICS, "DROP FUNCTION gather_statistics"),
        migrations.RunSQL(
            INDEXES_ASIDE, "DROP FUNCTION set_indexes_aside(text); DROP FUNCTION bring_indexes_back(text[])"
        ),
    ]
