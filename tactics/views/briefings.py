from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import can, requires
from tactics.actions import briefings as actions
from tactics.models import Briefing, Shift
from tactics.permissions import ASSIGN, SEE_BRIEFINGS
from tactics.queries import briefings as queries
from tactics.queries import rosters

AHEAD, BACK = 9, 6  # days that the list shows
DAY = timedelta(days=1)


@requires(SEE_BRIEFINGS)
def briefing_list(request: HttpRequest) -> HttpResponse:
    """The shifts of today, or of the day asked for, and of days around it, with the briefings made for them."""
    now, today = timezone.now(), timezone.localdate()
    first = asked_day(request.GET.get("day", "")) or today
    days = queries.listed([first + number * DAY for number in (*range(AHEAD), *range(-1, -BACK - 1, -1))], now)
    context = {
        "coming": days[:AHEAD],
        "past": days[AHEAD:],
        "today": today,
        "first": first,
        "earlier": first - BACK * DAY,
        "later": first + AHEAD * DAY,
        "may_make": can(request.user, ASSIGN),
        "latest_day": today + actions.AHEAD,
    }
    return render(request, "tactics/briefings/list.html", context)


@requires(SEE_BRIEFINGS)
def briefing_page(request: HttpRequest, day: str, shift_id: int) -> HttpResponse:
    """What a briefing made now would say; beside it those that were made."""
    shift, of_day, now = get_object_or_404(Shift, pk=shift_id), day_or_404(day), timezone.now()
    sheet, why_not = queries.sheet(shift, of_day, now), actions.why_not(shift, of_day, now)
    roster = None if why_not else sheet.roster
    context = {
        "sheet": sheet,
        "shift": shift,
        "made": queries.made_for(shift, of_day),
        "may_make": can(request.user, ASSIGN),
        "why_not": why_not,
        "plans_changed": roster and rosters.plans_changed_since(roster, rosters.history(roster)),
    }
    return render(request, "tactics/briefings/page.html", context)


@require_POST
@requires(ASSIGN)
def briefing_make(request: HttpRequest, day: str, shift_id: int) -> HttpResponse:
    """One click: the roster is drawn if there is none, and the PDF is made and kept."""
    shift, of_day = get_object_or_404(Shift, pk=shift_id), day_or_404(day)
    try:
        actions.make(by=request.user, shift=shift, day=of_day)
    except actions.CannotBrief as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The briefing is made. Its PDF is kept as it is."))
    return redirect("briefing", day, shift_id)


@requires(SEE_BRIEFINGS)
def briefing_pdf(request: HttpRequest, briefing_id: int) -> HttpResponse:
    """As it was handed out."""
    briefing = get_object_or_404(Briefing.objects.select_related("shift"), pk=briefing_id)
    name = f"briefing-{briefing.day}-{slugify(briefing.shift.name) or briefing.shift_id}-{briefing.pk}.pdf"
    return HttpResponse(
        bytes(briefing.pdf),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def asked_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == day.isoformat() and 2000 <= day.year <= 2200 else None


def day_or_404(text: str) -> date:
    day = asked_day(text)
    if day is None:
        raise Http404
    return day
