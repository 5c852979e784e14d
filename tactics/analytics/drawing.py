"""Which visit comes when in a shift: at random, yet fair over the week. The same seed gives the same order.

Why random, and about every two hours: Koper (1995), Justice Quarterly 12(4).

What is fair: take the place of a hot spot in each day's order, 0 for first and 1 for last. Over the days of the week on
which it is visited these places should average one half (`unfairness`). Plain random order misses that by much, for a
week has few days. Here days are paired at random, and the second day of a pair has the order of the first turned
around: whoever was early is late, whoever came before another comes after. With an odd number of days one day
remains by itself, which bounds the average within 1/(2 × days) of one half.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hotspots.analytics.timing import HOUR, MONDAY, clock_changes

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

HOUR_MINUTES, DAY_MINUTES, WEEK_HOURS = 60, 1440, 168
JITTER = 0.5  # how far the order changes between the rounds of one shift; 0: a fixed cycle, 1: any order


@dataclass(frozen=True)
class Need:
    """Visits of one tactic in one hot spot that a shift is to make."""

    hot_spot: int
    tactic: int  # tells the tactics of a hot spot apart
    visits: int
    minutes: int  # of one visit
    open_minutes: Integers  # (k,) minutes of the shift in which the hours of the plan hold, ascending
    weekdays: frozenset[int]  # on which this shift makes such visits, Monday 0


@dataclass(frozen=True)
class Visit:
    need: int  # index of the Need
    minute: int  # of the shift


def draw(needs: Sequence[Need], *, seed: int, shift: int, weekday: int) -> list[Visit]:
    """The visits of one shift in their order.

    A need of n visits cuts its open time into n rounds, with one visit in each. Where in a round it stands is half the
    hot spot's place in the order of the day, half chance: so visits lie about one round apart, never at set times,
    and all hot spots together are spread over the round.
    """
    order = np.random.default_rng([seed, shift]).permutation(7)
    chances = [_chances(need, seed, shift, weekday, order) for need in needs]
    places = _places(np.array([chance[0] for chance in chances]))
    visits = []
    for index, (need, chance, place) in enumerate(zip(needs, chances, places, strict=True)):
        if not need.open_minutes.size:
            continue
        within = (1 - JITTER) * place + JITTER * chance[1:]
        span = max(1, need.open_minutes.size - need.minutes)  # so that the last visit ends within the hours
        exact = (np.arange(need.visits) + within) / max(need.visits, 1) * span
        minutes = need.open_minutes[exact.astype(int)]
        visits += [(int(minute), float(rest), index) for minute, rest in zip(minutes, exact % 1, strict=True)]
    return [Visit(index, minute) for minute, _, index in sorted(visits)]


def _chances(need: Need, seed: int, shift: int, weekday: int, order: Integers) -> Floats:
    """(1 + visits,) in (0, 1): for the place in the order of the day, and within each round. Mirrored on paired days."""
    days = [day for day in order if day in need.weekdays]
    pair, second = divmod(days.index(weekday), 2)
    chances = np.random.default_rng([seed, shift, need.hot_spot, need.tactic, pair]).random(1 + need.visits)
    return 1 - chances if second else chances


def _places(chances: Floats) -> Floats:
    """(n,) evenly spread in (0, 1), in the order of the chances."""
    return (np.argsort(np.argsort(chances)) + 0.5) / max(chances.size, 1)


def unfairness(places: Floats) -> float:
    """The largest distance from one half of a hot spot's average place in the order, 0 (fair) to 0.5 (always last).

    places: (days, hot spots) place in the order of each day, 0 first, 1 last; nan where it is not visited.
    """
    return float(np.abs(np.nanmean(places, axis=0) - 0.5).max())


def spread_over_week(
    visits: int, slots: Sequence[tuple[int, int]], *, seed: int, hot_spot: int, tactic: int
) -> Integers:
    """How many of a week's visits fall into each of its slots, (slots,), each slot a (weekday, shift).

    All get the same; what remains goes to slots about equally far apart in the week, from a start drawn at random. The
    shifts of a day are shuffled for it, lest a step of whole days always hit the same shift.
    """
    if not slots:
        return np.zeros(0, dtype=int)
    rng = np.random.default_rng([seed, hot_spot, tactic])
    shuffled = sorted(range(len(slots)), key=lambda index: (slots[index][0], rng.random()))
    each, rest = divmod(visits, len(slots))
    counts = np.full(len(slots), each)
    if rest:
        chosen = ((np.arange(rest) + rng.random()) * len(slots) / rest).astype(int)
        counts[np.array(shuffled)[chosen]] += 1
    return counts


def visits_in_shift(visits: int, minutes: int, interval: int) -> int:
    """Of the visits asked for in a shift, those that fit the minutes it has for them, about one to an interval."""
    return min(visits, max(1, int(minutes / interval + 0.5))) if minutes else 0


def local_hours(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> Integers:
    """(minutes,) hour of the week on the wall clock, Monday 00:00 is 0, at each minute that really passes."""
    first, last = int(starts_at.timestamp()), int(ends_at.timestamp())
    begins, offsets = clock_changes(first, last, zone)
    seconds = np.arange(first, last, 60)
    local = seconds + offsets[np.searchsorted(begins, seconds, side="right") - 1]
    return (local - MONDAY) // HOUR % WEEK_HOURS


def usual_hours(starts_at: time, length: int, weekday: int) -> Integers:
    """(minutes,) as `local_hours`, for a shift in a week without a clock change."""
    first = weekday * DAY_MINUTES + starts_at.hour * HOUR_MINUTES + starts_at.minute
    return (first + np.arange(length)) // HOUR_MINUTES % WEEK_HOURS


@cache
def usual_minutes(starts_at: time, length: int, weekday: int) -> Integers:
    """(168,) minutes of such a shift in each hour of the week."""
    return np.bincount(usual_hours(starts_at, length, weekday), minlength=WEEK_HOURS)


def open_minutes(hours: Integers, plan_hours: Iterable[int]) -> Integers:
    """The minutes, of those whose hour of the week is given, in which a plan holds."""
    return np.flatnonzero(np.isin(hours, list(plan_hours)))
