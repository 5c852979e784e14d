"""The quarantine: what came in a flood waits apart, is let out, or ended by hundreds at once."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from tips.queries import quarantine as queries


@transaction.atomic
def release(*, by: User, chosen: Sequence[UUID]) -> int:
    number = queries.release(by=by.pk, chosen=chosen)
    _record(by, number, "out of quarantine")
    return number


@transaction.atomic
def end_flood(*, by: User, bucket: datetime | None = None, chosen: Sequence[UUID] = ()) -> tuple[int, str]:
    """All that wait of a quarter of a day, or those chosen; how many, and the code that undoes it."""
    code = secrets.token_hex(4)
    number = queries.end_flood(by=by.pk, code=code, today=timezone.localdate(), bucket=bucket, chosen=chosen)
    _record(by, number, "ended as a flood", flood=code)
    return number, code


@transaction.atomic
def undo_flood(*, by: User, code: str) -> int:
    """They wait again, until they are purged."""
    number = queries.undo_flood(by=by.pk, code=code)
    _record(by, number, "in quarantine again", flood=code)
    return number


def _record(by: User, number: int, change: str, **details: str) -> None:
    if number:
        record(by=by, action=AuditEntry.Action.TIP_CHANGED, subject="quarantine", change=change, tips=number, **details)
