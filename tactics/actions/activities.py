"""Storing what officers did: the walk that a phone's entry, the form on the desk and the demo town share."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot, Place
from tactics.forms.activities import DETAILS, DetailsForm, errors_in_words
from tactics.models import Activity, Arrest, Assignment, Operation, Unit
from tactics.queries import activities as queries

Flag = Activity.Flag
FAR_M = 200  # beyond what the phone says of its own accuracy
ROUGH_M = 500  # a position as rough as this says nothing


class CannotChange(Exception):
    """The change is not allowed; the text says why, for the page."""


class CannotLog(Exception):
    """What makes no sense as an activity, in words for whoever logged it."""


@transaction.atomic
def log_activity(
    *,
    by: User,
    kind: str,
    started_at: datetime,
    ended_at: datetime | None,
    hot_spot: HotSpot | None = None,
    place: Place | None = None,
    point: Point | None = None,
    accuracy_m: float | None = None,
    details: dict[str, Any] | None = None,
    note: str = "",
    recorded: str = Activity.Recorded.TYPED,
    officer: User | None = None,
    unit: Unit | None = None,
    assignment: Assignment | None = None,
    operation: Operation | None = None,
    id: UUID | None = None,
) -> Activity:
    """Log one activity whole. `details` by the names of the kind's form; none for one that still runs.

    Off any hot spot the position decides: a hot spot around it, else the nearest place."""
    activity = Activity(
        id=id or uuid4(),
        kind=kind,
        hot_spot=hot_spot,
        place=place,
        point=point,
        accuracy_m=accuracy_m,
        officer=officer or by,
        unit=unit,
        assignment=assignment,
        operation=operation,
        started_at=started_at,
        ended_at=ended_at,
        recorded=recorded,
        note=note[: Activity._meta.get_field("note").max_length],
    )
    if kind not in DETAILS:
        raise CannotLog(_("There is no such kind of activity."))
    if ended_at is not None and ended_at < started_at:
        raise CannotLog(_("It ends before it starts."))
    form = DETAILS[kind](details or {}, officer=activity.officer_id)
    if ended_at is not None and not form.is_valid():
        raise CannotLog(errors_in_words(form))
    lock_officers([activity.officer_id])
    locate([activity])
    if not is_somewhere(activity):
        raise CannotLog(_("Say where it was."))
    flag([activity])
    activity.save(force_insert=True)
    if ended_at is not None:
        store_details([(activity, form)])
    mark_overlaps([activity])
    activity.refresh_from_db(fields=["flags"])
    if officer and officer.pk != by.pk:
        logged = {"activity": str(activity.pk), "officer": officer.username}
        record(by=by, action=AuditEntry.Action.ACTIVITY_CORRECTED, subject=activity, logged_for_another=True, **logged)
    return activity


def lock_officers(officers: Iterable[int | None]) -> None:
    """Whoever changes what somebody did waits here for others who do: a phone's entries and corrections alike."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=[each for each in officers if each]).order_by("pk"))


def is_somewhere(activity: Activity) -> bool:
    return bool(activity.hot_spot_id or activity.place_id or activity.point)


def locate(activities: Iterable[Activity]) -> None:
    """Give what has no hot spot the one around it, else its nearest place. One query for all."""
    adrift = [each for each in activities if not each.hot_spot_id and (each.point or each.place_id)]
    spots = [queries.Spot(each.point, each.place_id, queries.local_day(each.started_at)) for each in adrift]
    for activity, found in zip(adrift, queries.locate(spots), strict=True):
        activity.hot_spot_id = found.hot_spot
        activity.place_id = activity.place_id if found.hot_spot else found.place


def flag(activities: Sequence[Activity]) -> None:
    """Set what follows from when and where: a closed hot spot, a position far from it, a visit longer than a shift.

    Where a place was named, the position only says where it was named."""
    hot_spots = HotSpot.objects.in_bulk({each.hot_spot_id for each in activities if each.hot_spot_id})
    longest = queries.longest_shift()
    for activity in activities:
        if activity.hot_spot_id:
            set_flag(activity, Flag.HOT_SPOT_CLOSED, not _was_active(hot_spots[activity.hot_spot_id], activity))
        too_long = activity.ended_at is not None and activity.ended_at - activity.started_at > longest
        set_flag(activity, Flag.TOO_LONG, too_long)
    sure = [
        (each, (each.point, each.hot_spot_id, queries.local_day(each.started_at)))
        for each in activities
        if each.hot_spot_id and each.point and (each.accuracy_m or 0) < ROUGH_M and not each.place_id
    ]
    for activity in activities:
        set_flag(activity, Flag.FAR_AWAY, False)
    away_m = queries.distances_m([measured for _activity, measured in sure])
    for (activity, _measured), away in zip(sure, away_m, strict=True):
        set_flag(activity, Flag.FAR_AWAY, away is not None and away > FAR_M + (activity.accuracy_m or 0))


def _was_active(hot_spot: HotSpot, activity: Activity) -> bool:
    day = queries.local_day(activity.started_at)
    return hot_spot.starts_on <= day and (hot_spot.ended_on is None or day < hot_spot.ended_on)


def set_flag(activity: Activity, which: str, on: bool) -> None:
    others = [each for each in activity.flags if each != which]
    activity.flags = [*others, which] if on else others


def mark_overlaps(activities: Iterable[Activity], *, before: Sequence[datetime] = ()) -> None:
    """Look anew whether their officers were in two places at once. One statement per officer.

    `before`: instants that they reached before they were changed, for what they no longer meet."""
    spans: dict[int, list[datetime]] = defaultdict(list)
    for activity in activities:
        if activity.officer_id:
            ended = activity.ended_at or max(timezone.now(), activity.started_at)
            spans[activity.officer_id] += [activity.started_at, ended]
    for officer, instants in spans.items():
        reached = [*instants, *before]
        queries.mark_overlaps(officer, min(reached), max(reached) + timedelta(minutes=1))


def store_details(filled: Sequence[tuple[Activity, DetailsForm]]) -> None:
    """The rows of valid forms, one statement per kind."""
    rows = defaultdict(list)
    for activity, form in filled:
        rows[form.model].append(form.row(activity))
    for model, each in rows.items():
        model._default_manager.bulk_create(each)
    links = [
        Arrest.offenses.through(arrest_id=activity.pk, offense_id=code)
        for activity, form in filled
        for code in form.many().get("offenses", [])
    ]
    if links:
        Arrest.offenses.through._default_manager.bulk_create(links)
