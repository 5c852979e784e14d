"""What a briefing tells of a shift: its hot spots, what to do there and when, what happened, what to look for.

Every question is asked once for all hot spots. Offenses that tell of a victim are left out, since paper lies around.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from django.db import connection

from accounts.agency import agency_zone
from hotspots.models import Offense
from hotspots.projection import city_srid
from hotspots.queries.map import latest_incident_day
from hotspots.statements import statement
from tactics.analytics import drawing
from tactics.catalogue import ACTIVITIES, ASSIGNABLE, Tactic
from tactics.drawings import PROPORTION, Shape, SmallMap, small_map
from tactics.models import (
    Assignment,
    Briefing,
    K9Deployment,
    KnockAndTalk,
    Measure,
    Patrol,
    Plan,
    PlanTactic,
    Roster,
    Shift,
    VehicleStop,
)
from tactics.queries.plans import planned_per_week
from tactics.queries.rosters import MINUTE, ShiftOfDay, shift_of_day

SQL = Path(__file__).resolve().parent.parent / "sql" / "briefings"
WEEK = timedelta(days=7)
WEEKS_BEFORE = 12  # what is usual
HEARD = timedelta(days=28)  # how far back residents' concerns are told: few doors are knocked on in a week
MOST_TIMES, MOST_ROOMY = 6, 2
MOST_PENDING, PENDING_AHEAD = 4, timedelta(days=30)
LEAST_MAP_M, MAP_MARGIN = 280, 1.5
LATE_DATA = timedelta(days=2)


@dataclass(frozen=True)
class Happened:
    """Incidents of one category in the last seven days; `usual` is a week's average of the twelve weeks before."""

    label: str
    times: list["Span"]  # the earliest first
    new: int
    usual: float

    @property
    def latest(self) -> list["Span"]:
        return self.times[-MOST_TIMES:]

    @property
    def earlier(self) -> int:
        return len(self.times) - len(self.latest)


class Span(NamedTuple):
    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Told:
    """A value of the details of activities and how often it was said."""

    label: str
    number: int


@dataclass(frozen=True)
class Done:
    """What was done of a tactic in the last seven days; `planned` is None where a week's visits are not planned."""

    label: str
    visits: int
    minutes: float | None
    planned: int | None


@dataclass(frozen=True)
class ToDo:
    """One tactic in this shift. `due` are the visits of the roster; `amount` is the plan's, where it has one."""

    label: str
    due: list[Assignment]
    amount: PlanTactic

    @property
    def is_assigned(self) -> bool:
        """By rosters; vehicle stops and arrests are not."""
        return self.amount.tactic in ASSIGNABLE


@dataclass(frozen=True)
class Pending:
    title: str
    kind: str
    party: str
    due_on: date | None
    is_overdue: bool
    is_reported: bool


@dataclass
class Block:
    """One hot spot on the page, by the number that it has there."""

    number: int
    plan: Plan
    hours: list[tuple[datetime, datetime]]
    to_do: list[ToDo]
    is_drawn: bool  # there is a roster
    map: SmallMap | None = None
    happened: list[Happened] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    seen: list[Told] = field(default_factory=list)
    outcomes: list[Told] = field(default_factory=list)
    concerns: list[Told] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)

    @property
    def incidents(self) -> int:
        return sum(len(each.times) for each in self.happened)

    @property
    def new(self) -> int:
        return sum(each.new for each in self.happened)

    @property
    def usual(self) -> float:
        return sum(each.usual for each in self.happened)

    @property
    def is_usually_quiet(self) -> bool:
        """Less than is told with one decimal."""
        return self.usual < 0.05

    @property
    def due(self) -> list[ToDo]:
        """With visits in this shift, or never assigned; without a roster everything."""
        return [each for each in self.to_do if each.due or not each.is_assigned or not self.is_drawn]

    @property
    def not_due(self) -> list[ToDo]:
        return [each for each in self.to_do if each not in self.due]

    @property
    def more_pending(self) -> int:
        return max(0, len(self.pending) - MOST_PENDING)

    @property
    def crew(self) -> list[str]:
        """Who makes the visits: as the roster hands them out, else whom the plan names."""
        due = [visit for each in self.to_do for visit in each.due]
        named = {str(who): None for visit in due for who in (visit.unit, visit.officer) if who}
        return list(named) or [str(who) for who in (*self.plan.units.all(), *self.plan.officers.all())]


