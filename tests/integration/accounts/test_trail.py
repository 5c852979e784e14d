"""The audit trail and the histories: rows are added and never changed."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, models, transaction
from django.db.utils import ProgrammingError

from accounts.actions import record
from accounts.append_only import append_only_models
from accounts.models import AgencyProfile, AuditEntry, PartnerAgency
from tests.factories.accounts import UserFactory


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_are_gone_and_reference_rows_back_in_the_next_test(turn):
    assert AuditEntry.objects.count() == 0
    assert AgencyProfile.objects.get().name == "Parsons Police Department"
    assert PartnerAgency.objects.get().short_name == "K-CAT"
    assert ContentType.objects.exists()
    record(by=None, action=AuditEntry.Action.EXPORTED)
    AgencyProfile.objects.update(name="Elsewhere")
    PartnerAgency.objects.all().delete()


@pytest.mark.django_db
def test_tests_run_as_the_applications_role_in_a_database_of_their_own():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        user, database = cursor.fetchone()
    assert user == "hotspots_app"
    assert database.startswith("test_")


def test_every_history_and_the_trail_are_append_only():
    names = {model.__name__ for model in append_only_models()}
    assert names >= {
        "AuditEntry",
        "AuditReview",
        "AuditReviewNote",
        "UserEvent",
        "AgencyProfileEvent",
        "PartnerAgencyEvent",
        "IncidentEvent",
        "HotSpotEvent",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model.__name__)
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_application_role_may_not_change_past_events(model, change):
    sql = change.format(model._meta.db_table, model._meta.pk.column)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model.__name__)
def test_owner_may_not_change_past_events_either(model):
    """Whatever code runs as the owner, such as a migration: rows are kept for good. Asked of the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(tgtype & 8 > 0), bool_or(tgtype & 16 > 0) FROM pg_trigger"  # for DELETE, for UPDATE
            " WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger%%' AND tgtype & 2 > 0 AND tgenabled = 'O'",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("model", append_only_models(), ids=lambda model: model.__name__)
def test_deleting_what_past_events_name_deletes_or_empties_none_of_them(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
            " AND (confdeltype NOT IN ('a', 'r') OR confupdtype NOT IN ('a', 'r'))",
            [model._meta.db_table],
        )
        assert cursor.fetchall() == []
    rules = {field.remote_field.on_delete for field in model._meta.fields if field.remote_field}
    assert rules <= {models.PROTECT, models.DO_NOTHING}


def test_no_code_passes_over_the_protection_of_past_events():
    """Two demos move letters on that they made themselves; nothing else names what switches triggers off."""
    names = re.compile(r"pgtrigger\.ignore\(([^)]*)\)|DISABLE TRIGGER|session_replication_role")
    protected = {f"{model._meta.app_label}.{model.__name__}" for model in append_only_models()}
    apps_of_ours = [config for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR]
    assert apps_of_ours
    for config in apps_of_ours:
        for path in Path(config.path).rglob("*.*"):
            if path.suffix in {".py", ".sql"}:
                for found in names.finditer(path.read_text(encoding="utf-8")):
                    named = re.findall(r'"([\w.]+):\w+"', found[1] or "")
                    assert named, f"{path}: {found[0]}"
                    assert protected.isdisjoint(named), f"{path}: {found[0]}"


@pytest.mark.django_db
def test_application_role_may_not_switch_the_protection_off():
    record(by=None, action=AuditEntry.Action.EXPORTED)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditentry DISABLE TRIGGER ALL")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "GRANT UPDATE ON accounts_auditentry TO hotspots_app; UPDATE accounts_auditentry SET subject = ''"
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{accounts_auditentry:append_only}', true)")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("UPDATE accounts_auditentry SET subject = 'x'")


@pytest.mark.django_db
def test_change_of_a_person_leaves_an_event():
    person = UserFactory()
    person.roles = ["auditor"]
    person.save()
    assert [event.roles for event in person.events.order_by("pgh_id")][-1] == ["auditor"]
