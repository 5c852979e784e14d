"""What is asked of shifts and rosters. Times of day are the agency's; a shift over midnight is its first day's."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone
from numpy.typing import NDArray

from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot
from tactics.analytics import drawing
from tactics.catalogue import ASSIGNABLE, Tactic
from tactics.models import Activity, Assignment, Plan, PlanTactic, Roster, Shift
from tactics.models.rosters import AssignmentQuerySet

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
Slots = dict[tuple[int, int], int]  # weekday and shift to minutes
TACTIC_NUMBERS = {tactic.value: number for number, tactic in enumerate(Tactic)}


@dataclass(frozen=True)
class ShiftOfDay:
    """A shift on one day: when it really starts and ends."""

    shift: Shift
    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class NextVisit:
    assignment: Assignment
    hot_spot: HotSpot
    tactic: str
    minutes: int
    due_at: datetime
    overdue_minutes: int  # 0 until it is due


@dataclass(frozen=True)
class Wanted:
    """Visits of one tactic that the plan of a hot spot wants in one shift, by these units if it names any."""

    tactic: str
    units: Sequence[int]
    need: drawing.Need


def shift_of_day(shift: Shift, day: date) -> ShiftOfDay:
    """Start and end by the wall clock: where clocks change in between, it is longer or shorter by an hour."""
    starts = datetime.combine(day, shift.starts_at)
    ends = starts + shift.minutes * MINUTE
    return ShiftOfDay(shift, day, *(wall.replace(tzinfo=agency_zone()).astimezone(UTC) for wall in (starts, ends)))


def shifts_of_day(day: date) -> list[ShiftOfDay]:
    return [shift_of_day(shift, day) for shift in Shift.objects.filter(is_active=True)]


def shift_at(instant: datetime) -> ShiftOfDay | None:
    """The shift that is on duty; where several are, the one that came on last."""
    today = instant.astimezone(agency_zone()).date()
    shifts = list(Shift.objects.filter(is_active=True))
    near = [shift_of_day(shift, today - back * DAY) for shift in shifts for back in (0, 1)]
    on_duty = [each for each in near if each.starts_at <= instant < each.ends_at]
    return max(on_duty, key=lambda each: each.starts_at, default=None)


def current_rosters(now: datetime) -> Any:
    """Those in force, the latest first: shifts may overlap."""
    return Roster.objects.filter(starts_at__lte=now, ends_at__gt=now).select_related("shift").order_by("-starts_at")


def current_roster(now: datetime) -> Roster | None:
    return current_rosters(now).first()


def next_visits(user: User, now: datetime) -> list[NextVisit]:
    """What this officer is to do next in the shift that is on, overdue first."""
    found = open_assignments(now).filter(Q(officer=user) | Q(officer=None)).exclude(_of_others(user))
    return [
        NextVisit(
            assignment=assignment,
            hot_spot=assignment.hot_spot,
            tactic=assignment.tactic,
            minutes=assignment.minutes,
            due_at=assignment.due_at,
            overdue_minutes=max(0, int((now - assignment.due_at) / MINUTE)),
        )
        for assignment in found
    ]


def open_assignments(now: datetime) -> AssignmentQuerySet:
    """Of the rosters in force, in a hot spot that has not ended, not dropped and not begun; by the time they are due."""
    today = timezone.localdate(now, agency_zone())
    standing = Assignment.objects.standing().filter(
        roster__starts_at__lte=now, roster__ends_at__gt=now, hot_spot__in=HotSpot.objects.active_on(today)
    )
    return not_begun(standing).select_related("hot_spot", "unit", "roster").order_by("due_at", "position", "pk")


def not_begun(assignments: AssignmentQuerySet) -> AssignmentQuerySet:
    return assignments.exclude(Exists(Activity.objects.counted().filter(assignment=OuterRef("pk"))))


def assignments_met_by(activities: Sequence[Activity], officer: User) -> list[tuple[Activity, Assignment]]:
    """The open visits that an officer makes who starts these without choosing from the list, in one query.

    Those of the activity's own unit come first, then free ones, then another unit's; then by the time they are due."""
    if not activities:
        return []
    starts = [activity.started_at for activity in activities]
    standing = Assignment.objects.standing().filter(
        hot_spot__in={activity.hot_spot_id for activity in activities},
        tactic__in={activity.kind for activity in activities},
        roster__starts_at__lte=max(starts),
        roster__ends_at__gt=min(starts),
    )
    mine = standing.filter(Q(officer=officer) | Q(officer=None)).exclude(_of_others(officer))
    left = list(not_begun(mine).select_related("roster", "hot_spot").order_by("due_at", "position", "pk"))
    met = []
    for activity in sorted(activities, key=lambda each: each.started_at):
        fitting = [assignment for assignment in left if _fits(activity, assignment)]
        if fitting:
            chosen = min(fitting, key=lambda each: _whose(each, activity.unit_id))  # the first of equals
            left.remove(chosen)
            met.append((activity, chosen))
    return met


def _fits(activity: Activity, assignment: Assignment) -> bool:
    roster, hot_spot = assignment.roster, assignment.hot_spot
    day = timezone.localdate(activity.started_at, agency_zone())
    return (
        (assignment.hot_spot_id, assignment.tactic) == (activity.hot_spot_id, activity.kind)
        and roster.starts_at <= activity.started_at < roster.ends_at
        and hot_spot.starts_on <= day
        and (hot_spot.ended_on is None or day < hot_spot.ended_on)
    )


def _whose(assignment: Assignment, unit: int | None) -> int:
    if assignment.unit_id is None:
        return 1
    return 0 if assignment.unit_id == unit else 2


def _of_others(user: User) -> Exists:
    """The plan of the hot spot names officers, and this is none of them. What was handed to somebody is theirs.

    Officers who can no longer sign in are not counted, lest a visit be nobody's.
    """
    open_plan = Plan.objects.open().filter(hot_spot=OuterRef("hot_spot"), officers__is_active=True)
    named = Plan.officers.through.objects.filter(plan__hot_spot=OuterRef("hot_spot"), user=user)
    named = named.exclude(plan__status=Plan.Status.ENDED)
    nobodys = Assignment.objects.filter(pk=OuterRef("pk"), officer=None)
    return Exists(nobodys.filter(Exists(open_plan)).exclude(Exists(named)))


def seed_of_week(day: date) -> int | None:
    """The seed that the rosters of the week share, so that what is fair is fair over the week."""
    monday = day - day.weekday() * DAY
    rosters = Roster.objects.filter(day__gte=monday, day__lt=monday + 7 * DAY)
    return rosters.order_by("drawn_at", "pk").values_list("seed", flat=True).first()


def wanted(on_duty: ShiftOfDay, seed: int) -> list[Wanted]:
    """What the plans in force want of one shift of one day; the visits of a week are dealt out with the seed."""
    found = []
    for plan, slots, here, open_minutes in _touching(on_duty):
        for tactic in plan.tactics.all():
            visits, weekdays = _in_this_shift(plan, tactic, on_duty, slots, here, open_minutes.size, seed)
            if not visits:
                continue
            number = TACTIC_NUMBERS[tactic.tactic]
            need = drawing.Need(plan.hot_spot_id, number, visits, tactic.minutes or 0, open_minutes, weekdays)
            units = [unit.pk for unit in plan.units.all() if unit.is_active]
            found.append(Wanted(tactic.tactic, units, need))
    return found


def is_planned(on_duty: ShiftOfDay) -> bool:
    """Whether the hours of any plan touch the shift, whatever the seed deals out to it."""
    return any(True for _ in _touching(on_duty))


def _touching(on_duty: ShiftOfDay) -> Iterator[tuple[Plan, Slots, frozenset[int], NDArray[np.int64]]]:
    """Plans in force with the shifts of a week that their hours touch, the weekdays on which they touch this one, and
    the minutes of it that are theirs."""
    plans = Plan.objects.in_force_on(on_duty.day).prefetch_related("tactics", "units").order_by("pk")
    shifts = list(Shift.objects.filter(Q(is_active=True) | Q(pk=on_duty.shift.pk)))
    hours = drawing.local_hours(on_duty.starts_at, on_duty.ends_at, agency_zone())
    for plan in plans:
        slots = touched(plan.hours, shifts)
        here = frozenset(weekday for weekday, shift in slots if shift == on_duty.shift.pk)
        open_minutes = drawing.open_minutes(hours, plan.hours)
        if open_minutes.size and on_duty.day.weekday() in here:
            yield plan, slots, here, open_minutes


def _in_this_shift(
    plan: Plan,
    tactic: PlanTactic,
    on_duty: ShiftOfDay,
    slots: dict[tuple[int, int], int],
    here: frozenset[int],
    minutes: int,
    seed: int,
) -> tuple[int, frozenset[int]]:
    """How many visits, and the weekdays on which this shift makes any."""
    if tactic.visits is None or tactic.tactic not in ASSIGNABLE:
        return 0, here
    if tactic.per == PlanTactic.Per.SHIFT:
        return drawing.visits_in_shift(tactic.visits, minutes, plan.interval_minutes), here
    number = TACTIC_NUMBERS[tactic.tactic]
    counts = drawing.spread_over_week(tactic.visits, list(slots), seed=seed, hot_spot=plan.hot_spot_id, tactic=number)
    mine = {day: int(count) for (day, shift), count in zip(slots, counts, strict=True) if shift == on_duty.shift.pk}
    return mine[on_duty.day.weekday()], frozenset(day for day, count in mine.items() if count)


def touched(hours: Iterable[int], shifts: Iterable[Shift]) -> Slots:
    """(weekday, shift) in the order of the week to the minutes in which hours of the week fall into the shift."""
    within = sorted(set(hours))
    minutes: defaultdict[tuple[int, int], int] = defaultdict(int)
    by_start = sorted(shifts, key=lambda shift: (shift.starts_at, shift.pk))
    for weekday in range(7):
        for shift in by_start:
            size = int(drawing.usual_minutes(shift.starts_at, shift.minutes, weekday)[within].sum())
            if size:
                minutes[weekday, shift.pk] = size
    return dict(minutes)


def with_work(rosters: Any) -> Any:
    """Rosters with their assignments, and what was done on each, in a fixed number of queries."""
    done = Activity.objects.counted().select_related("officer", "unit").order_by("started_at")
    assignments = Assignment.objects.select_related("hot_spot", "officer", "unit", "added_by", "dropped_by")
    assignments = assignments.prefetch_related(Prefetch("activities", queryset=done)).order_by("position")
    return rosters.select_related("shift", "drawn_by").prefetch_related(Prefetch("assignments", queryset=assignments))


def plans_changed_since(roster: Roster, entries: Sequence[AuditEntry]) -> bool:
    """Whether any plan was changed after the roster was drawn, or drawn again as its history says."""
    drawn_at = max((entry.at for entry in entries if "drawn" in entry.details), default=roster.drawn_at)
    return AuditEntry.objects.filter(action=AuditEntry.Action.PLAN_CHANGED, at__gt=drawn_at).exists()


def reason_before_drop(assignment: Assignment) -> str:
    """From the versions that the database keeps of every row."""
    events: Any = Assignment.pgh_event_model  # type: ignore[attr-defined]  # pghistory adds it
    versions = events.objects.filter(pgh_obj=assignment, dropped_at=None)
    return versions.order_by("-pgh_id").values_list("reason", flat=True).first() or ""


def history(roster: Roster) -> list[AuditEntry]:
    """What was done with a roster, the latest first: from the audit trail."""
    # Bounded by time, for the trail has an index on that alone.
    entries = AuditEntry.objects.filter(action=AuditEntry.Action.ROSTER_CHANGED, at__gte=roster.drawn_at)
    return list(entries.filter(details__roster=roster.pk).select_related("actor"))
