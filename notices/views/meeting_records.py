"""What is recorded at a meeting: who was there, what was said, advised, seen on the walk, and agreed."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from notices.actions import meetings as actions
from notices.actions import walks
from notices.forms.meetings import AgreeForm, AttendeeForm, CheckpointForm, IssueForm, TalkForm
from notices.models import Agreement, Attendee, Checkpoint, Issue
from notices.permissions import RECORD_MEETINGS, SEE_MEETINGS
from notices.queries.meetings import Step, walk_of
from notices.topics import CHECKLIST
from notices.transitions_meetings import CannotMove, can_record
from notices.views.meetings import act, get_meeting


@requires(RECORD_MEETINGS)
@require_POST
def attendee_add(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting, form = get_meeting(meeting_id), AttendeeForm(request.POST, prefix="attendee")

    def add() -> None:
        actions.add_attendee(by=request.user, meeting=meeting, **form.cleaned_data)

    return act(request, meeting, form, "attendee_form", add, _("Added."), "#attendees")


@requires(RECORD_MEETINGS)
@require_POST
def attendee_remove(request: HttpRequest, attendee_id: int) -> HttpResponse:
    attendee = get_object_or_404(Attendee.objects.select_related("meeting"), pk=attendee_id)

    def remove() -> None:
        actions.remove_attendee(by=request.user, attendee=attendee)

    return act(request, attendee.meeting, None, "", remove, _("Removed."), "#attendees")


@requires(RECORD_MEETINGS)
@require_POST
def issue_add(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting, form = get_meeting(meeting_id), IssueForm(request.POST, prefix="issue")

    def add() -> None:
        actions.add_issue(by=request.user, meeting=meeting, **form.cleaned_data)

    return act(request, meeting, form, "issue_form", add, _("Added."), "#issues")


@requires(RECORD_MEETINGS)
@require_POST
def issue_remove(request: HttpRequest, issue_id: int) -> HttpResponse:
    issue = get_object_or_404(Issue.objects.select_related("meeting"), pk=issue_id)

    def remove() -> None:
        actions.remove_issue(by=request.user, issue=issue)

    return act(request, issue.meeting, None, "", remove, _("Removed."), "#issues")


@requires(RECORD_MEETINGS)
@require_POST
def meeting_talk(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting, form = get_meeting(meeting_id), TalkForm(request.POST, prefix="talk")

    def keep() -> None:
        actions.record_talk(by=request.user, meeting=meeting, **form.cleaned_data)

    return act(request, meeting, form, "talk_form", keep, _("Saved."), "#talk")


@requires(RECORD_MEETINGS)
@require_POST
def meeting_agree(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting, form = get_meeting(meeting_id), AgreeForm(request.POST, prefix="agree")

    def agree() -> None:
        actions.agree(by=request.user, meeting=meeting, **form.cleaned_data)

    return act(request, meeting, form, "agree_form", agree, _("Agreed. It is a place measure now."), "#agreements")


@requires(RECORD_MEETINGS)
@require_POST
def agreement_remove(request: HttpRequest, agreement_id: int) -> HttpResponse:
    agreement = get_object_or_404(Agreement.objects.select_related("meeting", "measure"), pk=agreement_id)

    def take_back() -> None:
        actions.take_back(by=request.user, agreement=agreement)

    return act(request, agreement.meeting, None, "", take_back, _("Taken back. The measure is dropped."), "#agreements")


@requires(RECORD_MEETINGS)
@require_safe
def walk(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The list to walk a place with, on a phone."""
    meeting = get_meeting(meeting_id)
    if not can_record(meeting):
        messages.error(request, _("This meeting was cancelled. Plan it again to record what was seen."))
        return redirect("meeting", meeting.pk)
    context = {"meeting": meeting, "walk": walk_of(meeting), "findings": Checkpoint.Finding.choices}
    return render(request, "notices/meetings/walk.html", context)


@requires(RECORD_MEETINGS)
@require_POST
def walk_item(request: HttpRequest, meeting_id: int, item: str) -> HttpResponse:
    """Keep one point. A page with scripts gets back what is kept of it, one without goes on at the same point."""
    meeting, form = get_meeting(meeting_id), CheckpointForm(request.POST, request.FILES)
    if item not in CHECKLIST:
        raise Http404("No such point.")
    error = "" if form.is_valid() else " ".join(error for errors in form.errors.values() for error in errors)
    if not error:
        try:
            walks.save_checkpoint(by=request.user, meeting=meeting, item=item, **form.cleaned_data)
        except CannotMove as refusal:
            error = str(refusal)
    if request.headers.get("HX-Request"):
        point = meeting.checkpoints.filter(item=item).first()
        context = {"step": Step(item, CHECKLIST[item], point), "error": error, "saved": not error, "meeting": meeting}
        return render(request, "notices/meetings/walk_state.html", context)
    if error:
        messages.error(request, error)
    return redirect(reverse("walk", args=[meeting.pk]) + f"#{item}")


@requires(SEE_MEETINGS)
@require_safe
def walk_photo(request: HttpRequest, checkpoint_id: int) -> HttpResponse:
    """The photo, for those who may see meetings; the folder of files itself is served to nobody."""
    point = get_object_or_404(Checkpoint, pk=checkpoint_id)
    if not point.photo:
        raise Http404("There is no photo.")
    try:
        with point.photo.open() as file:
            return HttpResponse(file.read(), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404("The photo is gone.") from None


@requires(RECORD_MEETINGS)
@require_POST
def walk_photo_remove(request: HttpRequest, checkpoint_id: int) -> HttpResponse:
    point = get_object_or_404(Checkpoint.objects.select_related("meeting"), pk=checkpoint_id)
    try:
        walks.remove_photo(by=request.user, checkpoint=point)
    except CannotMove as error:
        messages.error(request, str(error))
    return redirect(reverse("walk", args=[point.meeting_id]) + f"#{point.item}")
