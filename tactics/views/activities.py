"""What was logged, on the desk: lists, one with its details, logging afterwards, corrections, approval."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.agency import current_agency
from accounts.permissions import can, requires
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.views.hotspots import counted
from hotspots.views.places import page_state, place_map_state
from tactics.actions import activities as actions
from tactics.actions import review
from tactics.actions.entries import as_uuid
from tactics.catalogue import ACTIVITIES, Tactic
from tactics.forms.activities import DETAILS, DetailsForm, words_of
from tactics.forms.review import ActivityFilterForm, CorrectForm, ReasonForm, TypedForm
from tactics.models import Activity, SyncEntry
from tactics.permissions import LOG, REVIEW_ACTIVITY, SEE_OWN_ACTIVITY
from tactics.queries import review as queries
from tactics.views.corrections import correction_lines
from tactics.views.entries import start_from

PER_PAGE = 50
MARGIN = 0.0006  # degrees around what a map shows


@requires(REVIEW_ACTIVITY)
@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    """Everybody's. Filters stand in the address, so that they survive a reload and an approval."""
    form = ActivityFilterForm(request.GET)
    page = page_of(request, form, queries.activities())
    may_approve = {each.pk for each in page if not review.why_not(review.check_can_approve, request.user, each)}
    context = {
        "form": form,
        "page": page,
        "query": query_of(request),
        "may_approve": may_approve,
        "plain": [each.pk for each in page if each.pk in may_approve and not each.flags],
        "to_settle": queries.entries_to_settle().count(),
    }
    return render(request, "tactics/activities/list.html", context)


@requires(SEE_OWN_ACTIVITY)
@require_safe
def my_activities(request: HttpRequest) -> HttpResponse:
    form = ActivityFilterForm(request.GET, own=True)
    page = page_of(request, form, queries.activities().filter(officer=request.user))
    context = {"form": form, "page": page, "query": query_of(request), "own": True}
    return render(request, "tactics/activities/list.html", context)


def page_of(request: HttpRequest, form: ActivityFilterForm, found: Any) -> Any:
    return Paginator(form.narrow(found), PER_PAGE).get_page(request.GET.get("page"))


