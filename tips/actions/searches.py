"""That somebody searched what tips say; for what, nobody keeps."""

from django.db import transaction

from accounts.actions import record
from accounts.models import AuditEntry, User


@transaction.atomic
def searched(*, by: User, number: int) -> None:
    record(by=by, action=AuditEntry.Action.TIPS_SEARCHED, tips=number)
