"""What became of a project, in counts that tell of nobody (P1)."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.models import HotSpot, Incident
from hotspots.queries.concentration import default_as_of
from hotspots.queries.hotspots import incidents_on
from hotspots.windows import Window

DAY = timedelta(days=1)
YEAR = timedelta(days=364)  # whole weeks: the same days of the week, in the same season
LEAST_DAYS = 28


def is_evaluated(hot_spot: HotSpot) -> bool:
    """Once it ended, its plan ended, or a review of the plan found something."""
    today = timezone.localdate()
    if hot_spot.ended_on and hot_spot.ended_on <= today:
        return True
    return hot_spot.plans.filter(Q(status="ended") | ~Q(finding="")).exists()


def figures(hot_spot: HotSpot) -> dict[str, Any] | None:
    """Counts before and since, here and in the rest of the city; None where there is nothing that may be told.

    Neither offenses that hurt a person in a way the public must not map, nor those that police find by their own work.
    A small count is None. All others are told in tens, so that nobody can take one from a total, or from what was told
    days before or later, and be left with a small count."""
    windows = _windows(hot_spot) if is_evaluated(hot_spot) else None
    if windows is None:
        return None
    before, since = windows
    zone = agency_zone()
    boundary = hot_spot.boundaries.order_by("-valid").first()
    places = list(boundary.places.values_list("pk", flat=True)) if boundary else []
    told = Incident.objects.standing().filter(
        offense__victim_sensitive=False, offense__enforcement_generated=False, location__point__isnull=False
    )
    here = Q(pk__in=incidents_on(places).values("pk"))
    counts = {}
    for name, window in (("before", before), ("since", since)):
        rows = told.filter(occurred_from__gte=window.starts_at(zone), occurred_from__lt=window.ends_at(zone))
        counts[name] = rows.aggregate(here=Count("pk", filter=here), elsewhere=Count("pk", filter=~here))
    return {
        "least": settings.PUBLIC_LEAST_COUNT,
        **{name: _days(window) for name, window in (("before", before), ("since", since))},
        "here": {name: in_tens(count["here"]) for name, count in counts.items()},
        "elsewhere": {name: in_tens(count["elsewhere"]) for name, count in counts.items()},
    }


def in_tens(count: int) -> int | None:
    return None if count < settings.PUBLIC_LEAST_COUNT else round(count / 10) * 10


def _windows(hot_spot: HotSpot) -> tuple[Window, Window] | None:
    """As many days before as since: those of a year earlier where there is data, else those just before the start."""
    last = _end_of_month(min(default_as_of(), timezone.localdate() - timedelta(days=settings.PUBLIC_DELAY_DAYS)))
    if hot_spot.ended_on:
        last = min(last, hot_spot.ended_on - DAY)
    since = Window(hot_spot.starts_on, last)
    length = last - hot_spot.starts_on
    if length + DAY < timedelta(days=LEAST_DAYS):
        return None
    earliest = Incident.objects.standing().aggregate(first=Min("occurred_from"))["first"]
    first_day = timezone.localdate(earliest, agency_zone()) if earliest else date.max
    if length < YEAR and first_day <= since.first_day - YEAR:
        return Window(since.first_day - YEAR, since.last_day - YEAR), since
    before = Window(since.first_day - length - DAY, since.first_day - DAY)
    return (before, since) if first_day <= before.first_day else None


def _end_of_month(day: date) -> date:
    """The last whole month's: words that are written again days later must not tell what happened in those days."""
    return day if (day + DAY).day == 1 else day.replace(day=1) - DAY


def _days(window: Window) -> dict[str, str]:
    return {"first": window.first_day.isoformat(), "last": window.last_day.isoformat()}
