"""A tip's page: what was told, opened for this request alone, beside what is done about it."""

from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from hotspots.models import Place
from tactics.actions.measures import nearest_place
from tips import transitions
from tips.actions import inbox, messages
from tips.forms.inbox import (
    AssignForm,
    EndForm,
    HotSpotForm,
    JudgeForm,
    NoteForm,
    PlaceSearchForm,
    ReplyForm,
    TranslationForm,
)
from tips.models import Message, Tip
from tips.permissions import REVIEW_TIPS
from tips.queries import inbox as queries
from tips.reading import OpenedTip, open_photo, open_tip
from tips.unlocking import Unlocked, needs_key

Status = Tip.Status
EVENTS_SHOWN = 50
WRITTEN_BY_TIPSTER = (Message.Kind.TIP, Message.Kind.ADDITION)


def get_tip(tip_id: UUID) -> Tip:
    related = Tip.objects.select_related("place", "hot_spot", "assigned_to", "held_by", "same_as")
    return get_object_or_404(related, pk=tip_id)


@requires(REVIEW_TIPS)
@cache_control(no_store=True)
@require_safe
@needs_key
def tip(request: HttpRequest, tip_id: UUID, unlocked: Unlocked) -> HttpResponse:
    return render_tip(request, get_tip(tip_id), unlocked)


def render_tip(request: HttpRequest, tip: Tip, unlocked: Unlocked, status: int = 200, **forms: Any) -> HttpResponse:
    """Opens it, which is recorded in the same transaction. `forms`: one that was refused, in place of a fresh one."""
    with transaction.atomic():
        opened = open_tip(tip, unlocked)
        if opened:
            messages.opened(by=request.user, tip=tip)
    context = about(tip) | {"opened": opened}
    if opened is None:
        return render(request, "tips/inbox/shut.html", context | {"readers": queries.who_can_open(tip)})
    context |= told(opened) | work(request, tip)
    return render(request, "tips/inbox/tip.html", context | forms, status=status)


def about(tip: Tip) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "tip": tip,
        "today": today,
        "is_overdue": bool(tip.about_person and tip.review_on and tip.review_on <= today),
        "next_new": queries.next_new(tip),
        "is_apart": tip.quarantined and tip.status == Status.NEW,
    }


def told(opened: OpenedTip) -> dict[str, Any]:
    point = opened.point
    return {
        "originals": opened.of(*WRITTEN_BY_TIPSTER),
        "photos": opened.photos,
        "replies": opened.of(Message.Kind.REPLY),
        "notes": opened.of(Message.Kind.NOTE),
        "map_url": f"{reverse('map')}#17/{point[0]}/{point[1]}" if point else "",
        "suggested": suggested_place(opened.tip, point),
    }


def suggested_place(tip: Tip, point: tuple[float, float] | None) -> Place | None:
    """Of the point that was told, while nobody has said where it is."""
    if point is None or tip.place_id:
        return None
    return nearest_place(Point(point[1], point[0], srid=4326))


def work(request: HttpRequest, tip: Tip) -> dict[str, Any]:
    """What can be done with it now."""
    return {
        "last_event": queries.last_event(tip),
        "events": tip.events.select_related("by")[:EVENTS_SHOWN],
        "referrals": tip.referrals.all(),
        "duplicates": tip.duplicates.all(),
        "is_mine": tip.assigned_to_id == request.user.pk,
        "may_reopen": tip.status in inbox.BACK,
        "may_refer": tip.status == Status.REFERRED or transitions.can_move(tip, Status.REFERRED),
        "rewards_url": rewards_url(tip),
        "judge_form": JudgeForm(tip=tip, prefix="judge"),
        "place_form": PlaceSearchForm(prefix="place"),
        "hot_spot_form": HotSpotForm(initial={"hot_spot": tip.hot_spot_id}, prefix="spot"),
        "assign_form": AssignForm(prefix="assign"),
        "end_form": EndForm(tip=tip, prefix="end"),
        "reply_form": ReplyForm(language=tip.language, prefix="reply"),
        "note_form": NoteForm(prefix="note"),
        "translation_form": TranslationForm(prefix="translation"),
        "translating": None,
    }


def rewards_url(tip: Tip) -> str:
    try:
        return reverse("tip_rewards_of", args=[tip.pk])
    except NoReverseMatch:
        return ""


@requires(REVIEW_TIPS)
@cache_control(no_store=True)
@require_safe
@needs_key
def tip_photo(request: HttpRequest, tip_id: UUID, message_id: UUID, unlocked: Unlocked) -> HttpResponse:
    """Decrypted on the fly; the photos of a page belong to its opening (`messages.OPENED_WITHIN`)."""
    message = get_object_or_404(
        Message.objects.select_related("tip"), pk=message_id, tip=tip_id, kind=Message.Kind.PHOTO
    )
    picture = open_photo(message.tip, message, unlocked)
    if picture is None:
        raise Http404
    messages.opened_photo(by=request.user, tip=message.tip)
    return HttpResponse(picture, content_type="image/jpeg")