@dataclass
class Sheet:
    """Everything that is on the page."""

    on_duty: ShiftOfDay
    made_at: datetime
    since: datetime  # seven days before it
    last: datetime | None  # the last briefing of this shift before
    roster: Roster | None
    visits: list[tuple[Assignment, int]]  # in the order of the roster, with the number of the hot spot
    blocks: list[Block]
    resting: list[Plan]  # in force, but not in the hours of this shift
    data_until: date | None

    @property
    def columns(self) -> list[list[tuple[Assignment, int]]]:
        """The visits in two columns, or in three where they are many, one below the other."""
        number = 2 if self.is_roomy else 3
        length = -(-len(self.visits) // number)
        return [self.visits[first : first + length] for first in range(0, len(self.visits), max(length, 1))]

    @property
    def is_roomy(self) -> bool:
        """Few enough hot spots for larger letters on one page."""
        return len(self.blocks) <= MOST_ROOMY

    @property
    def is_data_late(self) -> bool:
        """Too late for "nothing happened" to mean that."""
        last_day = self.made_at.astimezone(agency_zone()).date() - LATE_DATA
        return self.data_until is not None and self.data_until < last_day


def sheet(shift: Shift, day: date, now: datetime) -> Sheet:
    """The briefing of a shift as of `now`, or of its start where that has passed. A fixed number of queries."""
    on_duty = shift_of_day(shift, day)
    made_at = min(now, on_duty.starts_at)
    earlier = Briefing.objects.filter(shift=shift, day__lt=day, made_at__lt=made_at)
    last = earlier.order_by("-made_at").values_list("made_at", flat=True).first()
    roster = Roster.objects.filter(shift=shift, day=day).first()
    visits = list(standing_visits(roster))
    plans = plans_of(day, {visit.hot_spot_id for visit in visits})
    blocks: list[Block] = []
    resting: list[Plan] = []
    for plan in plans:
        mine = [visit for visit in visits if visit.hot_spot_id == plan.hot_spot_id]
        hours = hours_within(plan, on_duty)
        if hours or mine:
            blocks.append(Block(len(blocks) + 1, plan, hours, list(to_do(plan, mine)), roster is not None))
        else:
            resting.append(plan)
    numbers = {block.plan.hot_spot_id: block.number for block in blocks}
    found = Sheet(
        on_duty=on_duty,
        made_at=made_at,
        since=made_at - WEEK,
        last=last,
        roster=roster,
        visits=[(visit, numbers[visit.hot_spot_id]) for visit in visits if visit.hot_spot_id in numbers],
        blocks=blocks,
        resting=resting,
        data_until=latest_incident_day(agency_zone()),
    )
    if blocks:
        fill(found)
    return found


def standing_visits(roster: Roster | None) -> Iterable[Assignment]:
    if roster is None:
        return []
    standing = roster.assignments.standing().select_related("hot_spot", "unit", "officer")
    return standing.order_by("due_at", "position")


def plans_of(day: date, visited: set[int]) -> list[Plan]:
    """Plans in force on the day, and those of hot spots to which a supervisor has sent somebody all the same."""
    plans = Plan.objects.in_force_on(day) | Plan.objects.open().filter(hot_spot__in=visited)
    plans = plans.select_related("hot_spot__commander").prefetch_related("tactics", "officers", "units")
    return sorted(plans.distinct(), key=lambda plan: plan.hot_spot.name)


def hours_within(plan: Plan, on_duty: ShiftOfDay) -> list[tuple[datetime, datetime]]:
    """When the hours of the plan hold within the shift, as runs of time."""
    minutes = drawing.local_hours(on_duty.starts_at, on_duty.ends_at, agency_zone())
    open_minutes = drawing.open_minutes(minutes, plan.hours).tolist()
    runs: list[list[int]] = []
    for minute in open_minutes:
        if runs and runs[-1][1] == minute:
            runs[-1][1] += 1
        else:
            runs.append([minute, minute + 1])
    return [(on_duty.starts_at + first * MINUTE, on_duty.starts_at + until * MINUTE) for first, until in runs]


def to_do(plan: Plan, visits: Sequence[Assignment]) -> Iterator[ToDo]:
    """What the plan asks for, with the visits of the roster; what a supervisor added beside the plan comes last."""
    planned = {each.tactic: each for each in plan.tactics.all() if each.tactic in ACTIVITIES}
    added = {visit.tactic: PlanTactic(plan=plan, tactic=visit.tactic) for visit in visits}
    for tactic, amount in {**added, **planned}.items():
        yield ToDo(str(Tactic(tactic).label), [visit for visit in visits if visit.tactic == tactic], amount)


def fill(found: Sheet) -> None:
    """What the database tells of the hot spots of the page."""
    blocks = {block.plan.hot_spot_id: block for block in found.blocks}
    day = found.on_duty.day
    for hot_spot, drawn in maps(list(blocks), day).items():
        blocks[hot_spot].map = drawn
    asked = {
        "hot_spots": list(blocks),
        "day": day,
        "until": found.made_at,
        "since": found.since,
        "heard_since": found.made_at - HEARD,
        "before": found.since - WEEKS_BEFORE * WEEK,
        "due_until": day + PENDING_AHEAD,
        "known_at": found.last or datetime.max.replace(tzinfo=UTC),
    }
    for hot_spot, category, starts, ends, new, before in rows("incidents", asked):
        spans = [Span(start, end) for start, end in zip(starts or [], ends or [], strict=True)]
        label = str(Offense.Category(category).label)
        blocks[hot_spot].happened.append(Happened(label, spans, new, before / WEEKS_BEFORE))
    _fill_done(found, blocks, rows("done", asked))
    for hot_spot, title, kind, party, status, due_on in rows("measures", asked):
        overdue = due_on is not None and due_on < day
        reported = status == Measure.Status.REPORTED
        words = str(Tactic(kind).label), str(Measure.Party(party).label)
        blocks[hot_spot].pending.append(Pending(title, *words, due_on, overdue, reported))


TELLS: dict[str, tuple[str, Any]] = {
    "seen": ("seen", Patrol.Seen),
    "outcome": ("outcomes", VehicleStop.Outcome),
    "find": ("outcomes", K9Deployment.Find),
    "answer": ("outcomes", KnockAndTalk.Answer),
    "concern": ("concerns", KnockAndTalk.Concern),
}


def _fill_done(found: Sheet, blocks: dict[int, Block], answers: Iterable[tuple[Any, ...]]) -> None:
    shifts = list(Shift.objects.filter(is_active=True))
    made: dict[int, dict[str, tuple[int, float]]] = defaultdict(dict)
    for hot_spot, what, value, number, minutes in answers:
        if what == "kind":
            made[hot_spot][value] = number, minutes
        else:
            where, choices = TELLS[what]
            getattr(blocks[hot_spot], where).append(Told(str(choices(value).label), number))
    for hot_spot, block in blocks.items():
        whole_week = block.plan.starts_on <= found.since.astimezone(agency_zone()).date()
        planned = planned_per_week(block.plan, shifts) if whole_week else {}
        for kind in ACTIVITIES:
            visits, minutes = made[hot_spot].get(kind, (0, None))
            if visits or kind in planned:
                wanted = planned[kind][0] if kind in planned else None
                block.done.append(Done(str(kind.label), visits, minutes, wanted))


def maps(hot_spots: Sequence[int], day: date) -> dict[int, SmallMap]:
    """The small map of each hot spot that has a boundary on that day."""
    asked = {
        "hot_spots": list(hot_spots),
        "day": day,
        "srid": city_srid(),
        "proportion": PROPORTION,
        "margin": MAP_MARGIN,
        "least_m": LEAST_MAP_M,
    }
    shapes: dict[int, list[Shape]] = defaultdict(list)
    for hot_spot, layer, name, geometry in rows("maps", asked):
        shapes[hot_spot].append(Shape(layer, name, shapely.from_wkb(bytes(geometry))))
    return {hot_spot: small_map(found) for hot_spot, found in shapes.items()}


def rows(name: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), asked)
        return cursor.fetchall()


