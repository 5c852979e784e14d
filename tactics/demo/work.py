"""Half a year of made-up police work, from a seed: who was on duty, and what of the plans was done when.

Pure: no database. Time is cut into half hours of officers on duty; everything that is done takes one or several of
them, so that nobody is in two places at once. Times are local wall clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tactics.analytics.drawing import visits_in_shift
from tactics.catalogue import Tactic
from tactics.demo.program import DOG, NOTES, WEEKS, Amount, Spot, Work

HALF_HOUR = 30
DAYS = 7 * WEEKS
TYPED, NOTED = 0.12, 0.08  # shares
LONGEST = 28.0  # minutes that fit into one slot
PATROL_LEAST = 3.0


@dataclass(frozen=True)
class Done:
    """One activity; `details` are the fields of its kind. `operation` numbers the saturation patrols."""

    kind: Tactic
    spot: int
    officer: int
    start: datetime
    minutes: float
    recorded: str
    note: str
    details: dict[str, Any]
    operation: int | None = None


@dataclass
class Duty:
    """Half hours of officers on duty, row by row, and whether each is still free."""

    officer: NDArray[np.int64]
    day: NDArray[np.int64]  # of the half year
    shift: NDArray[np.int64]
    start: NDArray[np.datetime64]
    hour: NDArray[np.int64]  # of the week
    free: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.free = np.ones(len(self.start), dtype=bool)

    def open_slots(self, work: Work, days: range) -> NDArray[np.int64]:
        inside = (self.day >= days.start) & (self.day < days.stop)
        return np.flatnonzero(self.free & inside & np.isin(self.hour, work.hours))


def roster(first_day: date, shifts: Sequence[tuple[time, int]], officers: int) -> Duty:
    """Two officers a shift, who change shifts by the week; each is off on two days of it, never both on one.

    `shifts` are their start and length in minutes.
    """
    rows = []
    for day in range(DAYS):
        weekday = (first_day + timedelta(days=day)).weekday()
        for shift, (starts_at, minutes) in enumerate(shifts):
            begin = datetime.combine(first_day + timedelta(days=day), starts_at)
            on_duty = [(2 * shift + which + day // 7) % officers for which in (0, 1) if weekday // 2 != which]
            rows += [
                (officer, day, shift, begin + timedelta(minutes=minute))
                for officer in on_duty
                for minute in range(0, minutes - HALF_HOUR + 1, HALF_HOUR)
            ]
    officer_of, day_of, shift_of, start_of = (np.array(column) for column in zip(*rows, strict=True))
    start = start_of.astype("datetime64[m]")
    hour = (start.astype("datetime64[h]").astype(np.int64) + 3 * 24) % 168  # 1970 began on a Thursday
    return Duty(officer_of, day_of, shift_of, start, hour)


def half_a_year(
    spots: Sequence[Spot], first_day: date, shifts: Sequence[tuple[time, int]], officers: int, rng: np.random.Generator
) -> list[Done]:
    """What was done from the first day on, in no particular order; the same generator state gives the same."""
    duty = roster(first_day, shifts, officers)
    done: list[Done] = []
    plans = [(number, spot, work) for number, spot in enumerate(spots) for work in spot.works]
    for number, spot, work in plans:  # what takes several officers is agreed on first
        done += _operations(number, spot, work, duty, rng)
    for number, spot, work in plans:
        for amount in work.amounts:
            if amount.visits and amount.tactic != Tactic.SATURATION_PATROL:
                chosen = _chosen(work, amount, duty, rng)
                done += [_done(amount, number, spot, duty, slot, rng) for slot in chosen]
        done += _arrests(number, spot, work, duty, rng)
    return done


def _periods(work: Work, per: str) -> list[range]:
    """The days, or weeks of days, in which a plan holds."""
    first, until = 7 * work.from_week, 7 * (work.until_week or WEEKS)
    step = 7 if per == "week" else 1
    return [range(day, day + step) for day in range(first, until, step)]


def _chosen(work: Work, amount: Amount, duty: Duty, rng: np.random.Generator) -> list[int]:
    """The half hours that go into one tactic: of each shift or week as many as were made, at random."""
    assert amount.visits
    chosen: list[int] = []
    for days in _periods(work, amount.per):
        slots = duty.open_slots(work, days)
        groups = [slots[duty.shift[slots] == shift] for shift in np.unique(duty.shift[slots])]
        for group in groups if amount.per == "shift" else [slots]:
            wanted = amount.visits
            if amount.per == "shift":
                wanted = visits_in_shift(wanted, HALF_HOUR * len(np.unique(duty.start[group])), work.interval)
            made = min(rng.binomial(wanted, amount.made), len(group))
            taken = rng.choice(group, made, replace=False)
            duty.free[taken] = False
            chosen += taken.tolist()
    return chosen


def _done(amount: Amount, number: int, spot: Spot, duty: Duty, slot: int, rng: np.random.Generator) -> Done:
    minutes = float(np.clip(rng.normal(*amount.takes), PATROL_LEAST, LONGEST))
    late = rng.uniform(0, HALF_HOUR - 1 - minutes) if minutes < HALF_HOUR - 1 else 0.0
    start = duty.start[slot].astype(datetime) + timedelta(seconds=int(60 * late))
    return _record(amount.tactic, number, spot, int(duty.officer[slot]), start, minutes, rng)


def _operations(number: int, spot: Spot, work: Work, duty: Duty, rng: np.random.Generator) -> list[Done]:
    """Saturation patrols: all who are on duty at the start of one of the plan's runs of hours stay for two hours."""
    done = []
    for amount in work.amounts:
        if amount.tactic != Tactic.SATURATION_PATROL:
            continue
        for week, days in enumerate(_periods(work, "week")):
            slots = duty.open_slots(work, days)
            starts = np.unique(duty.start[slots[np.isin(duty.hour[slots] - 1, work.hours)]])
            drawn = rng.choice(starts) if len(starts) else None
            if drawn is None or rng.random() > amount.made:
                continue
            inside = slots[(duty.start[slots] >= drawn) & (duty.start[slots] < drawn + np.timedelta64(120, "m"))]
            duty.free[inside] = False
            for officer in np.unique(duty.officer[inside]):
                minutes = float(np.clip(rng.normal(*amount.takes), 60, 118))
                begin = drawn.astype(datetime) + timedelta(seconds=int(rng.uniform(0, 120)))
                operation = 1000 * number + week
                done.append(
                    _record(amount.tactic, number, spot, int(officer), begin, minutes, rng, operation=operation)
                )
    return done


