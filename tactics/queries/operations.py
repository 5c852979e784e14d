"""Who was present in a saturation patrol, and when."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from accounts.agency import agency_zone
from tactics.models import Activity, Operation

LINE = 1000  # how long the drawn line is


def operations() -> Any:
    return (
        Operation.objects.select_related("hot_spot", "coordinator")
        .annotate(people=Count("activities__officer", distinct=True, filter=Q(activities__voided_at=None)))
        .order_by("-started_at")
    )


@dataclass(frozen=True)
class Presence:
    """One stay of one unit in an operation, and where its bar lies on a line of LINE."""

    activity: Activity
    x: float
    width: float


@dataclass(frozen=True)
class Present:
    """A unit or officer and their stays."""

    name: str
    stays: list[Presence]


def presence(operation: Operation, now: datetime) -> tuple[list[Present], int, list[tuple[float, datetime]]]:
    """Who was there when; the most units at one moment; the hours of the line."""
    found = list(operation.activities.counted().select_related("officer", "unit", "hot_spot").order_by("started_at"))
    first = min([operation.started_at, *(each.started_at for each in found)])
    last = max([operation.ended_at or now, *(each.ended_at or now for each in found), first + timedelta(minutes=1)])
    whole = (last - first).total_seconds()

    def at(instant: datetime) -> float:
        return round(LINE * (instant - first).total_seconds() / whole, 1)

    rows: dict[str, list[Presence]] = {}
    for each in found:
        name = ", ".join(str(part) for part in (each.unit, each.officer) if part)
        x = at(each.started_at)
        rows.setdefault(name, []).append(Presence(each, x, max(2.0, at(each.ended_at or now) - x)))
    hours = [(at(hour), hour) for hour in _hours(first, last)]
    return [Present(name, stays) for name, stays in rows.items()], _most_at_once(found, now), hours


def _hours(first: datetime, last: datetime) -> Iterable[datetime]:
    step = timedelta(hours=1 if last - first <= timedelta(hours=8) else 4)
    hour = first.astimezone(agency_zone()).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while hour < last:
        yield hour
        hour += step


def _most_at_once(found: list[Activity], now: datetime) -> int:
    """The most officers (units, where none is known) at one moment; who leaves as another comes is no longer there."""
    changes: list[tuple[datetime, int, str]] = []
    for each in found:
        who = f"officer {each.officer_id}" if each.officer_id else f"unit {each.unit_id}"
        changes += [(each.started_at, 1, who), (each.ended_at or now, -1, who)]
    there: Counter[str] = Counter()
    most = 0
    for _instant, change, who in sorted(changes):
        there[who] += change
        most = max(most, sum(stays > 0 for stays in there.values()))
    return most
