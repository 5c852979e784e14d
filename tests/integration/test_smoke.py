import pytest
from django.db import DatabaseError, connection

from accounts.actions import record
from accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_audit_entry_cannot_be_changed():
    record(by=None, action=AuditEntry.Action.EXPORTED)
    with connection.cursor() as c:
        c.execute("select current_user")
        assert c.fetchone()[0] == "hotspots_app"
    with pytest.raises(DatabaseError):
        AuditEntry.objects.update(subject="x")


@pytest.mark.django_db(transaction=True)
def test_tx():
    record(by=None, action=AuditEntry.Action.EXPORTED)
    assert AuditEntry.objects.count() == 1
