"""What police delivered in hot spots beside what their plans ask for, by tactic and week.

Weeks are local and begin on Monday, through changes of the clock. What is not defined here is in docs/tactics.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Prefetch, Q
from django.utils import timezone
from numpy.typing import NDArray

from accounts.agency import agency_zone
from hotspots.frames import read_arrays
from hotspots.models import HotSpot
from hotspots.statements import statement
from hotspots.windows import midnight
from tactics.analytics.dosage import LONGEST, Delivered, Visits, delivered, logged_too
from tactics.catalogue import ACTIVITIES, Tactic
from tactics.models import Activity, Plan, PlanTactic, Shift
from tactics.queries.plans import planned_per_week

SQL = Path(__file__).resolve().parent.parent / "sql"
WEEK = timedelta(days=7)
KINDS = tuple(tactic.value for tactic in ACTIVITIES)
WAYS = tuple(Activity.Recorded.values)
IMPORTED = WAYS.index(Activity.Recorded.IMPORTED.value)
NO_UNIT = 0
EMPTY = np.empty(0, dtype=np.int64)
PATROLS = (Tactic.DIRECTED_PATROL, Tactic.SATURATION_PATROL, Tactic.FOOT_PATROL)
# A patrol is one visit, whatever its kind is called by who recorded it; a stop beside it is another thing.
SORTS = np.array([0 if tactic in PATROLS else number for number, tactic in enumerate(ACTIVITIES, 1)])
TYPES = {
    "facts": "int8",
    "starts": "timestamptz",
    "ends": "timestamptz",
    "units": "int4",
    "operations": "int8",
}

Floats = NDArray[np.float64]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def last_weeks(number: int, today: date | None = None) -> list[date]:
    """The Mondays of that many weeks, the last of which is going on, oldest first."""
    latest = monday_of(today or timezone.localdate())
    return [latest - WEEK * back for back in reversed(range(number))]


@dataclass(frozen=True)
class Dosage:
    """Arrays by hot spot (`spots` has their ids), tactic (KINDS) and week (`weeks` has their Mondays).

    `planned_visits` and `planned_minutes` are those of whole weeks; `due` is the part of each week's plan that was to
    be done until now: 1 for a past week, less in the week that is going on or in which a plan begins or ends.
    """

    spots: list[int]
    weeks: list[date]
    delivered: Delivered
    planned_visits: Floats
    planned_minutes: Floats
    due_visits: Floats
    due_minutes: Floats

    @cached_property
    def at(self) -> dict[int, int]:
        return {spot: index for index, spot in enumerate(self.spots)}

    def columns(self) -> dict[str, Sequence[Any]]:
        """One row for each hot spot, tactic and week in which something was planned or delivered."""
        done = self.delivered
        spot, tactic, week = np.nonzero((self.planned_visits > 0) | (done.visits > 0) | (done.officer > 0))
        which = (spot, tactic, week)
        return {
            "hot_spot": np.array(self.spots, dtype=np.int64)[spot].tolist(),
            "tactic": [KINDS[each] for each in tactic],
            "week": [self.weeks[each] for each in week],
            "planned_visits": self.planned_visits[which].tolist(),
            "planned_minutes": self.planned_minutes[which].tolist(),
            "visits": done.visits[which].tolist(),
            "patrol_minutes": done.patrol[which].tolist(),
            "officer_minutes": done.officer[which].tolist(),
            "minutes_a_visit": minutes_a_visit(done.visit_minutes[which], done.ended[which]).tolist(),
            **{way: done.recorded[..., index][which].tolist() for index, way in enumerate(WAYS)},
            "unapproved": done.unapproved[which].tolist(),
            "running": done.running[which].tolist(),
            "too_long": done.too_long[which].tolist(),
            "imported_and_logged": done.repeated[which].tolist(),
        }


def minutes_a_visit(minutes: Any, ended: Any) -> Any:
    """NaN where no visit has ended."""
    minutes, ended = np.asarray(minutes, dtype=float), np.asarray(ended)
    return np.divide(minutes, ended, out=np.full(minutes.shape, np.nan), where=ended > 0)


def dosage(weeks: Sequence[date], hot_spots: Sequence[int] | None = None, *, now: datetime | None = None) -> Dosage:
    """Planned and delivered of hot spots (all, unless ids are given) in weeks that follow each other, by their Mondays.

    Four queries, however many there are.
    """
    spots = (
        sorted(hot_spots)
        if hot_spots is not None
        else list(HotSpot.objects.order_by("pk").values_list("pk", flat=True))
    )
    now = now or timezone.now()
    return Dosage(spots, list(weeks), read_delivered(weeks, spots), **planned(weeks, spots, now))


def worked_in(weeks: Sequence[date]) -> list[HotSpot]:
    """Hot spots that were going on at some time in these weeks."""
    standing = HotSpot.objects.filter(starts_on__lt=weeks[-1] + WEEK)
    return list(standing.filter(Q(ended_on=None) | Q(ended_on__gt=weeks[0])).order_by("pk"))


def read_delivered(weeks: Sequence[date], spots: Sequence[int]) -> Delivered:
    zone = agency_zone()
    borders = [midnight(monday, zone) for monday in (*weeks, weeks[-1] + WEEK)]
    numbers, arrays = read_arrays(
        statement(SQL, "visits"),
        {
            "kinds": list(KINDS),
            "ways": list(WAYS),
            "hot_spots": list(spots),
            "since": borders[0] - timedelta(microseconds=LONGEST),
            "until": borders[-1],
        },
        TYPES,
    )
    at = np.searchsorted(np.array(spots, dtype=np.int64), numbers)
    facts, starts, ends, units, operations = (
        np.concatenate([*found, EMPTY]).astype(np.int64) for found in arrays.values()
    )
    who, facts = facts >> 16, facts & 0xFFFF
    running = ends == np.iinfo(np.int64).min
    until = np.where(running, starts, np.minimum(ends, starts + LONGEST))
    spot = np.repeat(at, [len(each) for each in arrays["facts"]])
    tactic, how = facts // 32 - 1, facts // 8 % 4 - 1
    unit = np.full(len(facts), NO_UNIT)
    unit[facts // 4 % 2 == 1] = units
    visits = Visits(
        spot=spot,
        tactic=tactic,
        starts=starts,
        ends=ends,
        running=running,
        joined=_joined(facts // 2 % 2 == 1, operations),
        unapproved=facts % 2 == 1,
        how=how,
        who=who,
        repeated=logged_too((spot, unit, SORTS[tactic]), starts, until, how == IMPORTED, unit != NO_UNIT),
    )
    instants = np.array([round(border.timestamp()) * 1_000_000 for border in borders])
    return delivered(visits, instants, len(spots), len(KINDS), len(WAYS))


def _joined(belongs: NDArray[np.bool_], operations: NDArray[np.int64]) -> NDArray[np.bool_]:
    """All records of an operation but its first. `operations`: of those that belong to one."""
    joined = belongs.copy()
    joined[np.flatnonzero(belongs)[np.unique(operations, return_index=True)[1]]] = False
    return joined


def planned(weeks: Sequence[date], spots: Sequence[int], now: datetime) -> dict[str, Floats]:
    """What plans ask for, in the weeks in which they are in force: as they stand now, for earlier weeks too.

    A plan that begins or ends within a week asks for as much of it as lies in the plan's hours from or until then.
    """
    shape = (len(spots), len(KINDS), len(weeks))
    found = {name: np.zeros(shape) for name in ("planned_visits", "planned_minutes", "due_visits", "due_minutes")}
    at = {spot: index for index, spot in enumerate(spots)}
    shifts = list(Shift.objects.filter(is_active=True))
    local_now = timezone.localtime(now).replace(tzinfo=None)
    plans = Plan.objects.exclude(activated_at=None).filter(hot_spot__in=spots, starts_on__lt=weeks[-1] + WEEK)
    amounts = PlanTactic.objects.filter(tactic__in=KINDS)
    for plan in plans.select_related("hot_spot").prefetch_related(Prefetch("tactics", amounts)):
        whole, due = _parts_in_force(plan, weeks, local_now)
        for tactic, (visits, minutes) in planned_per_week(plan, shifts).items():
            cell = at[plan.hot_spot_id], KINDS.index(tactic)
            found["planned_visits"][cell] += visits * whole
            found["planned_minutes"][cell] += minutes * whole
            found["due_visits"][cell] += visits * due
            found["due_minutes"][cell] += minutes * due
    return found


def _parts_in_force(plan: Plan, weeks: Sequence[date], now: datetime) -> tuple[Floats, Floats]:
    """(weeks,) part of the plan's hours in which it is in force, and of those that have passed by `now` (local)."""
    last_days = [plan.ends_on, plan.hot_spot.ended_on, plan.ended_at and timezone.localtime(plan.ended_at).date()]
    ends_on = min((day for day in last_days if day), default=date.max)
    hours = np.array(plan.hours)
    begin, end = _hours_since(plan.starts_on, weeks), _hours_since(ends_on, weeks)
    passed = np.array([(now - datetime.combine(monday, datetime.min.time())) / timedelta(hours=1) for monday in weeks])
    in_force = (hours >= begin[:, None]) & (hours < end[:, None])
    return in_force.mean(axis=1), (in_force & (hours < passed[:, None])).mean(axis=1)


def _hours_since(day: date, weeks: Sequence[date]) -> Floats:
    return np.array([(day - monday).days * 24.0 for monday in weeks])
