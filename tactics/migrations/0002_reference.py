from typing import Any

from django.db import migrations

from tactics.reference import load_shifts


def load(apps: Any, schema_editor: Any) -> None:
    load_shifts(apps.get_model("tactics", "Shift").objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):
    dependencies = [("tactics", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
