"""Rosters: what each shift is to do, drawn at random with a seed that is kept, and changed by supervisors."""

import secrets
from collections.abc import Iterator
from datetime import date
from itertools import cycle, islice, repeat

import numpy as np
from django.db import transaction

from accounts.actions import record
from accounts.models import AuditEntry, User
from tactics.analytics import drawing
from tactics.models import Assignment, Roster, Shift
from tactics.queries import rosters as queries
from tactics.queries.rosters import MINUTE, ShiftOfDay, Wanted

Action = AuditEntry.Action
SEED_BITS = 48  # as many as a spreadsheet or a script elsewhere shows without rounding


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
    record(by=by, action=Action.ROSTER_CHANGED, subject=roster, roster=roster.pk, drawn=len(made), seed=str(seed))
    return roster


def assignments_for(roster: Roster, on_duty: ShiftOfDay) -> list[Assignment]:
    """What the plans in force and the seed make of a roster; nothing is stored."""
    wanted = queries.wanted(on_duty, roster.seed)
    visits = drawing.draw(
        [each.need for each in wanted], seed=roster.seed, shift=on_duty.shift.pk, weekday=on_duty.day.weekday()
    )
    units = [_in_turn(each, roster) for each in wanted]
    return [
        Assignment(
            roster=roster,
            hot_spot_id=wanted[visit.need].hot_spot,
            tactic=wanted[visit.need].tactic,
            minutes=wanted[visit.need].minutes,
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
    start = np.random.default_rng([roster.seed, roster.day.toordinal(), wanted.hot_spot]).integers(len(wanted.units))
    return islice(cycle(wanted.units), int(start), None)


def _one_at_a_time() -> None:
    """Two who draw at once, a worker and a supervisor, would give a week two seeds or a shift two rosters."""
    list(Shift.objects.select_for_update().order_by("pk").values_list("pk"))
