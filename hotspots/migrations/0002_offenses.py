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


def load(apps: Any, schema_editor: Any) -> None:
    load_offenses(apps.get_model("hotspots", "Offense").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("hotspots", "0001_initial")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunSQL(GATHER_STATISTICS, "DROP FUNCTION gather_statistics"),
    ]
