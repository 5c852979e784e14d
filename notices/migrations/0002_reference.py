from typing import Any

from django.db import migrations

from notices.reference import load_letters


def load(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    load_letters(
        apps.get_model("notices", "LetterTemplate").objects.using(database),
        apps.get_model("notices", "TemplateVersion").objects.using(database),
    )


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
