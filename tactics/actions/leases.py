"""Lease enforcement by the owner: violation, notice, eviction filed, outcome. A call for help is never a violation."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from hotspots.models import Incident, Place
from tactics.actions.measures import audit, check_is_open, close, locked, open_again
from tactics.catalogue import Tactic
from tactics.clocks import lease_step_due
from tactics.measure_transitions import OUTCOMES, CannotMove, check_can_move, check_can_step
from tactics.models import LeaseCase, LeaseStep, Measure

Stage, Status = LeaseCase.Stage, Measure.Status


@transaction.atomic
def open_case(
    *,
    by: User,
    measure: Measure | None,
    place: Place,
    violation: str,
    home_called_for_help: bool,
    on: date,
    home: str = "",
    incident: Incident | None = None,
    **values: Any,
) -> Measure:
    """Record a violation with its clock; `measure` is one that was reported from the street, or None.

    `values`: title, party, organization, note."""
    check_is_no_call_for_help(home_called_for_help, incident)
    due_on = lease_step_due(Stage.VIOLATION, on)
    if measure:
        measure = locked(measure)
        check_can_move(measure, Status.OPEN)
        for name, value in {**values, "due_on": due_on, "status": Status.OPEN}.items():
            setattr(measure, name, value)
        measure.save()
    else:
        measure = Measure.objects.create(
            kind=Tactic.LEASE_ENFORCEMENT, place=place, due_on=due_on, created_by=by, **values
        )
    case = LeaseCase.objects.create(
        measure=measure, home=home, violation=violation, incident=incident, home_called_for_help=home_called_for_help
    )
    LeaseStep.objects.create(case=case, stage=Stage.VIOLATION, on=on, next_due_on=due_on, recorded_by=by)
    audit(by, measure, "violation recorded", violation=violation, on=on.isoformat())
    return measure


def check_is_no_call_for_help(home_called_for_help: bool, incident: Incident | None) -> None:
    if home_called_for_help or (incident and incident.offense.victim_sensitive):
        raise CannotMove(
            _(
                "Nobody may lose their home for having called the police. Where somebody of this home was the victim or "
                "called for help, there is no violation to record. Offer help instead."
            )
        )


@transaction.atomic
def record_step(*, by: User, case: LeaseCase, stage: str, on: date, note: str = "") -> LeaseStep:
    """Take a case to its next stage. The measure is then due when the clock of that stage runs out; an outcome ends it."""
    measure, case = locked_case(case)
    check_is_open(measure)
    check_can_step(case, case.steps.last(), stage, on, note)
    step = LeaseStep.objects.create(
        case=case, stage=stage, on=on, next_due_on=lease_step_due(stage, on), recorded_by=by, note=note
    )
    case.stage = stage
    case.save(update_fields=["stage"])
    if stage in OUTCOMES:
        close(by, measure, Status.DONE, step.get_stage_display())
    else:
        follow_clock(measure, step)
    audit(by, measure, "lease step", stage=stage, on=on.isoformat(), note=note)
    return step


@transaction.atomic
def undo_step(*, by: User, case: LeaseCase) -> None:
    """Take the last step back: it was recorded by mistake. The trail keeps it."""
    measure, case = locked_case(case)
    steps = list(case.steps.all())
    if len(steps) < 2:
        raise CannotMove(_("The violation is what the case began with. Drop the case instead."))
    if measure.status == Status.DROPPED:
        raise CannotMove(_("This case is dropped. Reopen it first."))
    if measure.status == Status.DONE:
        open_again(measure)
    undone, before = steps[-1], steps[-2]
    undone.delete()
    case.stage = before.stage
    case.save(update_fields=["stage"])
    follow_clock(measure, before)
    audit(by, measure, "lease step undone", stage=undone.stage, on=undone.on.isoformat())


def follow_clock(measure: Measure, step: LeaseStep) -> None:
    measure.due_on = step.next_due_on
    measure.party = Measure.Party.COURT if step.stage == Stage.FILED else Measure.Party.OWNER
    measure.save(update_fields=["due_on", "party"])


def locked_case(case: LeaseCase) -> tuple[Measure, LeaseCase]:
    measure = locked(case.measure)
    return measure, LeaseCase.objects.select_related("incident__offense").get(pk=case.pk)
