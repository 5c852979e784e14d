from typing import Any

from django.db import migrations

from hotspots.reference import load_offenses


def load(apps: Any, schema_editor: Any) -> None:
    load_offenses(apps.get_model("hotspots", "Offense").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("hotspots", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
