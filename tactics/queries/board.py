"""Who is where now, and which hot spots wait for a visit."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib.gis.db.models import Extent
from django.db import connection
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.models import HotSpot, HotSpotBoundary
from hotspots.queries.map import city_extent
from hotspots.statements import statement
from tactics.models import Activity, Plan
from tactics.models.plans import HOURS_OF_WEEK

SQL = Path(__file__).resolve().parent.parent / "sql"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(hours=12)  # longer than a shift: nobody ended it


@dataclass(frozen=True)
class Whereabouts:
    """A visit that runs. `point` is (longitude, latitude); None where nothing says where it is."""

    activity: Activity
    minutes: int
    is_forgotten: bool
    point: tuple[float, float] | None


@dataclass(frozen=True)
class Watched:
    """A hot spot that is worked now. `plan` is None where none is in force.

    `due_at` is when the next visit is due by the interval of the plan; None outside the plan's hours, where nothing is.
    """

    hot_spot: HotSpot
    plan: Plan | None
    present: int
    last_at: datetime | None
    due_at: datetime | None
    overdue_minutes: int

    @property
    def state(self) -> str:
        if self.present:
            return "present"
        if self.overdue_minutes:
            return "overdue"
        if self.plan is None:
            return "unplanned"
        return "waiting" if self.due_at else "resting"


def running(now: datetime) -> list[Whereabouts]:
    """Visits that run, those that began last first. Two queries."""
    found = list(
        Activity.objects.running()
        .filter(started_at__lte=now)
        .select_related("officer", "unit", "hot_spot", "place")
        .defer("note")
    )
    points = {}
    if found:
        parameters = {"activities": [str(activity.pk) for activity in found], "today": timezone.localdate(now)}
        points = {row[0]: (row[1], row[2]) for row in _rows("whereabouts", parameters)}
    return [
        Whereabouts(
            activity,
            minutes=(now - activity.started_at) // MINUTE,
            is_forgotten=now - activity.started_at > FORGOTTEN_AFTER,
            point=points.get(activity.pk),
        )
        for activity in found
    ]


def watched(now: datetime, there: Iterable[Whereabouts]) -> list[Watched]:
    """Hot spots that are going on, the longest overdue first. Three queries."""
    today = timezone.localdate(now)
    spots = list(HotSpot.objects.active_on(today).order_by("name"))
    plans = {plan.hot_spot_id: plan for plan in Plan.objects.in_force_on(today)}
    last = last_visits([spot.pk for spot in spots], now)
    present = Counter(each.activity.hot_spot_id for each in there if not each.is_forgotten)
    found = [watch(spot, plans.get(spot.pk), present[spot.pk], last.get(spot.pk), now) for spot in spots]
    return sorted(found, key=lambda each: (-each.overdue_minutes, each.due_at or datetime.max.replace(tzinfo=UTC)))


def watch(hot_spot: HotSpot, plan: Plan | None, present: int, last_at: datetime | None, now: datetime) -> Watched:
    due_at, overdue = None, 0
    since = hours_began_at(plan.hours, now) if plan else None
    if plan and since:
        due_at = max(since, last_at or since) + plan.interval_minutes * MINUTE
        overdue = 0 if present else max(0, (now - due_at) // MINUTE)
    return Watched(hot_spot, plan, present, last_at, due_at, overdue)


def hours_began_at(hours: Sequence[int], now: datetime) -> datetime | None:
    """When the run of a plan's hours that now lies in began, a week ago at the earliest; None outside its hours."""
    local = timezone.localtime(now).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    chosen = set(hours)
    this = local.weekday() * 24 + local.hour
    back = next((back for back in range(HOURS_OF_WEEK) if (this - back) % HOURS_OF_WEEK not in chosen), HOURS_OF_WEEK)
    if back == 0:
        return None
    return (local - (back - 1) * HOUR).replace(tzinfo=agency_zone()).astimezone(UTC)


def extent() -> tuple[float, float, float, float] | None:
    """West, south, east, north of the hot spots of today, with some of what is around them; else of the city."""
    today = timezone.localdate()
    spots = HotSpotBoundary.objects.filter(valid__contains=today, hot_spot__in=HotSpot.objects.active_on(today))
    found = spots.aggregate(extent=Extent("geometry"))["extent"]
    if found is None:
        return city_extent()
    west, south, east, north = found
    around = max(east - west, north - south) * 0.1 + 0.001
    return (west - around, south - around, east + around, north + around)


def last_visits(hot_spots: Sequence[int], now: datetime) -> dict[int, datetime]:
    """Hot spot to the end of its latest visit, of any kind and by anybody."""
    return dict(_rows("last_visits", {"hot_spots": list(hot_spots), "now": now}))


def _rows(name: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), parameters)
        return cursor.fetchall()
