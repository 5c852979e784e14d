"""How long police were present in hot spots, of whom and from when being known.

Source of the measures: Koper (1995) and the trials after him. *Patrol time* is the union: time with at least one officer
there. *Officer time* is the sum. Both are split where a week ends; a visit counts in the week in which it began.

A visit that is imported and that the same unit logged too is one visit. An officer who makes a stop during a patrol is
there once: so the officer time of a hot spot is the sum of each officer's own union, less than that of its tactics.
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
LARGEST = 2**62


@dataclass(frozen=True)
class Visits:
    """Records sorted by hot spot, then by start. Instants are microseconds of one clock.

    spot, tactic: (n,) numbers from 0. ends: (n,), those of `running` ones do not matter. joined: (n,) true for the
    second and later records of one operation, which together are one visit. how: (n,) numbers from 0, how recorded.
    who: (n,) any numbers, whose record it is. repeated: (n,) true for imported records of what was logged too: they say
    that somebody was there, and are no further visit.
    """

    spot: Integers
    tactic: Integers
    starts: Integers
    ends: Integers
    running: Flags
    joined: Flags
    unapproved: Flags
    how: Integers
    who: Integers
    repeated: Flags


@dataclass(frozen=True)
class Delivered:
    """Minutes and counts by hot spot, tactic and week: (spots, tactics, weeks).

    `presence` is the union over all tactics, (spots, weeks): less than the sum of `patrol` where tactics overlap.
    `attendance`, (spots, weeks), is the union of each officer's records, added up: less than the sum of `officer` where
    records of one officer overlap. `repeated` counts what stands in `presence` and `patrol` alone.
    `visit_minutes` are those of visits that began in the week, whole, and `ended` their number: minutes a visit is
    their quotient. `recorded` is (spots, tactics, weeks, ways).
    """

    presence: Floats
    attendance: Floats
    patrol: Floats
    officer: Floats
    visits: Integers
    visit_minutes: Floats
    ended: Integers
    running: Integers
    unapproved: Integers
    too_long: Integers
    repeated: Integers
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

    order = _sorted_by(cell)
    by_tactic = cell[order], visits.starts[order], ends[order]
    once = ~visits.repeated
    spot, starts, until = visits.spot[once], visits.starts[once], ends[once]
    order = _sorted_by(visits.who[once])
    order = order[_sorted_by(spot[order])]
    by_officer = _first_there(_numbered(spot[order], visits.who[once][order]), starts[order], until[order])
    finished = ~visits.running & once
    whole = began & finished
    return Delivered(
        presence=minutes(visits.spot, _first_there(visits.spot, visits.starts, ends), ends, spots),
        attendance=minutes(spot[order], by_officer, until[order], spots),
        patrol=minutes(by_tactic[0], _first_there(*by_tactic), by_tactic[2], spots * tactics).reshape(shape),
        officer=minutes(cell[once], starts, until, spots * tactics).reshape(shape),
        visits=count(~visits.joined & once),
        visit_minutes=_sum(at[whole], (ends - visits.starts)[whole], cells).reshape(shape) / MINUTE,
        ended=count(finished),
        running=count(visits.running),
        unapproved=count(visits.unapproved & ~visits.running),
        too_long=count(~visits.running & (visits.ends - visits.starts > LONGEST)),
        repeated=count(visits.repeated),
        recorded=np.stack([count(once & (visits.how == way)) for way in range(ways)], axis=-1),
    )


def logged_too(keys: tuple[Integers, ...], starts: Integers, ends: Integers, imported: Flags, known: Flags) -> Flags:
    """(n,) true for imported records that overlap one that is not, where all `keys` (hot spot, unit, sort) are the same.

    Only records that are `known` to have all keys are compared. Touching is overlapping: a record may last no time.
    """
    found = np.zeros(len(starts), dtype=bool)
    concerned = np.flatnonzero(known)
    if not imported[concerned].any() or imported[concerned].all():
        return found
    own = [key[concerned] for key in keys]
    order = np.lexsort((starts[concerned], *own))
    group = np.empty(len(order), dtype=np.int64)
    group[order] = _numbered(*(key[order] for key in own))
    # Instants as their ranks: groups laid one after the other on a single line stay far from the largest number.
    ranks = np.unique(np.concatenate([starts[concerned], ends[concerned]]), return_inverse=True)[1]
    begins, until = ranks.reshape(2, -1) + group * (ranks.max() + 1)
    imports = imported[concerned]
    logged = order[~imports[order]]
    reached = np.maximum.accumulate(until[logged])
    last = np.searchsorted(begins[logged], until[imports], side="right") - 1
    found[concerned[imports]] = (last >= 0) & (reached[last] >= begins[imports])
    return found


def _sorted_by(numbers: Integers) -> Integers:
    """A stable order; much faster where the numbers fit into 16 bits."""
    if len(numbers) and numbers.min() >= -(2**15) and numbers.max() < 2**15:
        return np.argsort(numbers.astype(np.int16), kind="stable")
    return np.argsort(numbers, kind="stable")


def _numbered(*keys: Integers) -> Integers:
    """(n,) groups of rows that follow each other with the same keys, numbered from 0."""
    changed = np.zeros(len(keys[0]), dtype=bool)
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.cumsum(changed)


def _first_there(group: Integers, starts: Integers, ends: Integers) -> Integers:
    """(n,) from when on each stay adds to the time that its group was present; after its own end where it adds nothing.

    Rows are sorted by group, then by start. Groups are laid one after the other on a single line, far apart, so that
    one running maximum serves them all.
    """
    if not len(group):
        return starts
    base = starts.min()
    apart = int(ends.max() - base) + 1
    if group[-1] - group[0] > LARGEST // apart:
        half = _border(group)
        return np.concatenate(
            [_first_there(group[part], starts[part], ends[part]) for part in (np.s_[:half], np.s_[half:])]
        )
    line = (group - group[0]) * apart - base
    reached = np.maximum.accumulate(ends + line)
    before = np.concatenate([reached[:1] - apart, reached[:-1]]) - line
    return np.maximum(starts, before)


def _border(group: Integers) -> int:
    """Where a group begins, near the middle."""
    half = int(np.searchsorted(group, group[len(group) // 2]))
    return half or int(np.searchsorted(group, group[0], side="right"))


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
