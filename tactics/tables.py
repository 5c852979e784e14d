"""Dosage as pages tell it: rows, words and bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.utils import formats
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from hotspots.charts import Frame, Tick
from hotspots.models import HotSpot
from tactics.catalogue import Tactic
from tactics.models import Activity
from tactics.queries.board import Watched
from tactics.queries.dosage import KINDS, WAYS, WEEK, Dosage, minutes_a_visit

Which = Any  # an index into the arrays of a Dosage


@dataclass(frozen=True)
class Done:
    """Planned beside delivered, of whatever was summed. Figures that cannot be are NaN."""

    planned: float  # visits
    due: float  # of them, by now
    visits: float
    planned_minutes: float
    due_minutes: float
    patrol: float
    officer: float
    minutes_a_visit: float
    planned_minutes_a_visit: float
    recorded: list[tuple[str, float]]  # ways and shares
    unapproved: int
    running: int
    too_long: int
    repeated: int

    @property
    def missing(self) -> float:
        return max(0.0, self.due - self.visits)

    @property
    def missing_minutes(self) -> float:
        return max(0.0, self.due_minutes - self.patrol)

    @property
    def is_anything(self) -> bool:
        return bool(self.planned or self.visits or self.officer)


def of_spot(dosage: Dosage, spot: int, weeks: Which) -> Done:
    """All tactics together: time that somebody was there, and each officer's, counts once."""
    done = dosage.delivered
    patrol, officer = done.presence[spot, weeks].sum(), done.attendance[spot, weeks].sum()
    return replace(summed(dosage, np.s_[spot, :, weeks]), patrol=float(patrol), officer=float(officer))


def summed(dosage: Dosage, which: Which) -> Done:
    """`which` picks cells (spot, tactic, week)."""
    done = dosage.delivered
    visits, planned = done.visits[which].sum(), dosage.planned_visits[which].sum()
    planned_minutes = dosage.planned_minutes[which].sum()
    ways = done.recorded[which].reshape(-1, len(WAYS)).sum(axis=0)
    return Done(
        planned=float(planned),
        due=float(dosage.due_visits[which].sum()),
        visits=float(visits),
        planned_minutes=float(planned_minutes),
        due_minutes=float(dosage.due_minutes[which].sum()),
        patrol=float(done.patrol[which].sum()),
        officer=float(done.officer[which].sum()),
        minutes_a_visit=float(minutes_a_visit(done.visit_minutes[which].sum(), done.ended[which].sum())),
        planned_minutes_a_visit=float(minutes_a_visit(planned_minutes, planned)),
        recorded=[
            (str(Activity.Recorded(way).label), float(number / ways.sum()))
            for way, number in zip(WAYS, ways, strict=True)
            if number
        ],
        unapproved=int(done.unapproved[which].sum()),
        running=int(done.running[which].sum()),
        too_long=int(done.too_long[which].sum()),
        repeated=int(done.repeated[which].sum()),
    )


# ---- All hot spots


@dataclass(frozen=True)
class SpotRow:
    hot_spot: HotSpot
    watched: Watched | None
    this_week: Done
    last_week: Done | None
    whole: Done
    missing: float  # visits, each tactic by itself
    missing_minutes: float


def spot_rows(dosage: Dosage, spots: Mapping[int, HotSpot], watched: Mapping[int, Watched]) -> list[SpotRow]:
    """Those that lack most come first."""
    done = dosage.delivered
    lacking = np.maximum(dosage.due_visits.sum(axis=2) - done.visits.sum(axis=2), 0).sum(axis=1)
    lacking_minutes = np.maximum(dosage.due_minutes.sum(axis=2) - done.patrol.sum(axis=2), 0).sum(axis=1)
    rows = [
        SpotRow(
            hot_spot=spots[spot],
            watched=watched.get(spot),
            this_week=of_spot(dosage, at, -1),
            last_week=of_spot(dosage, at, -2) if len(dosage.weeks) > 1 else None,
            whole=of_spot(dosage, at, np.s_[:]),
            missing=float(lacking[at]),
            missing_minutes=float(lacking_minutes[at]),
        )
        for at, spot in enumerate(dosage.spots)
    ]
    return sorted(rows, key=lambda row: (-round(row.missing, 1), -row.missing_minutes, row.hot_spot.name))


