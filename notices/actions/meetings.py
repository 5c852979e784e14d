"""Meetings with owners: planned with an agenda, held, cancelled; and what was said, advised and agreed at them."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot, Place
from notices.actions import help_requests
from notices.models import Agreement, Attendee, HelpRequest, Issue, Meeting, Owner
from notices.queries.agendas import agenda_of
from notices.transitions_meetings import CannotMove, check_can_change, check_can_move, check_can_record
from tactics.actions import measures as measure_actions
from tactics.catalogue import MEASURES, Tactic
from tactics.models import Measure

Status = Meeting.Status
PLANNED = ("hot_spot", "owner", "asked_by", "starts_at", "where", "agenda_notes")
# A lease case begins with its violation and the question of who called; it is never agreed at a table.
AGREEABLE = tuple(kind for kind in MEASURES if kind != Tactic.LEASE_ENFORCEMENT)


@transaction.atomic
def plan(
    *,
    by: User,
    place: Place,
    asked_by: str,
    starts_at: datetime,
    where: str,
    hot_spot: HotSpot | None = None,
    owner: Owner | None = None,
    help_request: HelpRequest | None = None,
    follows: Meeting | None = None,
    agenda_notes: str = "",
) -> Meeting:
    """A meeting to come, with its agenda. A request for help that it comes from is taken up."""
    if follows and Meeting.objects.filter(follows=follows).exists():
        raise CannotMove(_("The next meeting after this one is planned already."))
    if help_request and help_request.status == HelpRequest.Status.NEW:
        help_request = help_requests.take(by=by, request=help_request)
    meeting = Meeting(
        place=place,
        asked_by=asked_by,
        starts_at=starts_at,
        where=where,
        hot_spot=hot_spot,
        owner=owner,
        help_request=help_request,
        follows=follows,
        agenda_notes=agenda_notes,
        created_by=by,
    )
    meeting.agenda = agenda_of(meeting)
    meeting.save()
    audit(by, meeting, "planned", starts_at=starts_at.isoformat())
    return meeting


@transaction.atomic
def change(*, by: User, meeting: Meeting, **values: Any) -> Meeting:
    """When, where, with whom, and what is also on the agenda (`PLANNED`)."""
    meeting = locked(meeting)
    check_can_change(meeting)
    changed = {name: value for name, value in values.items() if name in PLANNED and getattr(meeting, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(meeting, name, value)
        meeting.save(update_fields=list(changed))
        touch(meeting)
        audit(by, meeting, "changed", what=sorted(changed))
    return meeting


@transaction.atomic
def make_agenda(*, by: User, meeting: Meeting) -> Meeting:
    """Anew, from the data as they are now."""
    meeting = locked(meeting)
    if meeting.status != Status.PLANNED:
        raise CannotMove(_("What was on the table stays as it was: this meeting is no longer to come."))
    meeting.agenda = agenda_of(meeting)
    meeting.save(update_fields=["agenda"])
    touch(meeting)
    audit(by, meeting, "agenda made anew")
    return meeting


@transaction.atomic
def hold(*, by: User, meeting: Meeting) -> Meeting:
    meeting = move(meeting, Status.HELD)
    audit(by, meeting, "held")
    return meeting


@transaction.atomic
def cancel(*, by: User, meeting: Meeting, reason: str) -> Meeting:
    meeting = move(meeting, Status.CANCELLED, reason)
    audit(by, meeting, "cancelled", reason=reason)
    return meeting


@transaction.atomic
def plan_again(*, by: User, meeting: Meeting) -> Meeting:
    """Undo held or cancelled. What was recorded stays."""
    meeting = move(meeting, Status.PLANNED)
    audit(by, meeting, "planned again")
    return meeting


@transaction.atomic
def add_attendee(*, by: User, meeting: Meeting, role: str, name: str = "", organization: str = "") -> Attendee:
    meeting = to_record(meeting)
    attendee = Attendee.objects.create(meeting=meeting, role=role, name=name, organization=organization)
    audit(by, meeting, "attendee added", role=role)
    return attendee


@transaction.atomic
def remove_attendee(*, by: User, attendee: Attendee) -> None:
    meeting = to_record(attendee.meeting)
    attendee.delete()
    audit(by, meeting, "attendee removed", role=attendee.role)


@transaction.atomic
def add_issue(*, by: User, meeting: Meeting, what: str, raised_by: str) -> Issue:
    meeting = to_record(meeting)
    issue = Issue.objects.create(meeting=meeting, what=what, raised_by=raised_by)
    audit(by, meeting, "issue added", issue=what)
    return issue


@transaction.atomic
def remove_issue(*, by: User, issue: Issue) -> None:
    meeting = to_record(issue.meeting)
    issue.delete()
    audit(by, meeting, "issue removed", issue=issue.what)


@transaction.atomic
def record_talk(*, by: User, meeting: Meeting, summary: str, tips: list[str]) -> Meeting:
    """What was said, and which topics of prevention were gone through."""
    meeting = to_record(meeting)
    meeting.summary, meeting.tips = summary, tips
    meeting.save(update_fields=["summary", "tips"])
    audit(by, meeting, "talk recorded", tips=tips)
    return meeting


@transaction.atomic
def agree(
    *,
    by: User,
    meeting: Meeting,
    kind: str,
    title: str,
    party: str,
    due_on: date,
    organization: str = "",
    note: str = "",
) -> Agreement:
    """Somebody does something by a day. It is a place measure from then on."""
    meeting = to_record(meeting)
    if kind not in AGREEABLE:
        raise CannotMove(_("A lease case begins with its violation. Record it as a place measure."))
    measure = measure_actions.plan(
        by=by,
        kind=kind,
        place=meeting.place,
        title=title,
        due_on=due_on,
        party=party,
        organization=organization,
        note=note,
    )
    agreement = Agreement.objects.create(meeting=meeting, measure=measure)
    audit(by, meeting, "agreed", what=title, due_on=due_on.isoformat())
    return agreement


@transaction.atomic
def take_back(*, by: User, agreement: Agreement) -> None:
    """Taken down by mistake: the measure is dropped, and says why."""
    meeting = to_record(agreement.meeting)
    measure = agreement.measure
    if measure.status != Measure.Status.OPEN:
        raise CannotMove(_("This is no longer open, so it stays with the meeting."))
    agreement.delete()
    measure_actions.drop(by=by, measure=measure, reason=_("Not agreed after all"))
    audit(by, meeting, "agreement taken back", what=measure.title)


def move(meeting: Meeting, status: str, reason: str = "") -> Meeting:
    meeting = locked(meeting)
    check_can_move(meeting, status)
    meeting.status, meeting.cancelled_why = status, reason
    meeting.save(update_fields=["status", "cancelled_why"])
    return meeting


def to_record(meeting: Meeting) -> Meeting:
    """Locked, and marked as changed, so that minutes made before say that they are old."""
    meeting = locked(meeting)
    check_can_record(meeting)
    touch(meeting)
    return meeting


def touch(meeting: Meeting) -> None:
    meeting.changed_at = timezone.now()
    meeting.save(update_fields=["changed_at"])


def locked(meeting: Meeting) -> Meeting:
    """The meeting as it is now, kept from others until the transaction ends."""
    return Meeting.objects.select_for_update(of=("self",)).select_related("place").get(pk=meeting.pk)


def audit(by: User, meeting: Meeting, change: str, **details: Any) -> None:
    action = AuditEntry.Action.MEETING_CHANGED
    record(by=by, action=action, subject=meeting, change=change, meeting=meeting.pk, **details)
