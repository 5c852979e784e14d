"""Placing by hand what neither coordinates nor address located."""

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import Incident, Location
from hotspots.queries.locations import locate_point, locate_points


class CannotPlace(Exception):
    """The location cannot be placed so; the text says why, for the page."""


def check_can_place(location: Location) -> None:
    if not location.address_text and location.reported is None:
        words = _(
            "No address and no coordinates were reported. These incidents share nothing else, so no place is theirs."
        )
        raise CannotPlace(words)
    if location.is_located and not location.is_placed_by_hand:
        raise CannotPlace(_("This location is on the map already, by what was reported."))


@transaction.atomic
def place_by_hand(*, by: User, location: Location, point: Point) -> Location:
    """Put a location, and with it all its incidents now and later, on the places at a point (longitude, latitude).

    The problem that kept it off the map stays on record, so that taking it back restores it.
    """
    location = Location.objects.select_for_update().get(pk=location.pk)
    check_can_place(location)
    fit = locate_point(point)
    if not fit.is_on_a_place:
        raise CannotPlace(
            _("No street block, complex or address is near enough to this point. Choose one nearer to a street.")
        )
    location.point, location.method, location.score = point, Location.Method.HAND, 1
    location.block_id, location.distance_m = fit.block_id, fit.distance_m
    location.complex_id, location.address_id = fit.complex_id, fit.address_id
    location.placed_by, location.placed_at = by, timezone.now()
    location.save()
    _record(by, location, point=[round(point.x, 6), round(point.y, 6)])
    return location


@transaction.atomic
def unplace(*, by: User, location: Location) -> Location:
    """Take back what was placed by hand: the location is unlocated again, for the reason it was before."""
    location = Location.objects.select_for_update().get(pk=location.pk)
    if not location.is_placed_by_hand:
        raise CannotPlace(_("This location was not placed by hand."))
    # A point too far from every place is kept as an import keeps it: more places may come.
    is_far = location.problem == Location.Problem.FAR_FROM_PLACES
    location.point, location.method, location.score = location.reported if is_far else None, Location.Method.NONE, 0
    location.block = location.complex = location.address = location.distance_m = None
    location.placed_by = location.placed_at = None
    location.save()
    _record(by, location, taken_back=True)
    return location


@transaction.atomic
def refit_placed_by_hand() -> int:
    """After places changed: attach what was placed by hand to the places there now. The points stay. How many changed.

    One that lies on nothing any more is on the list of the unlocated again, still with its point.
    """
    placed = list(Location.objects.placed_by_hand().select_for_update().order_by("pk"))
    fits = locate_points([location.point for location in placed if location.point])
    changed = []
    for location, fit in zip(placed, fits, strict=True):
        before = (location.block_id, location.complex_id, location.address_id)
        if before != (fit.block_id, fit.complex_id, fit.address_id):
            location.block_id, location.distance_m = fit.block_id, fit.distance_m
            location.complex_id, location.address_id = fit.complex_id, fit.address_id
            changed.append(location)
    Location.objects.bulk_update(changed, ["block", "distance_m", "complex", "address"], batch_size=1000)
    return len(changed)


def _record(by: User, location: Location, **details: object) -> None:
    record(
        by=by,
        action=AuditEntry.Action.LOCATION_PLACED,
        subject=location,
        location=location.pk,
        block=location.block_id,
        complex=location.complex_id,
        address=location.address_id,
        incidents=Incident.objects.standing().filter(location=location).count(),
        **details,
    )
