"""Designating hot spots. What took effect is never edited: a boundary gets a new version, a hot spot ends."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot, HotSpotBoundary, Place
from hotspots.queries.hotspots import outline

DAY = timedelta(days=1)


class CannotChange(Exception):
    """The change is not allowed; the text says why, for the page."""


@transaction.atomic
def designate(
    *, by: User, name: str, reason: str, commander: User, starts_on: date, review_on: date, places: Sequence[Place]
) -> HotSpot:
    """Make a hot spot of these places, with its first boundary from the start on."""
    hot_spot = HotSpot.objects.create(
        name=name,
        reason=reason,
        commander=commander,
        starts_on=starts_on,
        review_on=review_on,
        designated_by=by,
    )
    draw(by=by, hot_spot=hot_spot, places=places, starts_on=starts_on)
    record(
        by=by,
        action=AuditEntry.Action.HOT_SPOT_DESIGNATED,
        subject=hot_spot,
        hot_spot=hot_spot.pk,
        starts_on=starts_on.isoformat(),
        review_on=review_on.isoformat(),
        places=[place.pk for place in places],
    )
    return hot_spot


@transaction.atomic
def redraw(*, by: User, hot_spot: HotSpot, places: Sequence[Place], starts_on: date) -> HotSpotBoundary:
    """Give a hot spot other places from a day on; what held before stays on record with its dates."""
    hot_spot = HotSpot.objects.select_for_update().get(pk=hot_spot.pk)
    check_can_redraw(hot_spot, starts_on)
    latest = hot_spot.boundaries.latest_version()
    if latest.valid.lower == starts_on:
        raise CannotChange(_("A boundary already starts on that day. Choose a later day."))
    latest.valid = DateRange(latest.valid.lower, starts_on)
    latest.save(update_fields=["valid"])
    boundary = draw(by=by, hot_spot=hot_spot, places=places, starts_on=starts_on)
    change = {"places": [place.pk for place in places], "starts_on": starts_on.isoformat()}
    record(by=by, action=AuditEntry.Action.HOT_SPOT_CHANGED, subject=hot_spot, hot_spot=hot_spot.pk, redrawn=change)
    return boundary


@transaction.atomic
def review(*, by: User, hot_spot: HotSpot, review_on: date, finding: str) -> HotSpot:
    """Record that a hot spot was reviewed and goes on, until the next review."""
    hot_spot = HotSpot.objects.select_for_update().get(pk=hot_spot.pk)
    check_is_going_on(hot_spot)
    if review_on <= max(timezone.localdate(), hot_spot.starts_on):
        raise CannotChange(_("The next review must lie in the future."))
    hot_spot.review_on = review_on
    hot_spot.save(update_fields=["review_on"])
    record(
        by=by,
        action=AuditEntry.Action.HOT_SPOT_CHANGED,
        subject=hot_spot,
        hot_spot=hot_spot.pk,
        reviewed=finding,
        review_on=review_on.isoformat(),
    )
    return hot_spot


@transaction.atomic
def end(*, by: User, hot_spot: HotSpot, ended_on: date, reason: str) -> HotSpot:
    """End a hot spot on a day: from that day on it is no longer one."""
    hot_spot = HotSpot.objects.select_for_update().get(pk=hot_spot.pk)
    check_is_going_on(hot_spot)
    latest = hot_spot.boundaries.latest_version()
    if ended_on <= latest.valid.lower:
        raise CannotChange(_("It cannot end before its latest boundary has held for a day. Withdraw it instead."))
    latest.valid = DateRange(latest.valid.lower, ended_on)
    latest.save(update_fields=["valid"])
    hot_spot.ended_on = ended_on
    hot_spot.save(update_fields=["ended_on"])
    record(
        by=by,
        action=AuditEntry.Action.HOT_SPOT_CHANGED,
        subject=hot_spot,
        hot_spot=hot_spot.pk,
        ended_on=ended_on.isoformat(),
        reason=reason,
    )
    return hot_spot


@transaction.atomic
def withdraw(*, by: User, hot_spot: HotSpot) -> None:
    """Take back a designation made by mistake, before it has held for a day. The trail keeps it."""
    hot_spot = HotSpot.objects.select_for_update().get(pk=hot_spot.pk)
    check_can_withdraw(hot_spot)
    record(
        by=by,
        action=AuditEntry.Action.HOT_SPOT_CHANGED,
        subject=hot_spot,
        hot_spot=hot_spot.pk,
        withdrawn=True,
        reason=hot_spot.reason,
    )
    hot_spot.boundaries.all().delete()
    try:
        hot_spot.delete()
    except ProtectedError as error:
        names = sorted({str(each._meta.verbose_name) for each in error.protected_objects})
        words = _(
            "It cannot be withdrawn, for this belongs to it: %(names)s. Take that back first, or end the hot spot."
        )
        raise CannotChange(words % {"names": ", ".join(names)}) from error


def draw(*, by: User, hot_spot: HotSpot, places: Sequence[Place], starts_on: date) -> HotSpotBoundary:
    """A boundary from a day on: the outline around its places. Called inside the transaction of what needs it."""
    boundary = HotSpotBoundary.objects.create(
        hot_spot=hot_spot,
        geometry=outline([place.pk for place in places]),
        valid=DateRange(starts_on, None),
        drawn_by=by,
    )
    boundary.places.set(places)
    return boundary


def check_is_going_on(hot_spot: HotSpot) -> None:
    if hot_spot.ended_on is not None:
        raise CannotChange(_("This hot spot has ended."))


def check_can_redraw(hot_spot: HotSpot, starts_on: date) -> None:
    check_is_going_on(hot_spot)
    latest = hot_spot.boundaries.latest_version()
    if starts_on < latest.valid.lower:
        words = _("The boundary that starts on %(day)s stays as it is. Choose that day or a later one.")
        raise CannotChange(words % {"day": latest.valid.lower})


def check_can_withdraw(hot_spot: HotSpot) -> None:
    check_is_going_on(hot_spot)
    if hot_spot.starts_on < timezone.localdate():
        raise CannotChange(_("This hot spot has taken effect. It can be ended, not withdrawn."))


def can_withdraw(hot_spot: HotSpot) -> bool:
    try:
        check_can_withdraw(hot_spot)
    except CannotChange:
        return False
    return True
