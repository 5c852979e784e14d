"""Which status of a meeting, and which of a request for help, may follow which; and why not."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from notices.models import HelpRequest, Meeting

Status, Request = Meeting.Status, HelpRequest.Status

MEETING_MOVES: dict[str, tuple[str, ...]] = {
    Status.PLANNED: (Status.HELD, Status.CANCELLED),
    Status.HELD: (Status.PLANNED,),
    Status.CANCELLED: (Status.PLANNED,),
}
REQUEST_MOVES: dict[str, tuple[str, ...]] = {
    Request.NEW: (Request.TAKEN, Request.CLOSED),
    Request.TAKEN: (Request.NEW, Request.CLOSED),
    Request.CLOSED: (Request.TAKEN,),
}


class CannotMove(Exception):
    """The step is not allowed; the text says why, for the page."""


def check_can_move(meeting: Meeting, status: str, now: datetime | None = None) -> None:
    if status not in MEETING_MOVES[meeting.status]:
        words = _("This meeting is %(now)s and cannot become %(next)s. Somebody may have changed it just now.")
        raise CannotMove(words % {"now": meeting.get_status_display().lower(), "next": Status(status).label.lower()})
    if status == Status.HELD and meeting.starts_at > (now or timezone.now()):
        raise CannotMove(_("This meeting is still to come. If it was held earlier, change when it was first."))
    if meeting.status == Status.HELD and meeting.minutes:
        raise CannotMove(_("Its minutes were made, so this meeting was held."))


def can_move(meeting: Meeting, status: str, now: datetime | None = None) -> bool:
    try:
        check_can_move(meeting, status, now)
    except CannotMove:
        return False
    return True


def check_can_record(meeting: Meeting) -> None:
    """Who was there, what was said and agreed: of a meeting that was not cancelled."""
    if meeting.status == Status.CANCELLED:
        raise CannotMove(_("This meeting was cancelled. Plan it again to record what was said."))


def can_record(meeting: Meeting) -> bool:
    return meeting.status != Status.CANCELLED


def check_can_change(meeting: Meeting) -> None:
    """When and where, and what is on its agenda: the minutes show what they showed."""
    if meeting.status == Status.CANCELLED:
        raise CannotMove(_("This meeting was cancelled. Plan it again to change it."))


def check_can_move_request(request: HelpRequest, status: str) -> None:
    if status not in REQUEST_MOVES[request.status]:
        words = _("This request is %(now)s and cannot become %(next)s. Somebody may have changed it just now.")
        raise CannotMove(words % {"now": request.get_status_display().lower(), "next": Request(status).label.lower()})
    if status == Request.NEW and request.meetings.exists():
        raise CannotMove(_("A meeting was planned from this request, so it is taken up."))


def can_move_request(request: HelpRequest, status: str) -> bool:
    try:
        check_can_move_request(request, status)
    except CannotMove:
        return False
    return True
