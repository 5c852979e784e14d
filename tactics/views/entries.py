"""What phones sent and could not be stored: nothing is lost, a supervisor settles it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import requires
from hotspots.models import HotSpot, Place
from tactics.actions import review
from tactics.actions.activities import CannotChange
from tactics.actions.entries import Entry, as_instant
from tactics.catalogue import ACTIVITIES, Tactic
from tactics.forms.activities import words_of
from tactics.forms.review import ReasonForm
from tactics.models import Activity, SyncEntry, Unit
from tactics.permissions import REVIEW_ACTIVITY
from tactics.queries import review as queries
from tactics.templatetags.activities import entry_type
from tactics.views.corrections import in_agency_time

PER_PAGE = 50


@requires(REVIEW_ACTIVITY)
@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.entries_to_settle().order_by("received_at"), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(each, headline(each.payload)) for each in page]
    return render(request, "tactics/activities/entries.html", {"page": page, "rows": rows})


@requires(REVIEW_ACTIVITY)
@require_safe
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    return render_entry(request, entry_id, ReasonForm())


@requires(REVIEW_ACTIVITY)
@require_POST
def entry_close(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Nothing is to be logged of it."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return render_entry(request, entry_id, form, status=422)
    found = get_object_or_404(SyncEntry, pk=entry_id)
    try:
        review.settle(by=request.user, entry=found, reason=form.cleaned_data["reason"])
    except CannotChange as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is closed."))
    return redirect("entries")


def render_entry(request: HttpRequest, entry_id: UUID, form: ReasonForm, status: int = 200) -> HttpResponse:
    found = get_object_or_404(SyncEntry.objects.select_related("officer", "settled_by"), pk=entry_id, refused=True)
    context = {
        "entry": found,
        "words": in_words(found),
        "activity": queries.activities().filter(pk=found.activity or UUID(int=0)).first(),
        "may_log": found.payload.get("type") in ("start", "end", "log"),
        "form": form,
    }
    return render(request, "tactics/activities/entry.html", context, status=status)


def in_words(entry: SyncEntry) -> list[tuple[str, str]]:
    """What the phone sent, as far as it can be read."""
    sent: dict[str, Any] = entry.payload
    kind = sent.get("kind")
    lines = [
        (_("Entry"), headline(sent)),
        (_("Hot spot"), name_of(HotSpot, sent.get("hot_spot"))),
        (_("Place"), name_of(Place, sent.get("place"))),
        (_("Unit"), name_of(Unit, sent.get("unit"))),
        (_("From"), moment_of(sent.get("started_at"))),
        (_("To"), moment_of(sent.get("ended_at"))),
        (_("Title"), str(sent.get("title") or "")),
        (_("Note"), str(sent.get("note") or "")),
        (_("Why"), str(sent.get("why") or "")),
    ]
    details = sent.get("details")
    if kind in list(ACTIVITIES) and isinstance(details, dict):
        lines += words_of(kind, details)
    elif details:
        lines.append((_("Details"), str(details)))
    return [(label, words) for label, words in lines if words]


def headline(sent: dict[str, Any]) -> str:
    """What kind of entry, of what kind of activity."""
    kind = sent.get("kind")
    of = str(Tactic(kind).label) if kind in list(Tactic) else str(kind or _("kind unknown"))
    return f"{of}: {entry_type(sent.get('type'))}"


def name_of(model: Any, number: Any) -> str:
    if number in (None, ""):
        return ""
    whole = number if isinstance(number, int) and 0 < number < 2**63 else 0
    found = model.objects.filter(pk=whole).first()
    return str(found) if found else _("%(number)s, which is not known") % {"number": number}


def moment_of(value: Any) -> str:
    moment = as_instant(value)
    return in_agency_time(moment) if moment else str(value or "")


def start_from(entry: SyncEntry) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a form begins with: who, where and when by the phone's clock, and the details as sent."""
    read = Entry(entry.payload if isinstance(entry.payload, dict) else {}, entry.pk)
    place = Place.objects.filter(pk=read.number("place") or 0).first()
    details = read.sent.get("details")
    initial = {
        "officer": entry.officer_id,
        "hot_spot": read.number("hot_spot"),
        "place": place.name if place else "",
        "unit": read.number("unit"),
        "started_at": read.instant("started_at"),
        "ended_at": read.instant("ended_at"),
        "note": read.text("note", Activity._meta.get_field("note").max_length),
    }
    return {name: value for name, value in initial.items() if value}, details if isinstance(details, dict) else {}
