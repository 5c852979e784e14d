"""The views and functions of the intake process, and its row with a salt of this installation."""

import os
from pathlib import Path
from typing import Any

from django.db import migrations

INTAKE = (Path(__file__).resolve().parent.parent / "sql" / "intake.sql").read_text(encoding="utf-8")
AWAY = """
DROP FUNCTION tips_count_in(smallint, integer);
DROP FUNCTION tips_opened(bytea);
DROP FUNCTION tips_answers(bytea);
DROP FUNCTION tips_store(
    uuid, text, text, timestamptz, boolean, uuid, bytea, bytea, bytea, bytea, uuid[], bytea[], uuid[], text[], bytea[]
);
DROP FUNCTION tips_add(uuid, uuid, text, bytea, timestamptz);
DROP VIEW tips_reader, tips_agency, tips_proof, tips_salt;
"""


def make_salt(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("tips", "Intake").objects.using(schema_editor.connection.alias)
    rows.get_or_create(pk=1, defaults={"salt": os.urandom(16)})


class Migration(migrations.Migration):
    dependencies = [("tips", "0001_initial"), ("accounts", "0003_mailing_address")]

    operations = [
        migrations.RunSQL(INTAKE, AWAY),
        migrations.RunPython(make_salt, migrations.RunPython.noop),
    ]
