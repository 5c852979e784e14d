"""The one table of what a batch of letters may become, who may do it, and what stands against it.

Media and meetings have their own states in modules of their own. Being made is the worker's: nobody asks it to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import AuditEntry
from notices.models import Batch, OptOut
from notices.permissions import APPROVE_LETTERS, WRITE_LETTERS

Status = Batch.Status


class CannotMove(Exception):
    """The batch cannot become that; the text says why, for the page."""


def somebody_else_wrote_it(user: Any, batch: Batch) -> None:
    """Who changed a draft, or who is left out of it, wrote it too: the trail knows."""
    edits = AuditEntry.objects.filter(
        action=AuditEntry.Action.LETTERS_CHANGED, actor=user, details__letters=batch.pk, details__edited=True
    )
    if user.pk in {batch.created_by_id, batch.submitted_by_id} or edits.exists():
        raise CannotMove(_("You wrote or submitted these letters. Somebody else must approve them."))


def nobody_opted_out_since(user: Any, batch: Batch) -> None:
    """At submission nobody got a letter who had asked for none, so whoever is found here asked since."""
    said = OptOut.objects.in_force()
    household = Q(owner=None, place__in=said.filter(place__isnull=False).values("place"))
    number = batch.letters.filter(household | Q(owner__in=said.filter(owner__isnull=False).values("owner"))).count()
    if number:
        words = ngettext(
            "%(n)s asked for no letters since these were submitted. Send them back, and submit again.",
            "%(n)s asked for no letters since these were submitted. Send them back, and submit again.",
            number,
        )
        raise CannotMove(words % {"n": number})


def nothing_was_sent(user: Any, batch: Batch) -> None:
    if batch.letters.filter(emailed_at__isnull=False).exists():
        raise CannotMove(_("Some of these letters were sent by e-mail, so they can no longer be cancelled."))


def email_is_sent(user: Any, batch: Batch) -> None:
    """`mailed` is the end: what is to go by e-mail is sent or has said why not."""
    if batch.letters.filter(delivery="email", emailed_at=None, email_problem="").exists():
        raise CannotMove(_("Some of these letters go by e-mail and were not sent yet. Send them first."))


@dataclass(frozen=True)
class Transition:
    """`name` is what is done, `label` the words on its button; every need raises CannotMove with a reason."""

    name: str
    label: str | Promise
    source: Batch.Status
    target: Batch.Status
    capability: str
    needs: tuple[Callable[[Any, Batch], None], ...] = field(default=())


_CANCEL = gettext_lazy("Cancel these letters")
TRANSITIONS = (
    Transition("submit", gettext_lazy("Submit for approval"), Status.DRAFT, Status.SUBMITTED, WRITE_LETTERS),
    Transition("take_back", gettext_lazy("Take back and change"), Status.SUBMITTED, Status.DRAFT, WRITE_LETTERS),
    Transition("send_back", gettext_lazy("Send back"), Status.SUBMITTED, Status.DRAFT, APPROVE_LETTERS),
    Transition(
        "approve",
        gettext_lazy("Approve"),
        Status.SUBMITTED,
        Status.APPROVED,
        APPROVE_LETTERS,
        needs=(somebody_else_wrote_it, nobody_opted_out_since),
    ),
    Transition(
        "mark_mailed",
        gettext_lazy("Mark as mailed"),
        Status.READY,
        Status.MAILED,
        WRITE_LETTERS,
        needs=(email_is_sent,),
    ),
    Transition("cancel", _CANCEL, Status.DRAFT, Status.CANCELLED, WRITE_LETTERS),
    Transition("cancel", _CANCEL, Status.SUBMITTED, Status.CANCELLED, WRITE_LETTERS),
    Transition("cancel", _CANCEL, Status.APPROVED, Status.CANCELLED, WRITE_LETTERS),
    Transition("cancel", _CANCEL, Status.READY, Status.CANCELLED, WRITE_LETTERS, needs=(nothing_was_sent,)),
)


def check_can_move(user: Any, batch: Batch, name: str) -> Transition:
    """The transition of that name from where the batch stands, or CannotMove with the reason why not."""
    found = next((each for each in TRANSITIONS if each.name == name and each.source == batch.status), None)
    if found is None:
        from_where = {
            "label": next((each.label for each in TRANSITIONS if each.name == name), name),
            "status": batch.get_status_display(),
        }
        raise CannotMove(_("“%(label)s” is not for letters that are: %(status)s.") % from_where)
    if not user.allows(found.capability):
        raise CannotMove(_("You may not do this; a commander may."))
    for need in found.needs:
        need(user, batch)
    return found


def can_move(user: Any, batch: Batch, name: str) -> bool:
    try:
        check_can_move(user, batch, name)
    except CannotMove:
        return False
    return True


@dataclass(frozen=True)
class Move:
    """A transition that leads away from where a batch stands; `why_not` is empty where it is allowed."""

    transition: Transition
    why_not: str


def moves(user: Any, batch: Batch) -> Iterator[Move]:
    for transition in TRANSITIONS:
        if transition.source == batch.status and user.allows(transition.capability):
            try:
                check_can_move(user, batch, transition.name)
            except CannotMove as error:
                yield Move(transition, str(error))
            else:
                yield Move(transition, "")


def check_can_change(user: Any, batch: Batch) -> None:
    if not user.allows(WRITE_LETTERS):
        raise CannotMove(_("You may not do this; a clerk or a commander may."))
    if batch.status != Status.DRAFT:
        raise CannotMove(_("These letters are no longer a draft, so they stay as they are."))


def can_change(user: Any, batch: Batch) -> bool:
    try:
        check_can_change(user, batch)
    except CannotMove:
        return False
    return True
