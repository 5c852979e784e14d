from typing import Any

from django.db import migrations

from accounts.reference import load_agency


def load(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    profile, partner = apps.get_model("accounts", "AgencyProfile"), apps.get_model("accounts", "PartnerAgency")
    load_agency(profile.objects.using(database), partner.objects.using(database))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
