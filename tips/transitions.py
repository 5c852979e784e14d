"""Which status of a tip may follow which, with which outcomes; and why not."""

from django.utils.translation import gettext as _

from tips.models import Tip

Status, Outcome = Tip.Status, Tip.Outcome

MOVES: dict[str, tuple[str, ...]] = {
    Status.NEW: (Status.TRIAGED, Status.NOT_ACTIONABLE),
    Status.TRIAGED: (Status.WORKING, Status.CLOSED, Status.REFERRED, Status.NOT_ACTIONABLE, Status.NEW),
    Status.WORKING: (Status.CLOSED, Status.REFERRED, Status.NOT_ACTIONABLE, Status.TRIAGED),
    Status.CLOSED: (Status.WORKING,),
    Status.REFERRED: (Status.WORKING,),
    Status.NOT_ACTIONABLE: (Status.TRIAGED, Status.NEW),  # new: a flood that was ended by mistake waits again
}
OUTCOMES: dict[str, tuple[str, ...]] = {
    Status.CLOSED: (Outcome.ARREST, Outcome.SOLVED, Outcome.MEASURE, Outcome.NOTHING_FOUND, Outcome.DUPLICATE),
    Status.REFERRED: (Outcome.SENT_TO_PARTNER,),
    Status.NOT_ACTIONABLE: (
        Outcome.TOO_VAGUE,
        Outcome.NO_CRIME,
        Outcome.ELSEWHERE,
        Outcome.DUPLICATE,
        Outcome.FLOOD,
    ),
}


class CannotMove(Exception):
    """The step is not allowed; the text says why, for the page."""


def check_can_move(tip: Tip, status: str, outcome: str = "", *, referred: bool = False) -> None:
    if status not in MOVES[tip.status]:
        words = _("This tip is %(now)s and cannot become %(next)s. Somebody may have changed it just now.")
        raise CannotMove(words % {"now": tip.get_status_display().lower(), "next": Status(status).label.lower()})
    if outcome not in OUTCOMES.get(status, ("",)):
        raise CannotMove(_("Choose why."))
    if status == Status.REFERRED and not referred:
        raise CannotMove(_("Send it to a partner first; then it is referred."))


def can_move(tip: Tip, status: str) -> bool:
    return status in MOVES[tip.status]
