"""Making plans and moving them through their states (tactics/transitions.py)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot
from tactics.catalogue import Amount
from tactics.models import Activity, Assignment, Plan, PlanTactic, Unit
from tactics.transitions import CannotMove, check_can_change, check_can_move, check_can_take_back, hot_spot_goes_on
from tactics.words import amount_in_words, hours_in_words

Action = AuditEntry.Action


@transaction.atomic
def propose(
    *,
    by: User,
    hot_spot: HotSpot,
    tactics: Sequence[Amount],
    officers: Sequence[User] = (),
    units: Sequence[Unit] = (),
    **values: Any,
) -> Plan:
    """Make the plan of a hot spot that has none that is open. `values` are the plain fields of Plan."""
    hot_spot = HotSpot.objects.select_for_update().get(pk=hot_spot.pk)
    if hot_spot.plans.open().exists():
        raise CannotMove(_("The hot spot has a plan already. Change that one, or end it first."))
    plan = Plan(hot_spot=hot_spot, proposed_by=by, **values)
    hot_spot_goes_on(plan)
    plan.save()
    _set_lists(plan, tactics, officers, units)
    _record(by, plan, "proposed")
    return plan


@transaction.atomic
def change(
    *,
    by: User,
    plan: Plan,
    tactics: Sequence[Amount],
    officers: Sequence[User] = (),
    units: Sequence[Unit] = (),
    **values: Any,
) -> Plan:
    """Change what a plan asks for. Rosters drawn before stay as they are until they are drawn again."""
    plan = _locked(plan)
    check_can_change(by, plan)
    before = _said(plan)
    for name, value in values.items():
        setattr(plan, name, value)
    plan.save(update_fields=list(values))
    plan.tactics.exclude(tactic__in=[amount.tactic for amount in tactics]).delete()
    _set_lists(plan, tactics, officers, units)
    after = _said(plan)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        _record(by, plan, "changed", changed=changed)
    return plan


@transaction.atomic
def activate(*, by: User, plan: Plan) -> Plan:
    """Put a proposed plan in force, from its start on."""
    plan = _locked(plan)
    plan.status = check_can_move(by, plan, "activate").target
    plan.activated_by, plan.activated_at = by, timezone.now()
    plan.save(update_fields=["status", "activated_by", "activated_at"])
    _record(by, plan, "activated")
    return plan


@transaction.atomic
def review(*, by: User, plan: Plan, finding: str) -> Plan:
    """Put a plan under review, with what was found so far; work goes on meanwhile."""
    plan = _locked(plan)
    plan.status = check_can_move(by, plan, "review").target
    plan.finding = finding
    plan.save(update_fields=["status", "finding"])
    _record(by, plan, "put under review", finding=finding)
    return plan


@transaction.atomic
def resume(*, by: User, plan: Plan, review_on: date, finding: str) -> Plan:
    """Go on with a plan after its review, until the next one."""
    plan = _locked(plan)
    plan.status = check_can_move(by, plan, "resume").target
    if review_on <= max(timezone.localdate(), plan.starts_on):
        raise CannotMove(_("The next review must lie in the future, and after the start."))
    plan.review_on, plan.finding = review_on, finding
    plan.save(update_fields=["status", "review_on", "finding"])
    _record(by, plan, "resumed", finding=finding, review_on=review_on.isoformat())
    return plan


@transaction.atomic
def end(*, by: User, plan: Plan, finding: str) -> Plan:
    """End a plan with what it achieved. Its visits that nobody has begun are dropped from the rosters."""
    plan = _locked(plan)
    plan.status = check_can_move(by, plan, "end").target
    now = timezone.now()
    plan.finding, plan.ended_by, plan.ended_at = finding, by, now
    plan.save(update_fields=["status", "finding", "ended_by", "ended_at"])
    begun = Activity.objects.counted().filter(assignment__isnull=False).values("assignment")
    ahead = Assignment.objects.standing().filter(hot_spot=plan.hot_spot, roster__ends_at__gt=now, added_by=None)
    dropped = ahead.exclude(pk__in=begun).update(dropped_by=by, dropped_at=now, reason=_("The plan has ended."))
    _record(by, plan, "ended", finding=finding, visits_dropped=dropped)
    return plan


@transaction.atomic
def take_back(*, by: User, plan: Plan) -> None:
    """Delete a proposal; the trail keeps it."""
    plan = _locked(plan)
    check_can_take_back(by, plan)
    _record(by, plan, "taken back", problem=plan.problem)
    plan.delete()


def _locked(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("hot_spot").get(pk=plan.pk)


def _set_lists(plan: Plan, tactics: Sequence[Amount], officers: Sequence[User], units: Sequence[Unit]) -> None:
    PlanTactic.objects.bulk_create(
        [PlanTactic(plan=plan, **vars(amount)) for amount in tactics],
        update_conflicts=True,
        unique_fields=["plan", "tactic"],
        update_fields=["visits", "per", "minutes"],
    )
    plan.officers.set(officers)
    plan.units.set(units)


def _said(plan: Plan) -> dict[str, str]:
    """What a plan says, in words, for the trail."""
    plain = ("problem", "least_minutes", "most_minutes", "interval_minutes", "starts_on", "review_on", "ends_on")
    tactics = (
        f"{tactic.get_tactic_display()} {amount_in_words(tactic.visits, tactic.per, tactic.minutes)}".strip()
        for tactic in plan.tactics.order_by("tactic")
    )
    return {
        **{name: str(getattr(plan, name) or "") for name in plain},
        "hours": hours_in_words(plan.hours),
        "tactics": "; ".join(tactics),
        "officers": ", ".join(sorted(str(officer) for officer in plan.officers.all())),
        "units": ", ".join(sorted(str(unit) for unit in plan.units.all())),
    }


def _record(by: User, plan: Plan, what: str, **details: Any) -> None:
    record(by=by, action=Action.PLAN_CHANGED, subject=plan.hot_spot, plan=plan.pk, what=what, **details)
