"""Meetings with owners: the lists, planning one, and what becomes of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.agency import agency_zone
from accounts.permissions import can, requires
from hotspots.models import HotSpot, Place
from hotspots.queries.place_page import hot_spots_of
from hotspots.queries.search import find_places
from notices.actions import meetings as actions
from notices.actions import minutes as minutes_actions
from notices.agendas import in_words
from notices.forms.meetings import (
    AgreeForm,
    AgreementFilterForm,
    AttendeeForm,
    CancelForm,
    IssueForm,
    MeetingFilterForm,
    MeetingForm,
    TalkForm,
)
from notices.models import HelpRequest, Meeting, Owner
from notices.permissions import HANDLE_REQUESTS, MANAGE_OWNERS, RECORD_MEETINGS, SEE_MEETINGS
from notices.queries import meetings as queries
from notices.queries.reminders import due, tomorrows
from notices.topics import TOPICS
from notices.transitions_meetings import CannotMove, can_move, can_record
from tactics.measure_transitions import CannotMove as MeasureCannotMove
from tactics.views.measures import hot_spot_places

PER_PAGE, IN_A_PANEL = 25, 8
ASKED_BY = {"owner": "owner", "neighbor": "neighborhood", "group": "neighborhood"}  # by role of a request for help


@requires(SEE_MEETINGS)
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    form, today = MeetingFilterForm(request.GET), timezone.localdate()
    page, query = paged(request, queries.listed(**form.asked()))
    mine = [each for each in due(today) if each.meeting.created_by_id == request.user.pk]
    context = {
        "form": form,
        "page": page,
        "query": query,
        "is_filtered": any(form.asked().values()),
        "today": today,
        "tomorrow": [each for each in tomorrows(today) if each.created_by_id == request.user.pk],
        "due": mine,
        "new_requests": queries.new_requests() if can(request.user, HANDLE_REQUESTS) else 0,
        "may_record": can(request.user, RECORD_MEETINGS),
    }
    return render(request, "notices/meetings/list.html", context)


@requires(SEE_MEETINGS)
@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """Over all meetings: what is to be done, late and done."""
    may_see_owners, today = can(request.user, MANAGE_OWNERS), timezone.localdate()
    form = AgreementFilterForm(request.GET, may_see_owners=may_see_owners)
    asked = form.asked()
    found = queries.agreements(
        today,
        status=asked["status"],
        party=asked["party"],
        place=Place.objects.filter(pk=asked["place"] or 0).first(),
        owner=Owner.objects.filter(pk=asked.get("owner") or 0).first(),
    )
    page, query = paged(request, found)
    context = {"form": form, "page": page, "query": query, "is_filtered": any(asked.values()), "today": today}
    return render(request, "notices/meetings/agreements.html", context)


def paged(request: HttpRequest, found: Any) -> tuple[Any, str]:
    """A page of it, and what was asked, for the links to the others."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page")), asked.urlencode()