def query_of(request: HttpRequest) -> str:
    """The filters that are set, for the links to other pages and to the exports."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return asked.urlencode()


@requires(SEE_OWN_ACTIVITY)
@require_safe
def activity(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    return render_activity(request, found_for(request, activity_id))


def found_for(request: HttpRequest, activity_id: UUID) -> Activity:
    """An activity that this person may see; to others it does not exist."""
    return get_object_or_404(queries.visible_to(request.user, can(request.user, REVIEW_ACTIVITY)), pk=activity_id)


def render_activity(request: HttpRequest, found: Activity, status: int = 200, **forms: Any) -> HttpResponse:
    row, may_review = queries.details_of(found), can(request.user, REVIEW_ACTIVITY)
    run = counted(request)
    basemap = basemap_for(current_agency())
    drawn = drawing(found, row)
    context = {
        "activity": found,
        "minutes": minutes_of(found),
        "details": words_of(found.kind, DETAILS[found.kind].initial_of(row)) if row else [],
        "flags": [Activity.Flag(flag).label for flag in found.flags],
        "overlap_words": Activity.Flag.OVERLAPS.label,
        "elsewhere": queries.elsewhere(found) if Activity.Flag.OVERLAPS in found.flags else [],
        "corrections": correction_lines(found),
        "entries": queries.entries_about(found) if may_review else [],
        "may_review": may_review,
        "why_not_approve": review.why_not(review.check_can_approve, request.user, found),
        "void_form": ReasonForm(auto_id="void_%s"),
        "restore_form": ReasonForm(auto_id="restore_%s"),
        "page_state": map_of(drawn, basemap.source) if drawn["features"] else None,
        "map_state": place_map_state(run) if run else None,
        **forms,
    }
    response = render(request, "tactics/activities/page.html", context, status=status)
    allow_basemap(response, basemap)
    return response


def minutes_of(found: Activity) -> float:
    return ((found.ended_at or timezone.now()) - found.started_at).total_seconds() / 60


def drawing(found: Activity, row: Any) -> dict[str, Any]:
    """Its place, the route that was walked, and where the phone was at the start."""
    boundary = found.hot_spot and found.hot_spot.boundary_on(timezone.localdate(found.started_at))
    shapes = [
        ("hot_spot", boundary.geometry if boundary else None),
        ("place", found.place.geometry if found.place else None),
        ("route", getattr(row, "route", None)),
        ("point", found.point),
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"what": what},
            "geometry": {"type": geometry.geom_type, "coordinates": geometry.coords},
        }
        for what, geometry in shapes
        if geometry
    ]
    return {"type": "FeatureCollection", "features": features}


def map_of(drawn: dict[str, Any], basemap: Any) -> dict[str, Any]:
    """Nearer than the map of a place: a route is small."""
    west, south, east, north = extent_of(drawn)
    around = max(east - west, north - south) / 3 + MARGIN
    extent = [west - around, south - around, east + around, north + around]
    return page_state((west, south, east, north), basemap) | {"extent": extent, "drawn": drawn}


def extent_of(drawn: dict[str, Any]) -> tuple[float, float, float, float]:
    def positions(coordinates: Any) -> Any:
        if isinstance(coordinates[0], int | float):
            yield coordinates
        else:
            for inner in coordinates:
                yield from positions(inner)

    found = [position for feature in drawn["features"] for position in positions(feature["geometry"]["coordinates"])]
    xs, ys = [position[0] for position in found], [position[1] for position in found]
    return (min(xs), min(ys), max(xs), max(ys)) if found else (0, 0, 0, 0)


@requires(LOG)
def activity_new(request: HttpRequest) -> HttpResponse:
    """Logging afterwards. `entry`: what a phone sent and could not be stored fills in the form."""
    entry = entry_of(request)
    kind = request.GET.get("kind", "") or (entry.payload.get("kind") if entry else "")
    if kind not in list(ACTIVITIES):
        kinds = [(tactic.value, tactic.label) for tactic in ACTIVITIES]
        return render(request, "tactics/activities/kinds.html", {"kinds": kinds, "entry": entry})
    initial, sent = start_from(entry) if entry else ({"hot_spot": request.GET.get("hot_spot")}, {})
    for_others = can(request.user, REVIEW_ACTIVITY)
    posted = request.POST if request.method == "POST" else None
    form = TypedForm(posted, kind=kind, for_others=for_others, initial={"officer": request.user.pk} | initial)
    details = desk_details(kind, posted, initial=sent)
    if posted is not None and form.is_valid() & details.is_valid():
        try:
            with transaction.atomic():
                logged = actions.log_activity(
                    by=request.user, kind=kind, details=details.cleaned_data, **given_id(entry), **form.cleaned_data
                )
                if entry:
                    review.settle(by=request.user, entry=entry, reason=_("Logged on the desk"), activity=logged)
        except (actions.CannotLog, actions.CannotChange) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is logged."))
            return redirect("activity", logged.pk)
    context = {"form": form, "details": details, "kind": Tactic(kind), "entry": entry}
    return render(request, "tactics/activities/new.html", context, status=422 if posted is not None else 200)


def desk_details(kind: str, posted: Any, initial: dict[str, Any]) -> DetailsForm:
    """Without what only a phone knows."""
    form = DETAILS[kind](posted, initial=initial)
    form.fields.pop("route", None)
    return form


def entry_of(request: HttpRequest) -> SyncEntry | None:
    number = request.GET.get("entry", "")
    if not number or not can(request.user, REVIEW_ACTIVITY):
        return None
    return get_object_or_404(queries.entries_to_settle(), pk=as_uuid(number))


def given_id(entry: SyncEntry | None) -> dict[str, Any]:
    """The phone's own number of the activity, so that its other entries find it; unless there is one already."""
    free = entry and entry.activity and not Activity.objects.filter(pk=entry.activity).exists()
    return {"id": entry.activity} if entry and free else {}


