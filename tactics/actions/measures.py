"""Place measures whatever their kind: reported, planned, taken up, closed and reopened."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import Place
from hotspots.queries.locations import locate_point
from tactics.catalogue import Tactic
from tactics.measure_transitions import CannotMove, check_can_move
from tactics.models import Camera, Measure, TrespassAuthorization
from tactics.queries.activities import Spot, locate

Status = Measure.Status
PLANNED = ("title", "party", "organization", "due_on", "note")  # what anybody planning one may change


class NowhereNear(CannotMove):
    """A report without a place, from where no place is near."""


@transaction.atomic
def report(
    *, by: User, id: UUID, kind: str, place: Place | None, title: str, note: str, point: Point | None = None
) -> Measure:
    """Keep what was seen from the street until somebody takes it up. The same `id` again changes nothing."""
    found = place or (nearest_place(point) if point else None)
    if found is None:
        raise NowhereNear(_("No place is near. Choose the place by its name."))
    measure, is_new = Measure.objects.get_or_create(
        pk=id,
        defaults={
            "kind": kind,
            "place": found,
            "point": point,
            "title": title,
            "note": note,
            "status": Status.REPORTED,
            "created_by": by,
        },
    )
    if is_new:
        audit(by, measure, "reported")
    return measure


def nearest_place(point: Point) -> Place | None:
    """The complex around a point, as for a parking lot; else the nearest block or address."""
    around = locate_point(point).complex_id
    found = around or locate([Spot(point, None, timezone.localdate())])[0].place
    return Place.objects.get(pk=found) if found else None


@transaction.atomic
def plan(*, by: User, kind: str, place: Place, title: str, due_on: date, **values: Any) -> Measure:
    """A measure that somebody means to do. `values`: party, organization, note, point."""
    measure = Measure.objects.create(
        kind=kind, place=place, title=title, due_on=due_on, created_by=by, status=Status.OPEN, **values
    )
    audit(by, measure, "planned", due_on=due_on.isoformat())
    return measure


@transaction.atomic
def edit(*, by: User, measure: Measure, **values: Any) -> Measure:
    """Change what is planned (`PLANNED`); a day that a legal clock sets is not changed here."""
    measure = locked(measure)
    changed = {name: [getattr(measure, name), value] for name, value in values.items() if name in PLANNED}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if changed:
        for name, (_before, value) in changed.items():
            setattr(measure, name, value)
        measure.save(update_fields=list(changed))
        audit(by, measure, "changed", changed={name: [str(each or "") for each in changed[name]] for name in changed})
    return measure


@transaction.atomic
def take_up(*, by: User, measure: Measure, **values: Any) -> Measure:
    """What was reported becomes something to do, with who sees to it and by when."""
    measure = locked(measure)
    check_can_move(measure, Status.OPEN)
    if measure.kind == Tactic.LEASE_ENFORCEMENT:
        raise CannotMove(_("Record the violation: a lease case begins with it and with the question of who called."))
    for name, value in values.items():
        setattr(measure, name, value)
    measure.status = Status.OPEN
    measure.save(update_fields=["status", *values])
    audit(by, measure, "taken up")
    return measure


@transaction.atomic
def finish(*, by: User, measure: Measure, outcome: str = "") -> Measure:
    measure = locked(measure)
    check_can_move(measure, Status.DONE)
    check_can_finish(measure)
    close(by, measure, Status.DONE, outcome)
    audit(by, measure, "done", outcome=outcome)
    return measure


@transaction.atomic
def drop(*, by: User, measure: Measure, reason: str) -> Measure:
    """Not to be done after all; says why. Of a camera that is no longer registered no contact is kept."""
    measure = locked(measure)
    check_can_move(measure, Status.DROPPED)
    Camera.objects.filter(measure=measure).update(contact="")
    close(by, measure, Status.DROPPED, reason)
    audit(by, measure, "dropped", reason=reason)
    return measure


@transaction.atomic
def reopen(*, by: User, measure: Measure) -> Measure:
    """Undo done or dropped: a measure goes back to where it was."""
    measure = locked(measure)
    status = Status.OPEN if measure.due_on else Status.REPORTED
    check_can_move(measure, status)
    check_can_reopen(measure)
    TrespassAuthorization.objects.filter(measure=measure).update(ended_on=None)
    open_again(measure, status)
    audit(by, measure, "reopened")
    return measure


def check_can_finish(measure: Measure) -> None:
    if measure.kind == Tactic.CAMERAS and hasattr(measure, "camera"):
        raise CannotMove(_("A camera stays registered until its owner withdraws the consent, or it is dropped."))
    if measure.kind == Tactic.TRESPASS and hasattr(measure, "trespass"):
        raise CannotMove(_("An authorization holds until it is ended. End it with the day and the reason."))


def check_can_reopen(measure: Measure) -> None:
    camera = getattr(measure, "camera", None)
    if camera and camera.withdrawn_on:
        raise CannotMove(_("The owner withdrew the consent. With a new consent, register the camera anew."))
    authorization = getattr(measure, "trespass", None)
    if authorization and authorization.owner_changed:
        raise CannotMove(_("The property has a new owner. Ask the new owner for an authorization of their own."))
    case = getattr(measure, "lease_case", None)
    if case and measure.status == Status.DONE:
        raise CannotMove(_("Take the outcome back instead: undo the last step of the case."))


def can_reopen(measure: Measure) -> bool:
    try:
        check_can_reopen(measure)
    except CannotMove:
        return False
    return True


def check_is_open(measure: Measure) -> None:
    if measure.status != Status.OPEN:
        words = _("This is %(now)s. Take it up or reopen it first.")
        raise CannotMove(words % {"now": measure.get_status_display().lower()})


def close(by: User, measure: Measure, status: str, outcome: str) -> None:
    measure.status, measure.outcome = status, outcome
    measure.closed_by, measure.closed_at = by, timezone.now()
    measure.save(update_fields=["status", "outcome", "closed_by", "closed_at"])


def open_again(measure: Measure, status: str = Status.OPEN) -> None:
    measure.status, measure.outcome, measure.closed_by, measure.closed_at = status, "", None, None
    measure.save(update_fields=["status", "outcome", "closed_by", "closed_at"])


def locked(measure: Measure) -> Measure:
    """The measure as it is now, kept from others until the transaction ends."""
    return Measure.objects.select_for_update(of=("self",)).select_related("place").get(pk=measure.pk)


def audit(by: User, measure: Measure, change: str, **details: Any) -> None:
    subject = f"{measure.get_kind_display()}, {measure.place}"
    action = AuditEntry.Action.MEASURE_CHANGED
    record(by=by, action=action, subject=subject, change=change, measure=str(measure.pk), **details)
