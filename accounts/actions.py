from typing import Any

from accounts.models import AuditEntry, User


def record(*, by: User | None, action: AuditEntry.Action, subject: object = "", **details: Any) -> AuditEntry:
    """Add a row to the audit trail; called inside the transaction of what it records. `by=None` is the system itself."""
    return AuditEntry.objects.create(actor=by, action=action, subject=str(subject)[:200], details=details)