@requires(REVIEW_ACTIVITY)
def activity_correct(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    """Set right what was logged. `entry`: details of a phone that were not understood fill in the form."""
    found = found_for(request, activity_id)
    if why := review.why_not(review.check_can_correct, found):
        messages.error(request, why)
        return redirect("activity", found.pk)
    entry, row = entry_of(request), queries.details_of(found)
    posted = request.POST if request.method == "POST" else None
    sent = start_from(entry)[1] if entry else {}
    form = CorrectForm(posted, activity=found)
    details = details_to_correct(found, row, posted, sent)
    if posted is not None and form.is_valid() & (details is None or details.is_valid()):
        reason = form.cleaned_data["reason"]
        try:
            with transaction.atomic():
                changes = form.changes()
                review.correct(by=request.user, activity=found, reason=reason, changes=changes, details=details)
                if entry:
                    review.settle(by=request.user, entry=entry, reason=reason, activity=found)
        except actions.CannotChange as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is corrected. It has to be approved anew."))
            return redirect("activity", found.pk)
    context = {"form": form, "details": details, "activity": found, "entry": entry}
    return render(request, "tactics/activities/correct.html", context, status=422 if posted is not None else 200)


def details_to_correct(found: Activity, row: Any, posted: Any, sent: dict[str, Any]) -> DetailsForm | None:
    """None for one that still runs, and for what was imported without details."""
    ends = found.ended_at is not None or (posted is not None and posted.get("ended_at"))
    if not ends or (row is None and found.recorded == Activity.Recorded.IMPORTED):
        return None
    initial = (DETAILS[found.kind].initial_of(row) if row else {}) | sent
    details = desk_details(found.kind, posted, initial=initial)
    details.officer = found.officer_id
    return details


@requires(REVIEW_ACTIVITY)
@require_POST
def activity_void(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    return with_reason(request, activity_id, review.void, "void", _("It is void and counts no more."))


@requires(REVIEW_ACTIVITY)
@require_POST
def activity_restore(request: HttpRequest, activity_id: UUID) -> HttpResponse:
    return with_reason(request, activity_id, review.restore, "restore", _("It counts again."))


def with_reason(request: HttpRequest, activity_id: UUID, action: Any, name: str, words: str) -> HttpResponse:
    found = found_for(request, activity_id)
    form = ReasonForm(request.POST, auto_id=f"{name}_%s")
    if not form.is_valid():
        return render_activity(request, found, status=422, **{f"{name}_form": form})
    try:
        action(by=request.user, activity=found, reason=form.cleaned_data["reason"])
    except actions.CannotChange as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("activity", found.pk)


@requires(REVIEW_ACTIVITY)
@require_POST
def activities_approve(request: HttpRequest) -> HttpResponse:
    """Those that were ticked, or all that were shown without a flag; back to the list as it was, or to the one page
    that they came from."""
    plain = request.POST.get("plain", "")
    texts = plain.split(",") if plain else request.POST.getlist("activity")
    numbers = [number for text in texts[:PER_PAGE] if (number := as_uuid(text))]
    result = review.approve(by=request.user, activities=numbers)
    if result.approved:
        count = len(result.approved)
        words = ngettext("%(n)d activity is approved.", "%(n)d activities are approved.", count)
        messages.success(request, words % {"n": count})
    elif not numbers:
        messages.error(request, _("Tick the activities to approve."))
    for left, why in result.left:
        messages.error(request, _("%(what)s: %(why)s") % {"what": left, "why": why})
    if request.POST.get("one") and numbers:
        return redirect("activity", numbers[0])
    asked = QueryDict(request.POST.get("query", ""))
    return redirect(f"{reverse('activities')}?{asked.urlencode()}")
