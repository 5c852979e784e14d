"""Stops and contacts beside incidents, by kind, hour and place. Nothing is known of any person, and nothing is said.

Incidents are those that somebody reported: what police activity itself finds is left out, for it would follow the stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.agency import agency_zone
from hotspots.analytics.timing import aoristic
from hotspots.models import HotSpot, Incident, Location
from hotspots.models.incidents import IncidentQuerySet
from hotspots.queries.charts import hours_of
from hotspots.queries.hotspots import incidents_on
from hotspots.statements import statement
from hotspots.windows import Window
from tactics.analytics.evenness import Compared, compare
from tactics.catalogue import Tactic
from tactics.models import Activity
from tactics.models.activities import ActivityQuerySet

SQL = Path(__file__).resolve().parent.parent / "sql"
STOPS = (Tactic.VEHICLE_STOP.value, Tactic.ARREST.value, Tactic.K9.value)
CONTACTS = (Tactic.FOOT_PATROL.value, Tactic.KNOCK_AND_TALK.value)
HOURS = 3  # in a part of the day: 24 single hours are too many for the numbers that there are
PARTS = 24 // HOURS
SEED = 20_250_101  # the same page shows the same chance to everybody
A_YEAR = timedelta(days=364)
A_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Rate:
    """How often something was done, here and in the whole city, and how often for 100 incidents."""

    name: str
    number: int
    per_100: float | None
    city_per_100: float | None


@dataclass(frozen=True)
class PlaceRow:
    pk: int | None
    name: str
    incidents: int
    stops: int
    contacts: int

    @property
    def per_100(self) -> float | None:
        return 100 * self.stops / self.incidents if self.incidents else None


@dataclass(frozen=True)
class Evenness:
    """Of one hot spot, or of the city. `unplaced` counts the stops and contacts whose place is not known."""

    window: Window
    incidents: int
    rates: list[Rate]
    stops_by_hour: Compared | None
    contacts_by_hour: Compared | None
    places: list[PlaceRow]
    stops_by_place: Compared | None
    contacts_by_place: Compared | None
    unplaced: int


@dataclass(frozen=True)
class City:
    """What was done, and what happened, in the whole city."""

    numbers: dict[str, int]
    incidents: int


def of_hot_spot(hot_spot: HotSpot, last_day: Any) -> Evenness | None:
    """Since its start, a year at most, to the last day for which incidents are known. None before there is a day."""
    last = min(last_day, hot_spot.ended_on - timedelta(days=1)) if hot_spot.ended_on else last_day
    if last < hot_spot.starts_on:
        return None
    window = Window(max(hot_spot.starts_on, last - A_YEAR), last)
    places = list(hot_spot.boundaries.latest_version().places.values_list("pk", flat=True))
    rows = [PlaceRow(*row) for row in _rows("evenness_places", {"places": places, "hot_spot": hot_spot.pk}, window)]
    here = _in(Activity.objects.filter(hot_spot=hot_spot), window)
    reported = _reported(incidents_on(places), window)
    return _evenness(window, here, reported, _city_of_day(window), [row for row in rows if row.pk], rows)


def of_city(window: Window) -> Evenness:
    """Hot spots beside each other and, the last of `places`, the rest of the city.

    Only hot spots are compared by place: that police go there rather than elsewhere is what a hot spot is for.
    """
    rows = [PlaceRow(*row) for row in _rows("evenness_spots", {"zone": str(agency_zone())}, window)]
    located = Incident.objects.standing().filter(location__in=Location.objects.located())
    everywhere = _in(Activity.objects.all(), window)
    return _evenness(window, everywhere, _reported(located, window), _city(window), rows, [])


def _evenness(
    window: Window,
    activities: ActivityQuerySet,
    incidents: IncidentQuerySet,
    city: City,
    places: Sequence[PlaceRow],
    all_rows: Sequence[PlaceRow],
) -> Evenness:
    rng = np.random.default_rng(SEED)
    happened = _parts(hours_of(incidents).weights)
    number = incidents.count()
    known = [row for row in places if row.pk]
    by_place = np.array([(row.stops, row.contacts, row.incidents) for row in known]).reshape(-1, 3).T
    return Evenness(
        window=window,
        incidents=number,
        rates=_rates(_numbers(activities), number, city),
        stops_by_hour=compare(_done_by_hour(activities, STOPS), happened, rng),
        contacts_by_hour=compare(_done_by_hour(activities, CONTACTS), happened, rng),
        places=list(places),
        stops_by_place=compare(by_place[0], by_place[2], rng) if len(known) > 1 else None,
        contacts_by_place=compare(by_place[1], by_place[2], rng) if len(known) > 1 else None,
        unplaced=sum(row.stops + row.contacts for row in all_rows if row.pk is None),
    )


def _city_of_day(window: Window) -> City:
    """Counted once a day: every panel stands beside it, and a single record changes nothing of the whole city."""
    key = f"evenness-city:{window.first_day}:{window.last_day}"
    city: City | None = caches["local"].get(key)
    if city is None:
        city = _city(window)
        caches["local"].set(key, city, A_DAY_SECONDS)
    return city


def _city(window: Window) -> City:
    everywhere = _in(Activity.objects.all(), window)
    return City(_numbers(everywhere), _reported(Incident.objects.standing(), window).count())


def _rates(here: dict[str, int], incidents: int, city: City) -> list[Rate]:
    names = {
        **{kind: str(Tactic(kind).label) for kind in (*STOPS, Tactic.KNOCK_AND_TALK.value)},
        "contacts": _("Contacts on foot patrol"),
    }
    return [
        Rate(
            name,
            here.get(key, 0),
            100 * here.get(key, 0) / incidents if incidents else None,
            100 * city.numbers.get(key, 0) / city.incidents if city.incidents else None,
        )
        for key, name in names.items()
    ]


def _numbers(activities: ActivityQuerySet) -> dict[str, int]:
    """Records by kind, and under `contacts` the people whom foot patrols talked with."""
    found = activities.filter(kind__in=(*STOPS, *CONTACTS)).order_by().values_list("kind")
    rows = found.annotate(number=Count("pk"), contacts=Sum("foot_patrol__contacts"))
    numbers = {kind: number for kind, number, _contacts in rows}
    return numbers | {"contacts": sum(contacts or 0 for *_kind, contacts in rows)}


def _done_by_hour(activities: ActivityQuerySet, kinds: Sequence[str]) -> NDArray[np.float64]:
    starts = np.array(
        [
            start.replace(tzinfo=None)
            for start in activities.filter(kind__in=kinds).order_by().values_list("started_at", flat=True).iterator()
        ],
        dtype="datetime64[s]",
    )
    return _parts(aoristic(starts, np.full(len(starts), "NaT", dtype="datetime64[s]"), agency_zone()).weights)


def _parts(hours_of_week: NDArray[np.float64]) -> NDArray[np.float64]:
    """(168,) hours of the week as (8,) parts of the day."""
    return hours_of_week.reshape(7, PARTS, HOURS).sum(axis=(0, 2))


def _in(activities: ActivityQuerySet, window: Window) -> ActivityQuerySet:
    zone = agency_zone()
    return activities.counted().filter(started_at__gte=window.starts_at(zone), started_at__lt=window.ends_at(zone))


def _reported(incidents: IncidentQuerySet, window: Window) -> IncidentQuerySet:
    zone = agency_zone()
    return incidents.filter(
        occurred_from__gte=window.starts_at(zone),
        occurred_from__lt=window.ends_at(zone),
        offense__enforcement_generated=False,
    )


def _rows(name: str, parameters: dict[str, Any], window: Window) -> list[tuple[Any, ...]]:
    zone = agency_zone()
    bound = {
        "since": window.starts_at(zone),
        "until": window.ends_at(zone),
        "stops": list(STOPS),
        "contacts": list(CONTACTS),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), parameters | bound)
        return cursor.fetchall()
