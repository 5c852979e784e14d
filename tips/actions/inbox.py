"""What detectives do with a tip: judged, placed, taken, ended, held.

What was done stays with the tip as an event and goes with it; the trail holds codes alone, no place and no word of a tip.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot, Place
from tips.models import Tip, TipEvent
from tips.transitions import CannotMove, check_can_move

Status = Tip.Status
BACK = {Status.CLOSED: Status.WORKING, Status.REFERRED: Status.WORKING, Status.NOT_ACTIONABLE: Status.TRIAGED}
JUDGED = ("credibility", "language", "about_person", "basis", "review_on")


def lock(tip: Tip, *, seen: int | None = None, by: User | None = None) -> Tip:
    """The tip as it is now, until this is committed. `seen`: the newest event when the page was made; what somebody
    else did since is to be looked at first."""
    found = Tip.objects.select_for_update().filter(pk=tip.pk).first()
    if found is None:
        raise CannotMove(_("This tip was deleted when its time was over."))
    if seen is not None:
        newer = TipEvent.objects.filter(tip=found, pk__gt=seen).exclude(by=by).select_related("by").first()
        if newer:
            who = newer.by or _("The system")
            words = _("%(who)s worked on this tip while you did: %(what)s. Look at it and decide again.")
            raise CannotMove(words % {"who": who, "what": newer.what})
    return found


def note_event(tip: Tip, by: User | None, change: str, **details: Any) -> None:
    """Once for those who work on the tip, once for the trail."""
    told = ", ".join(f"{name} {value}" for name, value in details.items() if value).replace("_", " ")
    TipEvent.objects.create(tip=tip, by=by, what=f"{change}: {told}" if told else change)
    record(by=by, action=AuditEntry.Action.TIP_CHANGED, subject=tip, change=change, **details)


@transaction.atomic
def judge(*, by: User, tip: Tip, values: Mapping[str, Any], seen: int | None = None) -> Tip:
    """How credible it is, its language, whether it is about a person. A new tip is triaged with it, and out of quarantine."""
    tip = lock(tip, seen=seen, by=by)
    changed = [name for name in JUDGED if values[name] != getattr(tip, name)]
    for name in changed:
        setattr(tip, name, values[name])
    triaged = tip.status == Status.NEW
    if triaged:
        check_can_move(tip, Status.TRIAGED)
        tip.status, tip.quarantined = Status.TRIAGED, False
    if triaged or changed:
        tip.save(update_fields=[*changed, "status", "quarantined"])
        told = {
            "credibility": tip.credibility if "credibility" in changed else "",
            "basis": tip.basis if "basis" in changed else "",
        }
        note_event(tip, by, "triaged" if triaged else "judged", **told, changed=", ".join(changed))
    return tip


@transaction.atomic
def set_place(*, by: User, tip: Tip, place: Place | None, seen: int | None = None) -> Tip:
    """Where it is. The hot spot around comes with it, if there is one and none was chosen."""
    tip = lock(tip, seen=seen, by=by)
    tip.place = place
    around = _hot_spot_around(place) if place and not tip.hot_spot_id else None
    if around:
        tip.hot_spot = around
    tip.save(update_fields=["place", "hot_spot"])
    note_event(tip, by, "place set" if place else "place taken off")
    return tip


def _hot_spot_around(place: Place) -> HotSpot | None:
    pks = [pk for pk in (place.pk, place.block_id, place.complex_id) if pk]
    return HotSpot.objects.filter(boundaries__places__in=pks, ended_on=None).distinct().first()


@transaction.atomic
def set_hot_spot(*, by: User, tip: Tip, hot_spot: HotSpot | None, seen: int | None = None) -> Tip:
    tip = lock(tip, seen=seen, by=by)
    tip.hot_spot = hot_spot
    tip.save(update_fields=["hot_spot"])
    note_event(tip, by, "hot spot set" if hot_spot else "hot spot taken off")
    return tip


@transaction.atomic
def take(*, by: User, tip: Tip, seen: int | None = None) -> Tip:
    """Somebody works on it from now on. What another works on is not taken, but given by them or assigned."""
    tip = lock(tip, seen=seen, by=by)
    if tip.assigned_to_id and tip.assigned_to_id != by.pk:
        raise CannotMove(_("%(who)s works on it by now.") % {"who": tip.assigned_to})
    return _give(tip, by, by, "taken")


@transaction.atomic
def assign(*, by: User, tip: Tip, to: User, seen: int | None = None) -> Tip:
    return _give(lock(tip, seen=seen, by=by), by, to, f"given to {to.username}")


@transaction.atomic
def put_back(*, by: User, tip: Tip, seen: int | None = None) -> Tip:
    """Nobody works on it any more: the undo of taking it."""
    return _give(lock(tip, seen=seen, by=by), by, None, "put back")


def _give(tip: Tip, by: User, to: User | None, change: str) -> Tip:
    if not tip.is_open:
        raise CannotMove(_("This tip has ended. Reopen it first."))
    tip.assigned_to = to
    before, after = (Status.TRIAGED, Status.WORKING) if to else (Status.WORKING, Status.TRIAGED)
    if tip.status == before:
        check_can_move(tip, after)
        tip.status = after
    tip.save(update_fields=["assigned_to", "status"])
    note_event(tip, by, change)
    return tip


@transaction.atomic
def end(*, by: User, tip: Tip, status: str, outcome: str, referred: bool = False, seen: int | None = None) -> Tip:
    """Close it, find it not actionable or, after it was sent to a partner, referred; with why."""
    tip = lock(tip, seen=seen, by=by)
    check_can_move(tip, status, outcome, referred=referred)
    tip.status, tip.outcome, tip.closed_on, tip.quarantined = status, outcome, timezone.localdate(), False
    tip.save(update_fields=["status", "outcome", "closed_on", "quarantined"])
    note_event(tip, by, status, outcome=outcome)
    return tip


@transaction.atomic
def reopen(*, by: User, tip: Tip, seen: int | None = None) -> Tip:
    """Undo ending it: somebody's work again, or to be judged again."""
    tip = lock(tip, seen=seen, by=by)
    if tip.is_open:
        raise CannotMove(_("It is open already."))
    status = BACK[Status(tip.status)]
    check_can_move(tip, status)
    tip.status, tip.outcome, tip.closed_on = status, "", None
    tip.save(update_fields=["status", "outcome", "closed_on"])
    note_event(tip, by, "reopened")
    return tip


