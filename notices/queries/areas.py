"""Where a batch of letters goes. The list of who gets one, the map on the letter and the map on the page all ask here."""

from datetime import date

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.models import HotSpot, HotSpotBoundary
from hotspots.models.places import SRID
from hotspots.projection import city_srid
from notices.models import Batch


def day_of(batch: Batch) -> date:
    """The day on which the ground is judged: where the hot spot lies, who owns what. That of the submission, which fixed
    both, before it today; never the date of the letter, on which nobody has known yet what is known now."""
    return timezone.localdate(batch.submitted_at, timezone=agency_zone())


def boundary_of(hot_spot: HotSpot, day: date | None = None) -> HotSpotBoundary:
    """That of today or of a day; the latest where none holds then, for the hot spot starts later or has ended."""
    day = day or timezone.localdate(timezone=agency_zone())
    holds = ExpressionWrapper(Q(valid__contains=day), output_field=BooleanField())
    return hot_spot.boundaries.alias(holds=holds).order_by("-holds", "-valid")[:1].get()


def core_of(batch: Batch) -> GEOSGeometry:
    """The shape, around which `distance_m` is measured where a batch has one."""
    if batch.shape is not None:
        return batch.shape
    if batch.around is not None:
        return batch.around.geometry
    assert batch.hot_spot is not None  # a constraint of the batch
    return boundary_of(batch.hot_spot, day_of(batch)).geometry


def area_of(batch: Batch) -> GEOSGeometry:
    """All of the area, to be drawn; who gets a letter is asked of the distance itself."""
    core = core_of(batch)
    return widened(core, batch.distance_m) if batch.distance_m else core


def widened(shape: GEOSGeometry, meters: int) -> GEOSGeometry:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_AsEWKB(ST_Transform(ST_Buffer(ST_Transform(ST_GeomFromEWKB(%s), %s), %s, 16), %s))",
            [bytes(shape.ewkb), city_srid(), meters, SRID],
        )
        return GEOSGeometry(memoryview(cursor.fetchone()[0]))
