"""What waits apart, in bulk. Works without a key; each tip is opened like any other."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from tips.actions import quarantine as actions
from tips.permissions import REVIEW_TIPS
from tips.queries import inbox, quarantine
from tips.views.inbox import narrowing
from tips.views.tip import get_tip
from tips.views.work import say

PER_PAGE = 100


@requires(REVIEW_TIPS)
@require_safe
def tips_quarantine(request: HttpRequest) -> HttpResponse:
    waiting, bucket = quarantine.waiting(), bucket_in(request.GET.get("bucket", ""))
    if bucket:
        waiting = waiting.filter(received_at=bucket)
    context = {
        "page": Paginator(inbox.rows(waiting, timezone.localdate()), PER_PAGE).get_page(request.GET.get("page")),
        "query": narrowing(request),
        "bucket": bucket,
        "buckets": quarantine.buckets(),
        "floods": quarantine.last_floods(),
    }
    return render(request, "tips/inbox/quarantine.html", context)


def bucket_in(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


@requires(REVIEW_TIPS)
@require_POST
def tips_quarantine_act(request: HttpRequest) -> HttpResponse:
    """`release` or `flood` for those chosen, `flood` for a whole quarter of a day too."""
    chosen, bucket = chosen_in(request), bucket_in(request.POST.get("bucket", ""))
    if not chosen and not bucket:
        messages.error(request, _("Choose some tips first."))
    elif request.POST.get("do") == "release":
        number = actions.release(by=request.user, chosen=chosen)
        say(request, ngettext("%(n)d tip is let out.", "%(n)d tips are let out.", number) % {"n": number})
    else:
        number, _code = actions.end_flood(by=request.user, bucket=bucket, chosen=chosen)
        words = ngettext("%(n)d tip is ended as a flood.", "%(n)d tips are ended as a flood.", number)
        say(request, words % {"n": number})
    return redirect("tips_quarantine")


def chosen_in(request: HttpRequest) -> list[UUID]:
    chosen = []
    for text in request.POST.getlist("tip"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            continue
    return chosen


@requires(REVIEW_TIPS)
@require_POST
def tips_flood_undo(request: HttpRequest) -> HttpResponse:
    number = actions.undo_flood(by=request.user, code=request.POST.get("code", "")[:20])
    say(request, ngettext("%(n)d tip waits again.", "%(n)d tips wait again.", number) % {"n": number})
    return redirect("tips_quarantine")


@requires(REVIEW_TIPS)
@require_POST
def tip_release(request: HttpRequest, tip_id: UUID) -> HttpResponse:
    tip = get_tip(tip_id)
    if actions.release(by=request.user, chosen=[tip.pk]):
        say(request, _("It is let out."))
    else:
        messages.error(request, _("It is in quarantine no more: somebody may have let it out just now."))
    return redirect("tip", tip.pk)
