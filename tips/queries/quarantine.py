"""Floods: many tips changed in one statement each, and what the page of the quarantine asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, QuerySet

from hotspots.statements import statement
from tips.models import Tip, TipEvent

SQL = Path(__file__).resolve().parent.parent / "sql"
ENDED = "ended as a flood "  # and the code of this ending
SHOWN = 5


def end_flood(*, by: int, code: str, today: date, bucket: datetime | None, chosen: Sequence[UUID]) -> int:
    return _run("end_flood", by=by, code=ENDED + code, today=today, bucket=bucket, chosen=list(chosen))


def undo_flood(*, by: int, code: str) -> int:
    return _run("undo_flood", by=by, code=ENDED + code)


def release(*, by: int, chosen: Sequence[UUID]) -> int:
    return _run("release", by=by, chosen=list(chosen))


def _run(name: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), values)
        return cursor.fetchone()[0]


def waiting() -> QuerySet[Tip]:
    return Tip.objects.filter(quarantined=True, status=Tip.Status.NEW)


def buckets() -> list[tuple[datetime, int]]:
    """How many wait of each quarter of a day, the latest first."""
    numbers = waiting().order_by().values("received_at").annotate(number=Count("pk"))
    return list(numbers.order_by("-received_at").values_list("received_at", "number"))


@dataclass(frozen=True)
class Flood:
    code: str
    at: datetime
    number: int


def last_floods() -> list[Flood]:
    """What was ended at once and can be undone."""
    events = TipEvent.objects.filter(
        what__startswith=ENDED, tip__quarantined=True, tip__status=Tip.Status.NOT_ACTIONABLE
    )
    rows = events.order_by().values("what").annotate(last=Max("at"), number=Count("tip", distinct=True))
    return [
        Flood(row["what"].removeprefix(ENDED), row["last"], row["number"]) for row in rows.order_by("-last")[:SHOWN]
    ]
