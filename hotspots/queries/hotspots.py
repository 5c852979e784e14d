"""What is asked of hot spots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.analytics.change import poisson_e_test
from hotspots.models import ConcentrationRun, HotSpot, Incident, Location, Place
from hotspots.models.hotspots import HotSpotQuerySet
from hotspots.models.incidents import IncidentQuerySet
from hotspots.projection import city_srid
from hotspots.statements import statement
from hotspots.windows import Window

SQL = Path(__file__).resolve().parent.parent / "sql"
REACH = {"block_m": 20, "address_m": 20, "complex_m": 5}  # a block is both sides of its street
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Comparison:
    """Incidents on the places of a hot spot since its start, and in as many days before. `p`: Poisson e-test."""

    since: Window
    before: Window
    count: int
    before_count: int
    risk_count: int
    before_risk_count: int
    p: float
    risk_p: float


def listed(status: str) -> HotSpotQuerySet:
    """Hot spots of a status ("active", "due", "ended", or "" for all) with the number of places they have now."""
    today = timezone.localdate()
    spots = HotSpot.objects.all()
    if status == "active":
        spots = spots.filter(ended_on=None)
    elif status == "due":
        spots = spots.due_for_review_on(today)
    elif status == "ended":
        spots = spots.exclude(ended_on=None)
    latest = Q(boundaries__valid__upper_inf=True) | Q(ended_on__isnull=False)
    spots = spots.annotate(number_of_places=Count("boundaries__places", filter=latest, distinct=True))
    return spots.select_related("commander")


def outline(places: Sequence[int]) -> MultiPolygon:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "outline"), {"places": list(places), "srid": city_srid(), **REACH})
        found = GEOSGeometry(cursor.fetchone()[0])
        assert isinstance(found, MultiPolygon)
        return found


@dataclass(frozen=True)
class Counted:
    """A place and its incidents in a run; None where the run does not count it."""

    place: Place
    count: int | None


def places_with_counts(places: Sequence[int], run: ConcentrationRun | None) -> list[Counted]:
    """The places, those with most incidents first."""
    counts = dict(run.scores.filter(place__in=places).values_list("place_id", "count")) if run else {}
    found = [Counted(place, counts.get(place.pk)) for place in Place.objects.filter(pk__in=places)]
    return sorted(found, key=lambda counted: (-(counted.count or 0), counted.place.name))


def compare(hot_spot: HotSpot, places: Sequence[int], last_day: date) -> Comparison | None:
    """None before a whole day of data lies after the start."""
    last = min(last_day, hot_spot.ended_on - DAY) if hot_spot.ended_on else last_day
    if last < hot_spot.starts_on:
        return None
    since = Window(hot_spot.starts_on, last)
    before = Window(hot_spot.starts_on - (last - hot_spot.starts_on) - DAY, hot_spot.starts_on - DAY)
    zone = agency_zone()
    start = Q(occurred_from__gte=since.starts_at(zone))
    risk = Q(offense__enforcement_generated=False)
    counts = (
        incidents_on(places)
        .filter(occurred_from__gte=before.starts_at(zone), occurred_from__lt=since.ends_at(zone))
        .aggregate(
            count=Count("pk", filter=start),
            before_count=Count("pk", filter=~start),
            risk_count=Count("pk", filter=start & risk),
            before_risk_count=Count("pk", filter=~start & risk),
        )
    )
    return Comparison(
        since,
        before,
        **counts,
        p=float(poisson_e_test(counts["count"], 1, counts["before_count"], 1)),
        risk_p=float(poisson_e_test(counts["risk_count"], 1, counts["before_risk_count"], 1)),
    )


def incidents_on(places: Sequence[int]) -> IncidentQuerySet:
    """An incident on a block and at an address of the same hot spot counts once."""
    locations = Location.objects.filter(Q(block__in=places) | Q(address__in=places) | Q(complex__in=places))
    return Incident.objects.standing().filter(location__in=locations.values("pk"))
