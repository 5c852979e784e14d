"""What is asked of plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.analytics.timing import HourOfWeek, aoristic
from hotspots.models import HotSpot
from hotspots.queries.charts import hours_of
from hotspots.queries.concentration import default_as_of
from hotspots.queries.hotspots import incidents_on
from hotspots.windows import Window
from tactics.analytics.drawing import usual_hours, visits_in_shift
from tactics.analytics.hours import suggest_hours
from tactics.models import Plan, PlanTactic, Shift
from tactics.queries.rosters import touched

DAYS = 365
ENOUGH = 12  # incidents with a known hour, one a month, before they suggest anything
STATUS_ORDER = [Plan.Status.PROPOSED, Plan.Status.UNDER_REVIEW, Plan.Status.ACTIVE, Plan.Status.ENDED]


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


@dataclass(frozen=True)
class HotHours:
    """When the risk incidents of a hot spot happened, and which hours they suggest; none where they are too few."""

    window: Window
    times: HourOfWeek
    suggested: list[int]

    @property
    def counted(self) -> int:
        return self.times.counted


def hot_hours(hot_spot: HotSpot) -> HotHours:
    """Over the last 365 days, on the places that the hot spot has now, without what police activity itself finds."""
    last = default_as_of()
    window = Window(last - timedelta(days=DAYS - 1), last)
    boundary = hot_spot.boundaries.order_by("-valid").first()
    places = list(boundary.places.values_list("pk", flat=True)) if boundary else []
    if not places:
        return HotHours(window, aoristic([], []), [])
    zone = agency_zone()
    incidents = incidents_on(places).filter(
        occurred_from__gte=window.starts_at(zone),
        occurred_from__lt=window.ends_at(zone),
        offense__enforcement_generated=False,
    )
    times = hours_of(incidents)
    return HotHours(window, times, suggest_hours(times.weights) if times.counted >= ENOUGH else [])


def listed(status: str) -> Any:
    """Plans of a status, "due" for review, "open" or all of them; each with its tactics."""
    plans = Plan.objects.all()
    if status in Plan.Status.values:
        plans = plans.filter(status=status)
    elif status == "open":
        plans = plans.open()
    elif status == "due":
        plans = due_for_review(timezone.localdate())
    in_order = Case(*(When(status=value, then=index) for index, value in enumerate(STATUS_ORDER)), default=9)
    return plans.select_related("hot_spot").prefetch_related("tactics").order_by(in_order, "hot_spot__name", "-pk")


def due_for_review(day: date) -> Any:
    """Those whose review has come, and those whose time is over and that are to be ended with what they achieved."""
    over = Q(ends_on__lte=day) | Q(hot_spot__ended_on__lte=day)
    return Plan.objects.open().filter(Q(review_on__lte=day) | over)


def plan_of(hot_spot: HotSpot) -> Plan | None:
    """The open plan of a hot spot, or the last one that it had."""
    plans = hot_spot.plans.select_related("hot_spot", "proposed_by", "activated_by", "ended_by")
    open_first = Case(When(status=Plan.Status.ENDED, then=1), default=0)
    return plans.order_by(open_first, "-ended_at", "-pk").first()


@dataclass(frozen=True)
class ShiftShare:
    """What a plan asks of one shift of the day: on which days, and per-shift visits there."""

    shift: Shift
    days: list[int]
    visits: dict[str, int]  # tactic to the most visits on one of the days


def shares_of_shifts(plan: Plan, shifts: Sequence[Shift]) -> list[ShiftShare]:
    slots = touched(plan.hours, shifts)
    found = []
    for shift in shifts:
        minutes = {day: size for (day, pk), size in slots.items() if pk == shift.pk}
        visits = {
            tactic.tactic: max(visits_in_shift(tactic.visits, size, plan.interval_minutes) for size in minutes.values())
            for tactic in plan.tactics.all()
            if minutes and tactic.visits is not None and tactic.per == PlanTactic.Per.SHIFT
        }
        found.append(ShiftShare(shift, sorted(minutes), visits))
    return found


def uncovered_hours(hours: Sequence[int], shifts: Sequence[Shift]) -> list[int]:
    """Hours of the week of which no shift has a minute."""
    covered = {
        int(hour)
        for shift in shifts
        for day in range(7)
        for hour in np.unique(usual_hours(shift.starts_at, shift.minutes, day))
    }
    return sorted(set(hours) - covered)


@dataclass(frozen=True)
class Change:
    """One entry of the history of a plan; `changes` are (what, before, after)."""

    at: datetime
    actor: User | None
    what: str | Promise
    note: str
    changes: list[tuple[str, str, str]]


WHAT = {
    "proposed": gettext_lazy("proposed"),
    "changed": gettext_lazy("changed"),
    "activated": gettext_lazy("activated"),
    "put under review": gettext_lazy("put under review"),
    "resumed": gettext_lazy("resumed"),
    "ended": gettext_lazy("ended"),
}


def history(plan: Plan) -> list[Change]:
    """Who changed what when, the latest first: from the audit trail."""
    # Bounded by time, for the trail has an index on that alone.
    of_plans = AuditEntry.objects.filter(action=AuditEntry.Action.PLAN_CHANGED, at__gte=plan.proposed_at)
    return [
        Change(
            at=entry.at,
            actor=entry.actor,
            what=WHAT.get(entry.details["what"], entry.details["what"]),
            note=entry.details.get("finding", ""),
            changes=[(_label(name), *pair) for name, pair in entry.details.get("changed", {}).items()],
        )
        for entry in of_plans.filter(details__plan=plan.pk).select_related("actor")
    ]


def _label(name: str) -> str:
    if name == "tactics":
        return _("Tactics")
    field = Plan._meta.get_field(name)
    return str(getattr(field, "verbose_name", name)).capitalize()
