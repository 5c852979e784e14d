"""How long police were present in hot spots, of whom and from when being known.

Source of the measures: Koper (1995) and the trials after him. *Patrol time* is the union: time with at least one officer
there. *Officer time* is the sum. Both are split where a week ends; a visit counts in the week in which it began.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

DAY = 86_400_000_000  # microseconds
LONGEST = DAY  # nobody stays longer: what says so was never ended, and counts for this long
MINUTE = 60_000_000


@dataclass(frozen=True)
class Visits:
    """Records sorted by hot spot, then by start. Instants are microseconds of one clock.

    spot, tactic: (n,) numbers from 0. ends: (n,), those of `running` ones do not matter. joined: (n,) true for the
    second and later records of one operation, which together are one visit. how: (n,) numbers from 0, how recorded.
    """

    spot: Integers
    tactic: Integers
    starts: Integers
    ends: Integers
    running: Flags
    joined: Flags
    unapproved: Flags
    how: Integers


@dataclass(frozen=True)
class Delivered:
    """Minutes and counts by hot spot, tactic and week: (spots, tactics, weeks).

    `presence` is the union over all tactics, (spots, weeks): less than the sum of `patrol` where tactics overlap.
    `visit_minutes` are those of visits that began in the week, whole, and `ended` their number: minutes a visit is
    their quotient. `recorded` is (spots, tactics, weeks, ways).
    """

    presence: Floats
    patrol: Floats
    officer: Floats
    visits: Integers
    visit_minutes: Floats
    ended: Integers
    running: Integers
    unapproved: Integers
    too_long: Integers
    recorded: Integers


def delivered(visits: Visits, borders: Integers, spots: int, tactics: int, ways: int) -> Delivered:
    """borders: (weeks + 1,) instants at which weeks begin, and the last ends.

    A visit that still runs counts as one; its minutes count when it has ended.
    """
    same_spot = visits.spot[1:] == visits.spot[:-1]
    if (visits.spot[1:] < visits.spot[:-1]).any() or (visits.starts[1:] < visits.starts[:-1])[same_spot].any():
        raise ValueError("records must be sorted by hot spot, then by start")
    weeks = len(borders) - 1
    ends = np.where(visits.running, visits.starts, np.minimum(visits.ends, visits.starts + LONGEST))
    cell = visits.spot * tactics + visits.tactic
    week = np.searchsorted(borders, visits.starts, side="right") - 1
    began = (week >= 0) & (week < weeks)
    at = cell * weeks + week
    shape, cells = (spots, tactics, weeks), spots * tactics * weeks

    def count(which: Flags) -> Integers:
        return np.bincount(at[began & which], minlength=cells).reshape(shape)

    def minutes(group: Integers, begins: Integers, until: Integers, groups: int) -> Floats:
        return _by_week(group, begins, until, borders, groups) / MINUTE

    order = np.argsort(cell.astype(np.int16 if spots * tactics < 2**15 else np.int64), kind="stable")
    by_tactic = cell[order], visits.starts[order], ends[order]
    finished = ~visits.running
    whole = began & finished
    return Delivered(
        presence=minutes(visits.spot, _first_there(visits.spot, visits.starts, ends), ends, spots),
        patrol=minutes(by_tactic[0], _first_there(*by_tactic), by_tactic[2], spots * tactics).reshape(shape),
        officer=minutes(cell, visits.starts, ends, spots * tactics).reshape(shape),
        visits=count(~visits.joined),
        visit_minutes=_sum(at[whole], (ends - visits.starts)[whole], cells).reshape(shape) / MINUTE,
        ended=count(finished),
        running=count(visits.running),
        unapproved=count(visits.unapproved & finished),
        too_long=count(finished & (visits.ends - visits.starts > LONGEST)),
        recorded=np.stack([count(visits.how == way) for way in range(ways)], axis=-1),
    )


def _first_there(group: Integers, starts: Integers, ends: Integers) -> Integers:
    """(n,) from when on each stay adds to the time that its group was present; after its own end where it adds nothing.

    Rows are sorted by group, then by start. Groups are laid one after the other on a single line, far apart, so that
    one running maximum serves them all.
    """
    if not len(group):
        return starts
    base = starts.min()
    apart = ends.max() - base + 1
    line = group * apart - base
    reached = np.maximum.accumulate(ends + line)
    before = np.concatenate([reached[:1] - apart, reached[:-1]]) - line
    return np.maximum(starts, before)


def _by_week(group: Integers, begins: Integers, ends: Integers, borders: Integers, groups: int) -> Floats:
    """(groups, weeks) time of stays, each of which goes over one border at most."""
    weeks = len(borders) - 1
    week = np.searchsorted(borders, begins, side="right")  # 0 is before the first week
    border = np.append(borders, np.iinfo(np.int64).max)[week]
    own = np.maximum(np.minimum(ends, border) - begins, 0)
    size = groups * (weeks + 2)
    at = group * (weeks + 2) + week
    found = _sum(at, own, size)
    over = np.flatnonzero(ends > border)
    found += _sum(at[over] + 1, (ends - np.maximum(border, begins))[over], size)
    return found.reshape(groups, weeks + 2)[:, 1:-1]


def _sum(at: Integers, weights: Integers, size: int) -> Floats:
    return np.bincount(at, weights, minlength=size).astype(np.float64, copy=False)
