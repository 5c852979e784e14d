"""Rosters: what each shift is to do, drawn at random with a seed that is kept, and changed by supervisors."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import cycle, islice, repeat
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot
from tactics.analytics import drawing
from tactics.models import Activity, Assignment, Roster, Shift, Unit
from tactics.queries import rosters as queries
from tactics.queries.rosters import MINUTE, ShiftOfDay, Wanted

Action = AuditEntry.Action
CHANGED = Q(added_by__isnull=False) | Q(dropped_by__isnull=False) | ~Q(reason="")
LONGEST_REASON = 200
SEED_BITS = 48  # as many as a spreadsheet or a script elsewhere shows without rounding


class CannotChange(Exception):
    """The roster cannot be changed so; the text says why, for the page."""


@transaction.atomic
def draw(*, by: User | None, shift: Shift, day: date, seed: int | None = None) -> Roster:
    """Draw the roster of a shift on a day; one that exists is returned as it is. `by=None` is the system itself.

    The rosters of a week share one seed, drawn for the first of them.
    """
    _one_at_a_time()
    existing = Roster.objects.filter(shift=shift, day=day).first()
    if existing is not None:
        return existing
    if seed is None:
        seed = queries.seed_of_week(day)
    if seed is None:
        seed = secrets.randbits(SEED_BITS)
    on_duty = queries.shift_of_day(shift, day)
    roster = Roster.objects.create(
        shift=shift, day=day, starts_at=on_duty.starts_at, ends_at=on_duty.ends_at, seed=seed, drawn_by=by
    )
    made = Assignment.objects.bulk_create(assignments_for(roster, on_duty))
    _record(by, roster, what="drawn", drawn=len(made), seed=str(seed))
    return roster


def draw_coming(day: date) -> int:
    """Draw what is missing for a day, for the shifts that any plan's hours touch; returns how many rosters that were.

    Such a roster may be empty: the visits of a week are dealt out by its seed, which its first roster fixes.
    """
    drawn = 0
    for on_duty in queries.shifts_of_day(day):
        if Roster.objects.filter(shift=on_duty.shift, day=day).exists():
            continue
        if on_duty.ends_at > timezone.now() and queries.is_planned(on_duty):
            draw(by=None, shift=on_duty.shift, day=day)
            drawn += 1
    return drawn


@dataclass(frozen=True)
class Redraw:
    """What drawing a roster again would change."""

    comes: int
    goes: int
    changes_lost: int

    @property
    def is_nothing(self) -> bool:
        return not (self.comes or self.goes or self.changes_lost)


def what_redraw_changes(roster: Roster) -> Redraw:
    now = {(each.hot_spot_id, each.tactic, each.due_at) for each in roster.assignments.all()}
    again = assignments_for(roster, queries.shift_of_day(roster.shift, roster.day))
    then = {(each.hot_spot_id, each.tactic, each.due_at) for each in again}
    return Redraw(len(then - now), len(now - then), roster.assignments.filter(CHANGED).count())


@transaction.atomic
def redraw(*, by: User, roster: Roster) -> Roster:
    """Draw a roster again, by the plans as they are now and the same seed; supervisors' changes to it are lost.

    Who drew it first, and when, stays; the trail has the rest.
    """
    roster = _locked(roster)
    check_can_redraw(roster)
    on_duty = queries.shift_of_day(roster.shift, roster.day)
    lost = roster.assignments.filter(CHANGED).count()
    roster.assignments.all().delete()
    roster.starts_at, roster.ends_at = on_duty.starts_at, on_duty.ends_at
    roster.save(update_fields=["starts_at", "ends_at"])
    made = Assignment.objects.bulk_create(assignments_for(roster, on_duty))
    _record(by, roster, what="drawn again", drawn=len(made), changes_lost=lost)
    return roster


@transaction.atomic
def add(
    *,
    by: User,
    roster: Roster,
    hot_spot: HotSpot,
    tactic: str,
    minutes: int,
    due_at: datetime,
    reason: str,
    officer: User | None = None,
    unit: Unit | None = None,
) -> Assignment:
    """Put one more visit into a roster, at its time."""
    roster = _locked(roster)
    check_is_going_on(roster)
    if not roster.starts_at <= due_at < roster.ends_at:
        raise CannotChange(_("That time is outside of the shift."))
    later = roster.assignments.filter(due_at__gt=due_at)
    last = roster.assignments.aggregate(last=Max("position"))["last"] or 0
    position = later.aggregate(first=Min("position"))["first"] or last + 1
    roster.assignments.filter(position__gte=position).update(position=F("position") + 1)
    assignment = Assignment.objects.create(
        roster=roster,
        hot_spot=hot_spot,
        tactic=tactic,
        minutes=minutes,
        position=position,
        due_at=due_at,
        officer=officer,
        unit=unit,
        added_by=by,
        reason=reason,
    )
    _record(by, roster, what="added", visit=_words(assignment), reason=reason)
    return assignment


@transaction.atomic
def drop(*, by: User, assignment: Assignment, reason: str) -> Assignment:
    """Take a visit out of its roster; it stays there to be seen, with the reason."""
    assignment = _changeable(assignment)
    if assignment.dropped_at is not None:
        raise CannotChange(_("This visit is dropped already."))
    assignment.dropped_by, assignment.dropped_at, assignment.reason = by, timezone.now(), reason
    assignment.save(update_fields=["dropped_by", "dropped_at", "reason"])
    _record(by, assignment.roster, what="dropped", visit=_words(assignment), reason=reason)
    return assignment


@transaction.atomic
def restore(*, by: User, assignment: Assignment) -> Assignment:
    """Undo a drop; the reason is again what it was before."""
    assignment = _changeable(assignment)
    if assignment.dropped_at is None:
        raise CannotChange(_("This visit is not dropped."))
    undone = assignment.reason
    assignment.dropped_by = assignment.dropped_at = None
    assignment.reason = queries.reason_before_drop(assignment)
    assignment.save(update_fields=["dropped_by", "dropped_at", "reason"])
    _record(by, assignment.roster, what="taken in again", visit=_words(assignment), dropped_because=undone)
    return assignment


@transaction.atomic
def move(*, by: User, assignment: Assignment, earlier: bool, reason: str) -> Assignment:
    """Let a visit change places, and times, with the one before it, or after it, that stands and is not begun."""
    assignment = _changeable(assignment)
    if assignment.dropped_at is not None:
        raise CannotChange(_("This visit is dropped. Take it in again first."))
    others = queries.not_begun(assignment.roster.assignments.standing())
    if earlier:
        neighbor = others.filter(position__lt=assignment.position).order_by("-position").first()
    else:
        neighbor = others.filter(position__gt=assignment.position).order_by("position").first()
    if neighbor is None:
        raise CannotChange(_("There is no visit to change places with."))
    before = _words(assignment)
    for name in ("position", "due_at"):
        mine, theirs = getattr(assignment, name), getattr(neighbor, name)
        setattr(assignment, name, theirs)
        setattr(neighbor, name, mine)
    assignment.reason = _joined(assignment.reason, reason)
    neighbor.save(update_fields=["position", "due_at"])
    assignment.save(update_fields=["position", "due_at", "reason"])
    _record(by, assignment.roster, what="moved earlier" if earlier else "moved later", visit=before, reason=reason)
    return assignment


@transaction.atomic
def hand_over(
    *, by: User, assignment: Assignment, reason: str, officer: User | None = None, unit: Unit | None = None
) -> Assignment:
    """Give a visit to an officer or a unit, or back to whoever is next."""
    assignment = _changeable(assignment)
    assignment.officer, assignment.unit = officer, unit
    assignment.reason = _joined(assignment.reason, reason)
    assignment.save(update_fields=["officer", "unit", "reason"])
    to = str(officer or unit or _("whoever is next"))
    _record(by, assignment.roster, what="handed over", visit=_words(assignment), to=to, reason=reason)
    return assignment


def check_can_redraw(roster: Roster) -> None:
    check_is_going_on(roster)
    if Activity.objects.filter(assignment__roster=roster).exists():
        raise CannotChange(_("Work on this roster has begun. Add and drop visits instead."))


def can_redraw(roster: Roster) -> bool:
    try:
        check_can_redraw(roster)
    except CannotChange:
        return False
    return True


def check_is_going_on(roster: Roster) -> None:
    if roster.ends_at <= timezone.now():
        raise CannotChange(_("The shift is over; its roster stays as it was."))


def assignments_for(roster: Roster, on_duty: ShiftOfDay) -> list[Assignment]:
    """What the plans in force and the seed make of a roster; nothing is stored.

    One that is first drawn while its shift is on leaves out what would have been due before.
    """
    drawn_late = on_duty.starts_at < roster.drawn_at < on_duty.ends_at
    first = (roster.drawn_at - on_duty.starts_at) / MINUTE if drawn_late else 0
    wanted = queries.wanted(on_duty, roster.seed)
    needs = [each.need for each in wanted]
    drawn = drawing.draw(needs, seed=roster.seed, shift=on_duty.shift.pk, weekday=on_duty.day.weekday())
    visits = [visit for visit in drawn if visit.minute >= first]
    units = [_in_turn(each, roster) for each in wanted]
    return [
        Assignment(
            roster=roster,
            hot_spot_id=needs[visit.need].hot_spot,
            tactic=wanted[visit.need].tactic,
            minutes=needs[visit.need].minutes,
            position=position,
            due_at=on_duty.starts_at + visit.minute * MINUTE,
            unit_id=next(units[visit.need]),
        )
        for position, visit in enumerate(visits, start=1)
    ]


def _in_turn(wanted: Wanted, roster: Roster) -> Iterator[int | None]:
    """The units that the plan names, one after another from a start drawn at random; without any, whoever is next."""
    if not wanted.units:
        return repeat(None)
    start = np.random.default_rng([roster.seed, roster.day.toordinal(), wanted.need.hot_spot]).integers(
        len(wanted.units)
    )
    return islice(cycle(wanted.units), int(start), None)


def _locked(roster: Roster) -> Roster:
    return Roster.objects.select_for_update(of=("self",)).select_related("shift").get(pk=roster.pk)


def _changeable(assignment: Assignment) -> Assignment:
    """The assignment as it is now, its roster locked, unless its time to change has passed."""
    roster = _locked(assignment.roster)
    check_is_going_on(roster)
    found = Assignment.objects.select_related("hot_spot").filter(pk=assignment.pk, roster=roster).first()
    if found is None:
        raise CannotChange(_("The roster was drawn again meanwhile. Look at it anew."))
    if Activity.objects.counted().filter(assignment=found).exists():
        raise CannotChange(_("This visit has begun or is done; it stays as it is."))
    found.roster = roster
    return found


def _joined(before: str, reason: str) -> str:
    """What was said before stays beside it; where both are too long, the latest does, and the trail has the rest."""
    if reason in before.split("; "):
        return before
    both = f"{before}; {reason}" if before else reason
    return both if len(both) <= LONGEST_REASON else reason


def _words(assignment: Assignment) -> str:
    due_at = timezone.localtime(assignment.due_at, agency_zone())
    return f"{due_at:%H:%M} {assignment.hot_spot}, {assignment.get_tactic_display()}"


def _record(by: User | None, roster: Roster, **details: Any) -> None:
    record(by=by, action=Action.ROSTER_CHANGED, subject=roster, roster=roster.pk, **details)


def _one_at_a_time() -> None:
    """Two who draw at once, a worker and a supervisor, would give a week two seeds or a shift two rosters."""
    list(Shift.objects.select_for_update().order_by("pk").values_list("pk"))
