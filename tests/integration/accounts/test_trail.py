"""The audit trail and the histories: rows are added and never changed."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
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