def _arrests(number: int, spot: Spot, work: Work, duty: Duty, rng: np.random.Generator) -> list[Done]:
    weeks = (work.until_week or WEEKS) - work.from_week
    slots = duty.open_slots(work, range(7 * work.from_week, 7 * (work.until_week or WEEKS)))
    taken = rng.choice(slots, min(rng.poisson(spot.arrests_weekly * weeks), len(slots)), replace=False)
    duty.free[taken] = False
    amount = Amount(Tactic.ARREST, takes=(22, 4))
    return [_done(amount, number, spot, duty, slot, rng) for slot in taken.tolist()]


def _record(
    kind: Tactic,
    number: int,
    spot: Spot,
    officer: int,
    start: datetime,
    minutes: float,
    rng: np.random.Generator,
    operation: int | None = None,
) -> Done:
    recorded = "typed" if rng.random() < TYPED else "timed"
    if recorded == "typed":  # from memory: whole minutes in fives
        minutes, start = max(5.0, minutes // 5 * 5), start.replace(second=0, minute=start.minute // 5 * 5)
    note = str(rng.choice(NOTES)) if rng.random() < NOTED else ""
    return Done(kind, number, officer, start, minutes, recorded, note, _details(kind, spot, rng), operation)


def _details(kind: Tactic, spot: Spot, rng: np.random.Generator) -> dict[str, Any]:
    if kind in (Tactic.DIRECTED_PATROL, Tactic.SATURATION_PATROL):
        seen = _some(spot.seen, 0.14, rng)
        return {"mode": _one({"vehicle": 8, "bike": 1, "foot": 1}, rng), "seen": seen or ["nothing"]}
    if kind == Tactic.FOOT_PATROL:
        return {"contacts": int(rng.poisson(4)), "businesses": int(rng.poisson(1)), "homes": int(rng.poisson(1))}
    if kind == Tactic.VEHICLE_STOP:
        outcome = _one({"warning": 11, "citation": 6, "none": 2, "tow": 1}, rng)
        return {"violation": str(rng.choice(spot.violations)), "outcomes": [outcome]}
    if kind == Tactic.ARREST:
        return {
            "basis": _one({"on_view": 6, "warrant": 3, "summoned": 1}, rng),
            "offense": str(rng.choice(spot.offenses)),
        }
    if kind == Tactic.K9:
        return _k9(rng)
    return _knock(spot, rng)


def _k9(rng: np.random.Generator) -> dict[str, Any]:
    alert = bool(rng.random() < 0.35)
    find = _one({"marijuana": 4, "methamphetamine": 4, "paraphernalia": 2, "nothing": 3}, rng) if alert else "nothing"
    grams = round(float(rng.gamma(1.5, 4)) + 0.1, 2) if find in ("marijuana", "methamphetamine") else None
    sniffed = _one({"vehicle": 7, "building": 2, "area": 2}, rng)
    return {"dog": DOG, "sniffed": sniffed, "alert": alert, "find": find, "grams": grams}


def _knock(spot: Spot, rng: np.random.Generator) -> dict[str, Any]:
    answer = _one({"answered": 11, "not_answered": 7, "refused": 2}, rng)
    if answer != "answered":
        left = ["crime_prevention"] if answer == "not_answered" and rng.random() < 0.6 else []
        return {"answer": answer, "materials": left, "language": "en" if left else "", "concerns": []}
    left = _some(("crime_prevention", "drug_activity", "lighting", "renters", "resources"), 0.4, rng)
    language = _one({"en": 4, "es": 1}, rng) if left else ""
    return {
        "answer": answer,
        "materials": left,
        "language": language,
        "concerns": _some(spot.concerns, 0.22, rng),
    }


def _one(weights: dict[str, int], rng: np.random.Generator) -> str:
    likely = np.array(list(weights.values()), dtype=float)
    return str(rng.choice(list(weights), p=likely / likely.sum()))


def _some(values: Sequence[str], share: float, rng: np.random.Generator) -> list[str]:
    return [value for value in values if rng.random() < share]
