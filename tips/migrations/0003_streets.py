"""The views that the drawn map of the tip form is made of."""

from pathlib import Path

from django.db import migrations

VIEWS = (Path(__file__).resolve().parent.parent / "sql" / "street_views.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("tips", "0002_intake"), ("hotspots", "0002_offenses")]

    operations = [migrations.RunSQL(VIEWS, "DROP VIEW tips_street, tips_outline")]
