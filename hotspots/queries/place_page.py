"""What the page of one place tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from accounts.agency import agency_zone
from hotspots.models import ConcentrationRun, HotSpot, Incident, Place, Score
from hotspots.models.incidents import IncidentQuerySet
from hotspots.projection import city_srid
from hotspots.statements import statement
from hotspots.windows import Window

SQL = Path(__file__).resolve().parent.parent / "sql"
NEIGHBORS = 8


@dataclass(frozen=True)
class Neighbor:
    pk: int
    name: str
    meters: float
    count: int | None
    risk_count: int | None


def incidents_at(place: Place, window: Window) -> IncidentQuerySet:
    """The standing incidents on a place in a window of local days, the latest first."""
    zone = agency_zone()
    incidents = Incident.objects.standing().filter(
        **{f"location__{place.kind}": place},
        occurred_from__gte=window.starts_at(zone),
        occurred_from__lt=window.ends_at(zone),
    )
    return incidents.order_by("-occurred_from", "-pk")


def offense_mix(incidents: IncidentQuerySet) -> Sequence[Mapping[str, Any]]:
    rows: Any = incidents.order_by().values("offense__name", "offense__category", "offense__enforcement_generated")
    return list(rows.annotate(number=Count("pk")).order_by("-number", "offense__name"))


def standing_scores(place: Place) -> list[Score]:
    """What the newest standing run of each window says of the place, the shortest window first."""
    runs = ConcentrationRun.objects.published().filter(kind=place.kind, standing=True, categories=[], beat=None)
    newest = runs.order_by("days", "-as_of", "-published_at").distinct("days").values("pk")
    return list(Score.objects.filter(place=place, run__in=newest).select_related("run").order_by("run__days"))


def neighbors(place: Place, run: ConcentrationRun | None) -> list[Neighbor]:
    values = {"place": place.pk, "run": run.pk if run else None, "srid": city_srid(), "most": NEIGHBORS}
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "neighbors"), values)
        return [Neighbor(*row) for row in cursor.fetchall()]


def hot_spots_of(place: Place) -> QuerySet[HotSpot]:
    return HotSpot.objects.filter(boundaries__places=place).distinct()