@transaction.atomic
def mark_same(*, by: User, tip: Tip, other: Tip, ends: bool = False, seen: int | None = None) -> Tip:
    """Told in another tip too. All that tell of one matter point to one of them; `ends` ends this one with it."""
    first, second = sorted([tip.pk, other.pk])  # in one order, so that two people at once do not wait for each other
    locked = {each.pk: each for each in Tip.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")}
    if len(locked) < 2:
        raise CannotMove(_("Choose another tip: this one is gone, or the same."))
    tip = lock(tip, seen=seen, by=by)
    other = locked[other.pk]
    told_in = other.same_as or other
    if told_in.pk == tip.pk:
        raise CannotMove(_("That one already says that it is told in this tip."))
    tip.same_as = told_in
    tip.save(update_fields=["same_as"])
    tip.duplicates.update(same_as=told_in)
    note_event(tip, by, "told in another tip", other=told_in.short)
    return end(by=by, tip=tip, status=Status.NOT_ACTIONABLE, outcome=Tip.Outcome.DUPLICATE) if ends else tip


@transaction.atomic
def unmark_same(*, by: User, tip: Tip, seen: int | None = None) -> Tip:
    tip = lock(tip, seen=seen, by=by)
    tip.same_as = None
    tip.save(update_fields=["same_as"])
    note_event(tip, by, "told in no other tip")
    return tip


@transaction.atomic
def hold(*, by: User, tip: Tip, seen: int | None = None) -> Tip:
    """A court or a case needs it: it does not go when its time is over."""
    tip = lock(tip, seen=seen, by=by)
    if tip.held_at:
        raise CannotMove(_("It is held already."))
    tip.held_by, tip.held_at = by, timezone.now()
    tip.save(update_fields=["held_by", "held_at"])
    note_event(tip, by, "held")
    return tip


@transaction.atomic
def lift_hold(*, by: User, tip: Tip, seen: int | None = None) -> Tip:
    tip = lock(tip, seen=seen, by=by)
    if not tip.held_at:
        raise CannotMove(_("It is not held."))
    tip.held_by = tip.held_at = None
    tip.save(update_fields=["held_by", "held_at"])
    note_event(tip, by, "hold lifted")
    return tip


@transaction.atomic
def set_review(*, by: User, tip: Tip, basis: str, review_on: date, seen: int | None = None) -> Tip:
    """It was reviewed, and may be kept until another day, on a basis that was judged again (28 CFR 23.20)."""
    tip = lock(tip, seen=seen, by=by)
    if not tip.about_person:
        raise CannotMove(_("It is not about a person by now."))
    tip.basis, tip.review_on = basis, review_on
    tip.save(update_fields=["basis", "review_on"])
    note_event(tip, by, "reviewed", basis=basis, until=review_on.isoformat())
    return tip
