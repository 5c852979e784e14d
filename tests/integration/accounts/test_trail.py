import pytest
from django.db import DatabaseError, connection

from accounts.actions import record
from accounts.models import AgencyProfile, AuditEntry, PartnerAgency


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_committed_rows_are_gone_and_reference_rows_back_in_the_next_test(turn):
    assert AuditEntry.objects.count() == 0
    assert AgencyProfile.objects.get().name == "Parsons Police Department"
    assert PartnerAgency.objects.get().short_name == "K-CAT"
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


@pytest.mark.django_db
def test_audit_entry_cannot_be_changed():
    record(by=None, action=AuditEntry.Action.EXPORTED)
    with pytest.raises(DatabaseError):
        AuditEntry.objects.update(subject="x")
