"""Which hours of the week a plan should cover, and hours of the week as stretches."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK = 168
HALF = 0.5
SHORTEST = 2  # hours of a stretch: what is shorter is no assignment


class Stretch(NamedTuple):
    """Hours in a row; one that goes over midnight belongs to the day on which it starts."""

    start: int  # hour of the week
    length: int


def suggest_hours(weights: Floats, share: float = HALF) -> list[int]:
    """The fewest hours of the week, in stretches of two or more, that hold about `share` of the incidents; sorted.

    weights: (168,) incidents by hour of the week, Monday 00:00 first. Greedy: of all pairs of hours in a row it takes
    again and again the one that adds most incidents for each hour that it adds, until they hold the share. A single
    hour between two stretches is then filled in, so that officers need not leave for it.
    """
    total = float(weights.sum())
    chosen = np.zeros(WEEK, dtype=bool)
    while weights[chosen].sum() < share * total - 1e-9:
        fresh = ~chosen
        hours = fresh + np.roll(fresh, -1).astype(int)
        gain = np.where(fresh, weights, 0) + np.roll(np.where(fresh, weights, 0), -1)
        start = int(np.argmax(np.where(hours > 0, gain / np.maximum(hours, 1), -1)))
        chosen[[start, (start + 1) % WEEK]] = True
    chosen |= np.roll(chosen, 1) & np.roll(chosen, -1)
    return [int(hour) for hour in np.flatnonzero(chosen)]


def share_held(weights: Floats, hours: Iterable[int]) -> float:
    """The part of the incidents that falls into these hours; nan without any incident."""
    total = float(weights.sum())
    return float(weights[list(hours)].sum()) / total if total else float("nan")


def stretches(hours: Iterable[int]) -> list[Stretch]:
    """Hours of the week in rows, in the order of the week; one may go on from Sunday to Monday."""
    within = set(hours)
    if len(within) == WEEK:
        return [Stretch(0, WEEK)]
    found = []
    for start in sorted(hour for hour in within if (hour - 1) % WEEK not in within):
        length = next(length for length in range(1, WEEK) if (start + length) % WEEK not in within)
        found.append(Stretch(start, length))
    return found