@dataclass(frozen=True)
class Listed:
    """A shift of a day and the briefings made for it, the latest first."""

    on_duty: ShiftOfDay
    briefings: list[Briefing]
    state: str  # past, now or later


def listed(days: Sequence[date], now: datetime) -> list[tuple[date, list[Listed]]]:
    """The shifts of each of the days; those out of use only where they were briefed."""
    made = Briefing.objects.filter(day__in=days).defer("pdf").select_related("shift", "made_by")
    by_shift: dict[tuple[date, Shift], list[Briefing]] = defaultdict(list)
    for briefing in made.order_by("-made_at"):
        by_shift[briefing.day, briefing.shift].append(briefing)
    in_use = list(Shift.objects.filter(is_active=True))
    found = []
    for day in days:
        briefed = [shift for of_day, shift in by_shift if of_day == day and shift not in in_use]
        shifts = sorted([*in_use, *briefed], key=lambda shift: (shift.starts_at, shift.pk))
        found.append((day, [_listed(shift, day, by_shift.get((day, shift), []), now) for shift in shifts]))
    return found


def _listed(shift: Shift, day: date, briefings: list[Briefing], now: datetime) -> Listed:
    on_duty = shift_of_day(shift, day)
    state = "past" if on_duty.ends_at <= now else "now" if on_duty.starts_at <= now else "later"
    return Listed(on_duty, briefings, state)


def made_for(shift: Shift, day: date) -> list[Briefing]:
    return list(
        Briefing.objects.filter(shift=shift, day=day).defer("pdf").select_related("made_by").order_by("-made_at")
    )


def unbriefed(now: datetime, ahead: timedelta) -> list[ShiftOfDay]:
    """Shifts that start within `ahead` and have no briefing yet."""
    today = now.astimezone(agency_zone()).date()
    shifts = Shift.objects.filter(is_active=True)
    near = [shift_of_day(shift, today + days * timedelta(days=1)) for shift in shifts for days in (0, 1)]
    soon = [each for each in near if now < each.starts_at <= now + ahead]
    briefed = set(Briefing.objects.filter(day__in={each.day for each in soon}).values_list("shift", "day"))
    return [each for each in soon if (each.shift.pk, each.day) not in briefed]
