"""Each step that a detective takes with a tip. None needs the key: what is written is sealed to public ones."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from hotspots.models import Place
from hotspots.queries.search import find_places
from tips.actions import inbox as actions
from tips.actions import messages as writing
from tips.forms.inbox import (
    AssignForm,
    EndForm,
    HotSpotForm,
    JudgeForm,
    NoteForm,
    PlaceSearchForm,
    ReplyForm,
    SameForm,
    TranslationForm,
)
from tips.models import Message, Tip
from tips.permissions import REVIEW_TIPS
from tips.queries import inbox as queries
from tips.transitions import CannotMove
from tips.unlocking import unlocked_by
from tips.views.tip import get_tip, render_tip


def say(request: HttpRequest, words: str) -> None:
    transaction.on_commit(lambda: messages.success(request, words))


def seen(request: HttpRequest) -> int | None:
    """The newest event when the page was made."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 18 else None


def act(
    request: HttpRequest, tip: Tip, words: str, action: Callable[[], Any], form: Any = None, **refused: Any
) -> HttpResponse:
    """`refused`: how the page names the form, should it be shown again with what is wrong."""
    if form is not None and not form.is_valid():
        unlocked = unlocked_by(request)
        if unlocked:
            messages.error(request, _("Not saved. Further down stands what is wrong."))  # on a phone it is out of sight
            return render_tip(request, tip, unlocked, status=422, **refused)
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return redirect("tip", tip.pk)
    try:
        action()
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        say(request, words)
    return redirect("tip", tip.pk)


