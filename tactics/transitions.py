"""The one table of what a plan may become, who may do it, and what stands against it.

`manage.py print_transitions > docs/plan-states.md` draws it. Taking back a proposal deletes the plan, and is no
transition; neither is the end of the hot spot, which puts its plan out of force without a word (Plan.in_force_on).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tactics.models import Plan
from tactics.permissions import PLAN

Status = Plan.Status


class CannotMove(Exception):
    """The plan cannot become that; the text says why, for the page."""


def has_a_tactic(plan: Plan) -> None:
    if not plan.tactics.exists():
        raise CannotMove(_("The plan names no tactic. Choose at least one."))


def hot_spot_goes_on(plan: Plan) -> None:
    ended_on = plan.hot_spot.ended_on
    if ended_on is not None and ended_on <= timezone.localdate():
        raise CannotMove(_("The hot spot has ended. Nothing more is done there by plan."))


def end_lies_ahead(plan: Plan) -> None:
    if plan.ends_on is not None and plan.ends_on <= timezone.localdate():
        raise CannotMove(_("The end of the plan is past. Change the plan, and give it a later end or none."))


def review_lies_ahead(plan: Plan) -> None:
    if plan.review_on <= timezone.localdate():
        raise CannotMove(_("The review date is past. Change the plan, and give it a later one."))


@dataclass(frozen=True)
class Transition:
    """`name` is what is done, `label` the words on its button; every need raises CannotMove with a reason."""

    name: str
    label: str | Promise
    source: Plan.Status
    target: Plan.Status
    capability: str = PLAN
    needs: tuple[Callable[[Plan], None], ...] = field(default=())


TRANSITIONS = (
    Transition(
        "activate",
        gettext_lazy("Activate"),
        Status.PROPOSED,
        Status.ACTIVE,
        needs=(has_a_tactic, hot_spot_goes_on, end_lies_ahead, review_lies_ahead),
    ),
    Transition("review", gettext_lazy("Put under review"), Status.ACTIVE, Status.UNDER_REVIEW),
    Transition(
        "resume",
        gettext_lazy("Resume"),
        Status.UNDER_REVIEW,
        Status.ACTIVE,
        needs=(has_a_tactic, hot_spot_goes_on, end_lies_ahead),  # with the next review date, which resuming sets
    ),
    Transition("end", gettext_lazy("End"), Status.ACTIVE, Status.ENDED),
    Transition("end", gettext_lazy("End"), Status.UNDER_REVIEW, Status.ENDED),
)


def check_can_move(user: Any, plan: Plan, name: str) -> Transition:
    """The transition of that name from where the plan stands, or CannotMove with the reason why not."""
    found = next((each for each in TRANSITIONS if each.name == name and each.source == plan.status), None)
    if found is None:
        from_where = {
            "label": next((each.label for each in TRANSITIONS if each.name == name), name),
            "status": plan.get_status_display(),
        }
        raise CannotMove(_("“%(label)s” is not for a plan that is: %(status)s.") % from_where)
    if not user.allows(found.capability):
        raise CannotMove(_("You may not do this; a commander may."))
    for need in found.needs:
        need(plan)
    return found


def can_move(user: Any, plan: Plan, name: str) -> bool:
    try:
        check_can_move(user, plan, name)
    except CannotMove:
        return False
    return True


@dataclass(frozen=True)
class Move:
    """A transition that leads away from where a plan stands; `why_not` is empty where it is allowed."""

    transition: Transition
    why_not: str


def moves(user: Any, plan: Plan) -> Iterator[Move]:
    for transition in TRANSITIONS:
        if transition.source == plan.status:
            try:
                check_can_move(user, plan, transition.name)
            except CannotMove as error:
                yield Move(transition, str(error))
            else:
                yield Move(transition, "")


def check_can_change(user: Any, plan: Plan) -> None:
    if plan.status == Status.ENDED:
        raise CannotMove(_("The plan has ended and stays as it was. Propose a new one."))
    if not user.allows(PLAN):
        raise CannotMove(_("You may not do this; a commander may."))


def can_change(user: Any, plan: Plan) -> bool:
    try:
        check_can_change(user, plan)
    except CannotMove:
        return False
    return True


def check_can_take_back(user: Any, plan: Plan) -> None:
    check_can_change(user, plan)
    if plan.status != Status.PROPOSED:
        raise CannotMove(_("The plan has been active. It can be ended, not taken back."))


def can_take_back(user: Any, plan: Plan) -> bool:
    try:
        check_can_take_back(user, plan)
    except CannotMove:
        return False
    return True


def diagram() -> str:
    """docs/plan-states.md."""
    lines = [
        "# States of a plan",
        "",
        "Made by `manage.py print_transitions` from the table in tactics/transitions.py. Work goes on while a plan is",
        "under review. An ended plan is kept and never changes; its hot spot can get a new one.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {Status.PROPOSED.value}: propose",
        f"    {Status.PROPOSED.value} --> [*]: take back",
        *(f"    {each.source.value} --> {each.target.value}: {each.name}" for each in TRANSITIONS),
        f"    {Status.ENDED.value} --> [*]",
        "```",
        "",
        "| From | Done | To | Needs |",
        "| --- | --- | --- | --- |",
        *(
            f"| {each.source.label} | {each.name} | {each.target.label}"
            f" | {', '.join(need.__name__.replace('_', ' ') for need in each.needs) or '–'} |"
            for each in TRANSITIONS
        ),
        "",
    ]
    return "\n".join(lines)
