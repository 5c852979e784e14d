"""What is asked of plans."""

from collections.abc import Sequence

from tactics.analytics.drawing import visits_in_shift
from tactics.models import Plan, PlanTactic, Shift
from tactics.queries.rosters import touched


def planned_per_week(plan: Plan, shifts: Sequence[Shift] | None = None) -> dict[str, tuple[int, int]]:
    """Tactic to the visits and minutes that a whole week of the plan asks for. Place measures have no amount.

    Visits per shift count once for each shift of the week that the hours of the plan touch; a shift that they touch for
    a part only has as many as fit at the plan's interval. Hand in the shifts when asking of many plans at once.
    """
    if shifts is None:
        shifts = list(Shift.objects.filter(is_active=True))
    slots = touched(plan.hours, shifts)
    planned = {}
    for tactic in plan.tactics.all():
        if tactic.visits is None or tactic.minutes is None:
            continue
        visits = tactic.visits
        if tactic.per == PlanTactic.Per.SHIFT:
            visits = sum(visits_in_shift(visits, minutes, plan.interval_minutes) for minutes in slots.values())
        planned[tactic.tactic] = (visits, visits * tactic.minutes)
    return planned