@requires(RECORD_MEETINGS)
def meeting_new(request: HttpRequest) -> HttpResponse:
    """Which place, then when: from a place, a hot spot, a request for help, or the meeting before (?follows=)."""
    follows = one(Meeting.objects.select_related("place"), request, "follows")
    place = follows.place if follows else one(Place.objects.current(), request, "place")
    hot_spot = follows.hot_spot if follows else one(HotSpot.objects.all(), request, "hot_spot")
    help_request = asked_for(request)
    if place is None:
        return choose_place(request, hot_spot, help_request)
    owners = queries.owners_of(place, timezone.localdate())
    form = MeetingForm(
        request.POST or None,
        owners=owners,
        may_see_owners=can(request.user, MANAGE_OWNERS),
        initial=starting_point(place, hot_spot, follows, help_request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            meeting = actions.plan(
                by=request.user, place=place, follows=follows, help_request=help_request, **form.cleaned_data
            )
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("Planned. The agenda is made from the place’s own data."))
            return redirect("meeting", meeting.pk)
    context = {"form": form, "place": place, "follows": follows, "help_request": help_request}
    return render(request, "notices/meetings/plan.html", context, status=422 if form.errors else 200)


def choose_place(request: HttpRequest, hot_spot: HotSpot | None, help_request: HelpRequest | None) -> HttpResponse:
    text = request.GET.get("q", help_request.where if help_request else "")[:200].strip()
    context = {
        "hot_spot": hot_spot,
        "help_request": help_request,
        "text": text,
        "found": find_places(text) if text else [],
        "places": hot_spot_places(hot_spot) if hot_spot else [],
    }
    return render(request, "notices/meetings/new.html", context)


def starting_point(
    place: Place, hot_spot: HotSpot | None, follows: Meeting | None, help_request: HelpRequest | None
) -> dict[str, Any]:
    """What is likely: the hot spot of the place, and of the meeting before its owner and where it was."""
    around = hot_spot or hot_spots_of(place).filter(ended_on=None).first()
    likely: dict[str, Any] = {"hot_spot": around.pk if around else None, "asked_by": "police"}
    if follows:
        likely |= {"owner": follows.owner_id, "where": follows.where}
    if help_request:
        likely["asked_by"] = ASKED_BY[help_request.role]
    return likely


def asked_for(request: HttpRequest) -> HelpRequest | None:
    text = request.POST.get("help_request") or request.GET.get("help_request") or ""
    if not text or not can(request.user, HANDLE_REQUESTS):
        return None
    try:
        return HelpRequest.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None


def one(rows: Any, request: HttpRequest, name: str) -> Any:
    """What the form or the address names; what cannot be a key finds nothing."""
    text = request.POST.get(f"from_{name}") or request.GET.get(name) or ""
    return rows.filter(pk=int(text)).first() if text.isascii() and text.isdecimal() and len(text) < 16 else None


@requires(SEE_MEETINGS)
@require_safe
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    return render_meeting(request, get_meeting(meeting_id))


def get_meeting(meeting_id: int) -> Meeting:
    related = Meeting.objects.select_related("place", "hot_spot", "owner", "help_request", "created_by", "minutes_by")
    return get_object_or_404(related.select_related("follows"), pk=meeting_id)


def render_meeting(request: HttpRequest, meeting: Meeting, status: int = 200, **forms: Form) -> HttpResponse:
    may_record = can(request.user, RECORD_MEETINGS)
    walk = queries.walk_of(meeting)
    context: dict[str, Any] = {
        "meeting": meeting,
        "agenda": in_words(meeting.agenda),
        "attendees": meeting.attendees.all(),
        "issues": meeting.issues.all(),
        "tips": [(slug, TOPICS[slug].title) for slug in meeting.tips if slug in TOPICS],
        "agreements": queries.agreements_of(meeting),
        "walk": walk,
        "looked_at": sum(len(group.steps) for group in queries.seen_on(walk)),
        "points": sum(len(group.steps) for group in walk),
        "next_meeting": Meeting.objects.filter(follows=meeting).first(),
        "today": timezone.localdate(),
        "may_record": may_record and can_record(meeting),
        "may_change": may_record,
        "may_hold": can_move(meeting, Meeting.Status.HELD),
        "may_plan_again": can_move(meeting, Meeting.Status.PLANNED),
        "may_see_owner": can(request.user, MANAGE_OWNERS),
        "may_see_request": can(request.user, HANDLE_REQUESTS),
        "cancel_form": CancelForm(prefix="cancel"),
        "attendee_form": AttendeeForm(prefix="attendee"),
        "issue_form": IssueForm(prefix="issue"),
        "talk_form": TalkForm(prefix="talk", initial={"summary": meeting.summary, "tips": meeting.tips}),
        "agree_form": AgreeForm(prefix="agree"),
    }
    return render(request, "notices/meetings/page.html", context | forms, status=status)


def act(
    request: HttpRequest, meeting: Meeting, form: Any, name: str, action: Callable[[], Any], words: str, to: str = ""
) -> HttpResponse:
    """Do one thing and come back to the page, at `to`; on an error the page comes back with what was typed."""
    if form is None or form.is_valid():
        try:
            action()
        except (CannotMove, MeasureCannotMove) as error:
            messages.error(request, str(error))
            return redirect("meeting", meeting.pk)
        say(request, words)
        return redirect(reverse("meeting", args=[meeting.pk]) + to)
    return render_meeting(request, meeting, status=422, **{name: form})


def say(request: HttpRequest, words: str) -> None:
    transaction.on_commit(lambda: messages.success(request, words))


@requires(RECORD_MEETINGS)
def meeting_edit(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_meeting(meeting_id)
    form = MeetingForm(
        request.POST or None,
        owners=queries.owners_of(meeting.place, timezone.localdate()),
        may_see_owners=can(request.user, MANAGE_OWNERS),
        instance=meeting,
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(by=request.user, meeting=meeting, **form.cleaned_data)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("Saved."))
            return redirect("meeting", meeting.pk)
    context = {"form": form, "place": meeting.place, "meeting": meeting}
    return render(request, "notices/meetings/plan.html", context, status=422 if form.errors else 200)


@requires(RECORD_MEETINGS)
@require_POST
def meeting_agenda_anew(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_meeting(meeting_id)
    words = _("The agenda is made anew.")
    return act(
        request, meeting, None, "", lambda: actions.make_agenda(by=request.user, meeting=meeting), words, "#agenda"
    )


@requires(RECORD_MEETINGS)
@require_POST
def meeting_hold(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_meeting(meeting_id)
    return act(
        request, meeting, None, "", lambda: actions.hold(by=request.user, meeting=meeting), _("It is marked as held.")
    )


@requires(RECORD_MEETINGS)
@require_POST
def meeting_cancel(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting, form = get_meeting(meeting_id), CancelForm(request.POST, prefix="cancel")

    def cancel() -> None:
        actions.cancel(by=request.user, meeting=meeting, **form.cleaned_data)

    return act(request, meeting, form, "cancel_form", cancel, _("Cancelled."))


@requires(RECORD_MEETINGS)
@require_POST
def meeting_plan_again(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_meeting(meeting_id)
    words = _("It is planned again.")
    return act(request, meeting, None, "", lambda: actions.plan_again(by=request.user, meeting=meeting), words)


@requires(RECORD_MEETINGS)
@require_POST
def meeting_minutes_make(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_meeting(meeting_id)
    before = bool(meeting.minutes)
    try:
        is_new = minutes_actions.make_minutes(by=request.user, meeting=meeting)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        if not is_new:
            words = _("Nothing has changed since the minutes were made. They stay as they are.")
        elif before:
            words = _("New minutes are made. They take the place of those made before: hand them out again.")
        else:
            words = _("The minutes are made.")
        say(request, words)
    return redirect(reverse("meeting", args=[meeting.pk]) + "#minutes")


@requires(SEE_MEETINGS)
@require_safe
def meeting_minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """As they were handed out."""
    meeting = get_meeting(meeting_id)
    if not meeting.minutes:
        return redirect("meeting", meeting.pk)
    try:
        with meeting.minutes.open() as file:
            return pdf_response(file.read(), f"minutes-{meeting.starts_at.astimezone(agency_zone()):%Y-%m-%d}")
    except FileNotFoundError:
        raise Http404("The file is gone.") from None


@requires(SEE_MEETINGS)
@require_safe
def meeting_agenda(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_meeting(meeting_id)
    name = f"agenda-{meeting.starts_at.astimezone(agency_zone()):%Y-%m-%d}"
    return pdf_response(minutes_actions.agenda_pdf(meeting), name)


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    disposition = f'inline; filename="{name}.pdf"'
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": disposition})


@requires(SEE_MEETINGS)
@require_safe
def place_meetings(request: HttpRequest, place_id: int) -> HttpResponse:
    place = get_object_or_404(Place, pk=place_id)
    back = reverse("place", args=[place.pk])
    return render_history(request, queries.at_place(place), place.name, back, f"place={place.pk}")


@requires(MANAGE_OWNERS)
@require_safe
def owner_meetings(request: HttpRequest, owner_id: int) -> HttpResponse:
    owner = get_object_or_404(Owner, pk=owner_id)
    return render_history(request, queries.listed(owner=owner), owner.name, reverse("owner", args=[owner.pk]), "")


def render_history(request: HttpRequest, found: Any, name: str, back: str, new: str) -> HttpResponse:
    """Every meeting with one owner or at one place, what was advised, and what became of what was agreed."""
    today = timezone.localdate()
    page, query = paged(request, found)
    context = {
        "page": page,
        "query": query,
        "name": name,
        "back": back,
        "record": queries.record_of(list(found), agency_zone(), today),
        "new": f"{reverse('meeting_new')}?{new}" if new and can(request.user, RECORD_MEETINGS) else "",
        "today": today,
    }
    return render(request, "notices/meetings/history.html", context)


@requires(SEE_MEETINGS)
@require_safe
def meetings_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """On the page of a hot spot."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    return render_panel(request, queries.at_hot_spot(hot_spot, timezone.localdate()), f"hot_spot={hot_spot.pk}", "")


@requires(SEE_MEETINGS)
@require_safe
def place_meetings_panel(request: HttpRequest, place_id: int) -> HttpResponse:
    """On the page of a place."""
    place = get_object_or_404(Place, pk=place_id)
    history = reverse("place_meetings", args=[place.pk])
    return render_panel(request, queries.at_place(place), f"place={place.pk}", history)


def render_panel(request: HttpRequest, found: Any, new: str, history: str) -> HttpResponse:
    shown = list(found[: IN_A_PANEL + 1])
    context = {
        "meetings": shown[:IN_A_PANEL],
        "has_more": len(shown) > IN_A_PANEL,
        "history": history,
        "new": f"{reverse('meeting_new')}?{new}" if can(request.user, RECORD_MEETINGS) else "",
    }
    return render(request, "notices/meetings/panel.html", context)