# ---- One hot spot


@dataclass(frozen=True)
class TacticLine:
    """A tactic over all the weeks, in words."""

    name: str
    done: Done


@dataclass(frozen=True)
class WeekRow:
    monday: date
    is_now: bool
    done: Done
    by_tactic: list[TacticLine]


@dataclass(frozen=True)
class WeekBar:
    x: str
    width: str
    y: str
    height: str
    plan_y: str
    plan_height: str
    is_now: bool
    words: str


@dataclass(frozen=True)
class SpotDosage:
    whole: Done
    tactics: list[TacticLine]
    weeks: list[WeekRow]  # the latest first
    bars: list[WeekBar]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


BARS = Frame(left=42, top=10, right=316, bottom=120)


def spot_dosage(dosage: Dosage, today: date) -> SpotDosage | None:
    """Of the one hot spot that was asked for; None where nothing was planned or done."""
    whole = of_spot(dosage, 0, np.s_[:])
    if not whole.is_anything:
        return None
    weeks = [_week_row(dosage, week, today) for week in reversed(range(len(dosage.weeks)))]
    bars, x_ticks, y_ticks = _bars(list(reversed(weeks)))
    return SpotDosage(whole, _tactic_lines(dosage, np.s_[:]), weeks, bars, x_ticks, y_ticks)


def _week_row(dosage: Dosage, week: int, today: date) -> WeekRow:
    monday = dosage.weeks[week]
    done = of_spot(dosage, 0, week)
    return WeekRow(monday, monday <= today < monday + WEEK, done, _tactic_lines(dosage, week))


def _tactic_lines(dosage: Dosage, weeks: Which) -> list[TacticLine]:
    lines = [
        TacticLine(str(Tactic(kind).label), summed(dosage, (0, number, weeks))) for number, kind in enumerate(KINDS)
    ]
    return [line for line in lines if line.done.is_anything]


def _bars(weeks: Sequence[WeekRow]) -> tuple[list[WeekBar], list[Tick], list[Tick]]:
    """Patrol-minutes of each week as a bar before the outline of what was planned."""
    most = _round_hours(max(max(row.done.patrol, row.done.planned_minutes) for row in weeks))
    step, room = 1 / len(weeks), BARS.bottom - BARS.top
    bars = [
        WeekBar(
            x=BARS.x((index + 0.15) * step),
            width=f"{0.7 * step * (BARS.right - BARS.left):.1f}",
            y=BARS.y(row.done.patrol / most),
            height=f"{row.done.patrol / most * room:.1f}",
            plan_y=BARS.y(row.done.planned_minutes / most),
            plan_height=f"{row.done.planned_minutes / most * room:.1f}",
            is_now=row.is_now,
            words=_("Week of %(day)s: %(done)s of %(planned)s hours")
            % {
                "day": formats.date_format(row.monday, "M j"),
                "done": formats.number_format(round(row.done.patrol / 60, 1), 1),
                "planned": formats.number_format(round(row.done.planned_minutes / 60, 1), 1),
            },
        )
        for index, row in enumerate(weeks)
    ]
    every = -(-len(weeks) // 6)
    x_ticks = [
        Tick(BARS.x((index + 0.5) * step), formats.date_format(row.monday, "M j"))
        for index, row in enumerate(weeks)
        if (len(weeks) - 1 - index) % every == 0
    ]
    y_ticks = [Tick(BARS.y(part), formats.number_format(most * part / 60, 0)) for part in (0, 0.5, 1)]
    return bars, x_ticks, y_ticks


def _round_hours(minutes: float) -> float:
    """The next even number of hours of one digit and zeros, in minutes."""
    hours = max(2.0, minutes / 60)
    unit = 10.0 ** np.floor(np.log10(hours))
    steps: NDArray[np.float64] = np.array([2, 4, 6, 8, 10, 20]) * unit
    return float(steps[steps >= hours][0] * 60)