@requires(REVIEW_TIPS)
@require_POST
def tip_judge(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    form = JudgeForm(request.POST, tip=tip, prefix="judge")
    words = _("Triaged.") if tip.status == Tip.Status.NEW else _("Saved.")

    def judge() -> None:
        actions.judge(by=request.user, tip=tip, values=form.cleaned_data, seen=seen(request))

    return act(request, tip, words, judge, form, judge_form=form)


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
@cache_control(no_store=True)
@require_POST
def tip_place(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    """Find a place by name, then say that it is this one, or none."""
    tip = get_tip(tip_id)
    chosen = request.POST.get("place", "")
    if chosen == "none" or (chosen.isdecimal() and len(chosen) < 10):
        place = None if chosen == "none" else get_object_or_404(Place.objects.current(), pk=chosen)
        words = _("It is at %(place)s.") % {"place": place.name} if place else _("The place is taken off.")
        return act(
            request,
            tip,
            words,
            lambda: actions.set_place(by=request.user, tip=tip, place=place, seen=seen(request)),
        )
    form = PlaceSearchForm(request.POST, prefix="place")
    text = form.cleaned_data["q"] if form.is_valid() else ""
    context = {
        "tip": tip,
        "form": form,
        "text": text,
        "found": find_places(text) if text else [],
        "last_event": queries.last_event(tip),
    }
    return render(request, "tips/inbox/place.html", context, status=200 if text else 422)


@requires(REVIEW_TIPS)
@require_POST
def tip_hot_spot(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip, form = get_tip(tip_id), HotSpotForm(request.POST, prefix="spot")

    def link() -> None:
        actions.set_hot_spot(by=request.user, tip=tip, hot_spot=form.cleaned_data["hot_spot"], seen=seen(request))

    return act(request, tip, _("Saved."), link, form, hot_spot_form=form)


@requires(REVIEW_TIPS)
@require_POST
def tip_take(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    return act(request, tip, _("It is yours."), lambda: actions.take(by=request.user, tip=tip, seen=seen(request)))


@requires(REVIEW_TIPS)
@require_POST
def tip_put_back(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    return act(
        request, tip, _("It is nobody’s again."), lambda: actions.put_back(by=request.user, tip=tip, seen=seen(request))
    )


@requires(REVIEW_TIPS)
@require_POST
def tip_assign(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip, form = get_tip(tip_id), AssignForm(request.POST, prefix="assign")

    def assign() -> None:
        actions.assign(by=request.user, tip=tip, to=form.cleaned_data["to"], seen=seen(request))

    return act(request, tip, _("Given."), assign, form, assign_form=form)


@requires(REVIEW_TIPS)
@require_POST
def tip_end(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    form = EndForm(request.POST, tip=tip, prefix="end")

    def end() -> None:
        status, outcome = form.cleaned_data["end"]
        actions.end(by=request.user, tip=tip, status=status, outcome=outcome, seen=seen(request))

    return act(request, tip, _("It has ended."), end, form, end_form=form)


@requires(REVIEW_TIPS)
@require_POST
def tip_reopen(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    return act(
        request, tip, _("It is open again."), lambda: actions.reopen(by=request.user, tip=tip, seen=seen(request))
    )


@requires(REVIEW_TIPS)
@require_POST
def tip_hold(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    words = _("It is held: it stays until the hold is lifted.")
    return act(request, tip, words, lambda: actions.hold(by=request.user, tip=tip, seen=seen(request)))


@requires(REVIEW_TIPS)
@require_POST
def tip_lift(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    words = _("The hold is lifted.")
    return act(request, tip, words, lambda: actions.lift_hold(by=request.user, tip=tip, seen=seen(request)))


@requires(REVIEW_TIPS)
@require_safe
def tip_same(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    """Which other tip tells of the same: likely ones, without contents."""
    tip = get_tip(tip_id)
    context = {"tip": tip, "likely": queries.likely_same(tip), "last_event": queries.last_event(tip)}
    return render(request, "tips/inbox/same.html", context)


@requires(REVIEW_TIPS)
@require_POST
def tip_same_set(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip, form = get_tip(tip_id), SameForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose another tip: this one is gone, or the same."))
        return redirect("tip_same", tip.pk)

    def mark() -> None:
        actions.mark_same(by=request.user, tip=tip, seen=seen(request), **form.cleaned_data)

    same = _("Both show that they tell of the same.")
    return act(request, tip, f"{_('It is ended.')} {same}" if form.cleaned_data["ends"] else same, mark)


@requires(REVIEW_TIPS)
@require_POST
def tip_same_undo(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    return act(
        request,
        tip,
        _("They stand apart again."),
        lambda: actions.unmark_same(by=request.user, tip=tip, seen=seen(request)),
    )


# --- what is written, and sealed ------------------------------------------------------------------------------------


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
@require_POST
def tip_reply(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    form = ReplyForm(request.POST, language=tip.language, prefix="reply")

    def reply() -> None:
        writing.reply(by=request.user, tip=tip, text=form.cleaned_data["whole"])

    return act(request, tip, _("The answer waits for the tipster, who may never come."), reply, form, reply_form=form)


@requires(REVIEW_TIPS)
@require_POST
def tip_reply_undo(request: HttpRequest, tip_id: UUID, message_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    message = get_object_or_404(tip.messages.filter(kind=Message.Kind.REPLY), pk=message_id)
    return act(request, tip, _("Taken back."), lambda: writing.take_back(by=request.user, message=message))


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
@require_POST
def tip_note(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip, form = get_tip(tip_id), NoteForm(request.POST, prefix="note")

    def note() -> None:
        writing.add_note(by=request.user, tip=tip, text=form.cleaned_data["text"])

    return act(request, tip, _("The note is sealed with the tip."), note, form, note_form=form)


@requires(REVIEW_TIPS)
@sensitive_post_parameters()
@require_POST
def tip_translate(request: HttpRequest, tip_id: UUID, message_id: UUID) -> HttpResponse:
    tip, form = get_tip(tip_id), TranslationForm(request.POST, prefix="translation")
    original = get_object_or_404(tip.messages, pk=message_id)

    def translate() -> None:
        writing.translate(by=request.user, original=original, text=form.cleaned_data["text"])

    refused = {"translation_form": form, "translating": original.pk}
    return act(request, tip, _("The translation stands beside it."), translate, form, **refused)
