"""Which status of a place measure, and which stage of a lease case, may follow which; and why not."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tactics.catalogue import Tactic
from tactics.models import LeaseCase, LeaseStep, Measure

Status, Stage = Measure.Status, LeaseCase.Stage

STATUS_MOVES: dict[str, tuple[str, ...]] = {
    Status.REPORTED: (Status.OPEN, Status.DROPPED),
    Status.OPEN: (Status.DONE, Status.DROPPED),
    Status.DONE: (Status.OPEN,),
    Status.DROPPED: (Status.OPEN, Status.REPORTED),
}
LEASE_MOVES: dict[str, tuple[str, ...]] = {
    Stage.VIOLATION: (Stage.NOTICE, Stage.CURED, Stage.MOVED),
    Stage.NOTICE: (Stage.FILED, Stage.CURED, Stage.MOVED),
    Stage.FILED: (Stage.EVICTED, Stage.DISMISSED, Stage.CURED, Stage.MOVED),
}
OUTCOMES = (Stage.CURED, Stage.MOVED, Stage.EVICTED, Stage.DISMISSED)


class CannotMove(Exception):
    """The step is not allowed; the text says why, for the page."""


def check_can_move(measure: Measure, status: str) -> None:
    if status not in STATUS_MOVES[measure.status]:
        words = _("This is %(now)s and cannot become %(next)s. Somebody may have changed it just now.")
        raise CannotMove(words % {"now": measure.get_status_display().lower(), "next": Status(status).label.lower()})
    if measure.kind == Tactic.LEASE_ENFORCEMENT and status == Status.DONE:
        raise CannotMove(_("A lease case is done when its outcome is recorded."))


def can_move(measure: Measure, status: str) -> bool:
    try:
        check_can_move(measure, status)
    except CannotMove:
        return False
    return True


def check_can_step(case: LeaseCase, last: LeaseStep | None, stage: str, on: date, note: str) -> None:
    """Whether a lease case may reach `stage` on a day. A notice has to have run before an eviction is filed: who
    records one that was filed earlier must say on what ground."""
    if stage not in LEASE_MOVES.get(case.stage, ()):
        words = _("After “%(now)s” a case cannot reach “%(next)s”. Somebody may have recorded a step just now.")
        raise CannotMove(words % {"now": case.get_stage_display(), "next": Stage(stage).label})
    if case.incident and case.incident.offense.victim_sensitive:
        raise CannotMove(
            _(
                "The incident of this case is now known as one with a victim. A victim's call is never a violation: "
                "drop this case, and say so to the owner."
            )
        )
    if last and on < last.on:
        words = _("“%(stage)s” was on %(day)s; this cannot have been before.")
        raise CannotMove(words % {"stage": last.get_stage_display(), "day": date_format(last.on, "M j, Y")})
    if stage == Stage.FILED and last and last.next_due_on and on < last.next_due_on and not note:
        words = _(
            "The notice runs until %(day)s (K.S.A. 22-3902). If the owner filed earlier on another ground, write that "
            "ground into the note."
        )
        raise CannotMove(words % {"day": date_format(last.next_due_on, "M j, Y")})


def can_step(case: LeaseCase, last: LeaseStep | None, stage: str, on: date, note: str = "") -> bool:
    try:
        check_can_step(case, last, stage, on, note)
    except CannotMove:
        return False
    return True
