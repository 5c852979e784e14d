"""Where locations lie, one at a time as a clerk places them, and which are still to be placed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet

from hotspots.ingest.locating import SAME_ADDRESS_M
from hotspots.models import Incident, Location
from hotspots.projection import city_srid
from hotspots.statements import statement

SQL = Path(__file__).resolve().parent.parent / "sql"
MOST_SHAPES = 3000  # on the map at once


class Fit(NamedTuple):
    """The places that a point lies on."""

    block_id: int | None
    distance_m: float | None
    complex_id: int | None
    address_id: int | None

    @property
    def is_on_a_place(self) -> bool:
        return any((self.block_id, self.complex_id, self.address_id))


def locate_points(points: Sequence[Point]) -> list[Fit]:
    """The places that each point (longitude, latitude) lies on: those that an import would find for it."""
    values: dict[str, Any] = {
        "lons": [point.x for point in points],
        "lats": [point.y for point in points],
        "srid": city_srid(),
        "block_m": settings.BLOCK_DISTANCE_M,
        "address_m": SAME_ADDRESS_M,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "locate_points"), values)
        return [Fit(*row) for row in cursor.fetchall()]


def locate_point(point: Point) -> Fit:
    return locate_points([point])[0]


def street_lines(west: float, south: float, east: float, north: float) -> str:
    """Blocks and complexes in a box, as GeoJSON."""
    values = {"west": west, "south": south, "east": east, "north": north, "most": MOST_SHAPES}
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "street_lines"), values)
        return cursor.fetchone()[0]


def with_incidents(locations: QuerySet[Location]) -> QuerySet[Location]:
    """Locations that have standing incidents, with how many and since when; most first."""
    standing = Q(incident__retraction=None)
    counted = locations.annotate(
        incidents=Count("incident", filter=standing),
        first_at=Min("incident__occurred_from", filter=standing),
        last_at=Max("incident__occurred_from", filter=standing),
    )
    return counted.filter(incidents__gt=0).order_by("-incidents", "address_text", "pk")


def unlocated_totals() -> tuple[int, int]:
    """How many locations with incidents are on no place, and how many incidents that leaves out."""
    standing = Incident.objects.standing().filter(location__in=Location.objects.unlocated())
    totals = standing.aggregate(locations=Count("location", distinct=True), incidents=Count("pk"))
    return totals["locations"], totals["incidents"]
