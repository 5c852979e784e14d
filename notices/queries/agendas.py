"""What is put on the table of a meeting: the place's own data over twelve months, without anything that points at a caller.

Left out altogether: offenses with a victim to protect. Kept apart, and never called calls: what police activity itself
finds. Counts of one or two are told as "fewer than 3", and the time pattern only where there are calls enough.
Lease cases and registered cameras are with the owner and the police alone, so they are on no agenda.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.models import Place
from hotspots.models.incidents import IncidentQuerySet
from hotspots.queries.charts import hours_of
from hotspots.queries.concentration import default_as_of
from hotspots.queries.place_page import incidents_at
from hotspots.windows import DAY, Window
from notices.models import Meeting
from tactics.catalogue import Tactic
from tactics.models import LightingItem, Measure
from tactics.queries.measures import waiting_lights

LEAST = 3  # smaller counts could point at one home
LEAST_FOR_TIMES = 30  # calls, below which hours are chance, and could point at one home too
LONG = timedelta(days=365)
NOT_FOR_THE_TABLE = (Tactic.LEASE_ENFORCEMENT, Tactic.CAMERAS)
SPAN = 4  # hours of the busiest stretch
PARTS = ((0, 6), (6, 12), (12, 18), (18, 24))
WEEKDAYS, WEEKEND = (0, 1, 2, 3, 4), (5, 6)


def agenda_of(meeting: Meeting) -> dict[str, object]:
    """A snapshot that JSON can hold: codes and numbers, no words, so that it can be told in any language."""
    last_day = default_as_of()
    now = Window(last_day - LONG + DAY, last_day)
    before = Window(now.first_day - LONG, now.first_day - DAY)
    place = meeting.place
    rows = counts(place, now, before)
    last = last_meeting(meeting)
    return {
        "made_at": timezone.now().isoformat(),
        "first_day": now.first_day.isoformat(),
        "last_day": now.last_day.isoformat(),
        "calls": table([row for row in rows if not row["found"]]),
        "found": table([row for row in rows if row["found"]]),
        "times": times(told(place, now).filter(offense__enforcement_generated=False)),
        "measures": [measure_row(each) for each in open_measures(place, meeting)],
        "lights": [light_row(each) for each in lights_out(place)],
        "last_meeting": agreed_at(last) if last else None,
    }


def told(place: Place, window: Window) -> IncidentQuerySet:
    return incidents_at(place, window).filter(offense__victim_sensitive=False)


def counts(place: Place, now: Window, before: Window) -> list[dict[str, Any]]:
    """By offense, in both windows, in one query; the most frequent first."""
    whole = Window(before.first_day, now.last_day)
    in_now = Q(occurred_from__gte=now.starts_at(agency_zone()))
    rows: Any = told(place, whole).order_by()
    rows = rows.values_list("offense__name", "offense__category", "offense__enforcement_generated").annotate(
        now=Count("pk", filter=in_now), before=Count("pk", filter=~in_now)
    )
    named = [dict(zip(("name", "category", "found", "now", "before"), row, strict=True)) for row in rows]
    return sorted(named, key=lambda row: (-row["now"], -row["before"], row["name"]))


def table(rows: list[dict[str, Any]]) -> dict[str, object]:
    """Rows with small counts hidden (None), and totals that do not give them away: then "at least" so many."""
    shown = [
        {"name": row["name"], "category": row["category"], "now": hidden(row["now"]), "before": hidden(row["before"])}
        for row in rows
    ]
    return {"rows": shown, "now": total(rows, "now"), "before": total(rows, "before")}


def hidden(count: int) -> int | None:
    return None if 0 < count < LEAST else count


def total(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, object]:
    """The least that fits what is shown: a hidden count is one at least. One small count alone stays hidden."""
    numbers = [row[name] for row in rows if row[name]]
    small = [number for number in numbers if hidden(number) is None]
    if len(numbers) == len(small) == 1:
        return {"count": None, "at_least": False}
    return {"count": sum(numbers) - sum(small) + len(small), "at_least": bool(small)}


def times(incidents: IncidentQuerySet) -> dict[str, object] | None:
    """The busiest stretch of hours, the busiest day, and a table of parts of the day; None where calls are few."""
    hours = hours_of(incidents)
    if hours.counted < LEAST_FOR_TIMES:
        return None
    by_hour, by_day = hours.by_day.sum(axis=0), hours.by_day.sum(axis=1)
    stretches = [float(np.take(by_hour, range(first, first + SPAN), mode="wrap").sum()) for first in range(24)]
    first = int(np.argmax(stretches))
    busiest = int(np.argmax(by_day))
    return {
        "from": first,
        "to": (first + SPAN) % 24,
        "share": percent(stretches[first], hours.counted),
        "day": busiest,
        "day_share": percent(float(by_day[busiest]), hours.counted),
        "parts": [
            {
                "from": low,
                "to": high,
                "weekdays": percent(float(hours.by_day[list(WEEKDAYS), low:high].sum()), hours.counted),
                "weekend": percent(float(hours.by_day[list(WEEKEND), low:high].sum()), hours.counted),
            }
            for low, high in PARTS
        ],
    }


def percent(part: float, whole: int) -> int | None:
    """In tens, since of few calls a whole percentage tells their number; None for a part that is small or of none."""
    return (round(10 * part / whole) * 10 or None) if part >= LEAST else None


def open_measures(place: Place, meeting: Meeting) -> list[Measure]:
    found = Measure.objects.open().at_places([place.pk]).exclude(kind__in=NOT_FOR_THE_TABLE)
    return list(found.exclude(agreement__meeting=meeting.pk).order_by("due_on", "created_at", "pk").distinct())


def lights_out(place: Place) -> list[LightingItem]:
    here = Measure.objects.open().at_places([place.pk]).values("pk")
    return list(waiting_lights().filter(survey__in=here).order_by("due_on", "added_at"))


def last_meeting(meeting: Meeting) -> Meeting | None:
    """The one that this follows, else the last that was held at the place."""
    if meeting.follows_id:
        return meeting.follows
    held = Meeting.objects.filter(place=meeting.place, status=Meeting.Status.HELD, starts_at__lt=meeting.starts_at)
    return held.exclude(pk=meeting.pk).order_by("-starts_at", "-pk").first()


def agreed_at(meeting: Meeting) -> dict[str, object]:
    agreed = meeting.agreements.select_related("measure")
    day = meeting.starts_at.astimezone(agency_zone()).date()
    return {"meeting": meeting.pk, "day": day.isoformat(), "agreements": [measure_row(each.measure) for each in agreed]}


def measure_row(measure: Measure) -> dict[str, object]:
    return {
        "title": measure.title,
        "kind": measure.kind,
        "party": measure.party if measure.status != Measure.Status.REPORTED else "",
        "organization": measure.organization,
        "due_on": iso(measure.due_on),
        "status": measure.status,
        "outcome": measure.outcome,
        "overdue": measure.closed_at is None and measure.due_on is not None and measure.due_on < timezone.localdate(),
    }


def light_row(item: LightingItem) -> dict[str, object]:
    return {
        "kind": item.kind,
        "state": item.state,
        "where": item.where,
        "party": item.party,
        "due_on": iso(item.due_on),
    }


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
