"""What the map page asks of a published run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import Centroid
from django.contrib.gis.geos import Polygon
from django.core.cache import caches
from django.db import connection
from django.db.models import F, Max, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from hotspots.models import Area, ConcentrationRun, Incident, Place, Score

RUN_SECONDS = 3600  # a published run never changes; the limit only bounds the memory
CLEAR = 0.05


@dataclass(frozen=True)
class Fields:
    """The columns of Score for all incidents, or for those that police activity did not itself find."""

    count: str = "count"
    before: str = "before_count"
    change_p: str = "change_p"
    rank: str = "rank"
    share: str = "share"
    z: str = "z"
    q: str = "q"


ALL = Fields()
RISK = Fields("risk_count", "before_risk_count", "risk_change_p", "risk_rank", "risk_share", "risk_z", "risk_q")


def fields_for(measure: str) -> Fields:
    return RISK if measure == "risk" else ALL


def latest_standing_days() -> dict[tuple[str, int], date]:
    """The last day of the newest standing run, by kind and length of window."""
    standing = ConcentrationRun.objects.published().filter(standing=True, categories=[], beat=None)
    rows = standing.order_by().values_list("kind", "days").annotate(last=Max("as_of"))
    return {(kind, days): last for kind, days, last in rows}


def has_incidents() -> bool:
    return Incident.objects.standing().exists()


def latest_incident_day(zone: ZoneInfo) -> date | None:
    latest = Incident.objects.standing().aggregate(latest=Max("occurred_from"))["latest"]
    return latest.astimezone(zone).date() if latest else None


def city_extent() -> tuple[float, float, float, float] | None:
    """West, south, east, north of the places, else of the boundary: an exclave far off must not shrink the city."""
    key = "city-extent"
    if (extent := caches["local"].get(key)) is None:
        extent = (
            Place.objects.current().aggregate(e=Extent("geometry"))["e"]
            or Area.objects.boundaries().current().aggregate(e=Extent("geometry"))["e"]
        )
        caches["local"].set(key, extent, 30)
    return extent


def values_above_zero(run: ConcentrationRun, field: str) -> list[float]:
    """The counts or harm of a run's places, greatest first."""
    key = f"run-values:{run.pk}:{run.published_at:%Y%m%dT%H%M%S.%f}:{field}"
    values = caches["local"].get(key)
    if values is None:
        scores = run.scores.filter(**{f"{field}__gt": 0}).order_by(f"-{field}")
        values = list(scores.values_list(field, flat=True))
        caches["local"].set(key, values, RUN_SECONDS)
    return values


def changed_places(run: ConcentrationRun, fields: Fields) -> tuple[int, int]:
    """How many places have clearly more, and clearly fewer, incidents than in the window before."""
    clear = run.scores.filter(**{f"{fields.change_p}__lt": CLEAR})
    up = clear.filter(**{f"{fields.count}__gt": F(fields.before)}).count()
    return up, clear.count() - up


def clustered_places(run: ConcentrationRun, fields: Fields) -> tuple[int, int]:
    """How many places lie among clearly more, and clearly fewer, incidents than chance explains (Gi*, q < .05)."""
    clear = run.scores.filter(**{f"{fields.q}__lt": CLEAR})
    hot = clear.filter(**{f"{fields.z}__gt": 0}).count()
    return hot, clear.count() - hot


def scored(run: ConcentrationRun, fields: Fields) -> "QuerySet[Any]":
    """Scores under one set of names for both measures: `now`, `past`, `p`, `order`, `so_far`, `gi`, `gi_q`."""
    names = {
        "now": "count",
        "past": "before",
        "p": "change_p",
        "order": "rank",
        "so_far": "share",
        "gi": "z",
        "gi_q": "q",
    }
    return run.scores.annotate(**{name: F(getattr(fields, field)) for name, field in names.items()})


def ranked(run: ConcentrationRun, fields: Fields, *, by_harm: bool, start: int, most: int) -> list[Score]:
    """Places in order of count or of harm, from `start` on, with `.value` and the place's `.middle`."""
    scores = _by_harm(run, fields) if by_harm else scored(run, fields).annotate(value=F(fields.count))
    page: list[Any] = list(scores.filter(value__gt=0).order_by("order")[start : start + most])
    # Geometry is fetched for the places shown alone, not for all that are sorted.
    places = Place.objects.annotate(middle=Centroid("geometry")).in_bulk([score.place_id for score in page])
    for score in page:
        score.place = places[score.place_id]
    return page


def _by_harm(run: ConcentrationRun, fields: Fields) -> "QuerySet[Any]":
    total = max(float(run.summary["harm"]["total"]), 1e-9)
    first = [F("harm").desc(), F("place_id").asc()]
    return run.scores.annotate(
        now=F(fields.count),
        past=F(fields.before),
        p=F(fields.change_p),
        value=F("harm"),
        order=Window(RowNumber(), order_by=first),
        so_far=Window(Sum("harm"), order_by=first) / total,
    )


def places_inside(run: ConcentrationRun, fields: Fields, ring: Polygon, *, most: int) -> list[dict[str, Any]]:
    """Places of the run whose middle lies within a ring (degrees), those with most incidents first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT place.id, place.name, score.count, score.risk_count
            FROM hotspots_score AS score
            JOIN hotspots_place AS place ON place.id = score.place_id
            WHERE score.run_id = %(run)s
                AND place.geometry && ST_GeomFromEWKB(%(ring)s)
                AND ST_Contains(ST_MakeValid(ST_GeomFromEWKB(%(ring)s)), CASE place.kind
                    WHEN 'block' THEN ST_LineInterpolatePoint(place.geometry, 0.5)
                    ELSE ST_PointOnSurface(place.geometry)
                END)
            ORDER BY score.count DESC, place.id
            LIMIT %(most)s
            """,
            {"run": run.pk, "ring": bytes(ring.ewkb), "most": most},
        )
        return list(_as_places(cursor.fetchall(), fields))


def _as_places(rows: list[tuple[int, str, int, int]], fields: Fields) -> Iterator[dict[str, Any]]:
    for pk, name, count, risk_count in rows:
        yield {"id": pk, "name": name, "count": risk_count if fields is RISK else count}
