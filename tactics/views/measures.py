"""Place measures whatever their kind: the lists, the plan, and what becomes of one."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import can, check_can, requires
from hotspots.models import HotSpot, Place
from hotspots.queries.search import find_places
from tactics.actions import leases as lease_actions
from tactics.actions import measures as actions
from tactics.catalogue import MEASURES, Tactic
from tactics.forms.leases import LeaseForm
from tactics.forms.measures import USUAL, DropForm, FinishForm, MeasureFilterForm, PlanForm
from tactics.measure_transitions import CannotMove
from tactics.models import Measure
from tactics.permissions import CHANGE_MEASURES, MANAGE_CAMERAS, SEE_MEASURES, SURVEY_LIGHTING
from tactics.queries import measures as queries
from tactics.views.measure_page import act, get_measure, render_measure, say

PER_PAGE = 50
IN_A_PANEL = 12
PLACES_OF_A_HOT_SPOT = 50
# Who may plan a measure of a kind and enter its details; the others are for those who may change measures.
PLANNED_BY = {Tactic.LIGHTING: SURVEY_LIGHTING, Tactic.CAMERAS: MANAGE_CAMERAS}


def planned_by(kind: str) -> str:
    return PLANNED_BY.get(Tactic(kind), CHANGE_MEASURES)


@requires(SEE_MEASURES)
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    form = MeasureFilterForm(request.GET)
    page = Paginator(form.measures(), PER_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    today = timezone.localdate()
    context = {
        "form": form,
        "page": page,
        "query": asked.urlencode(),
        "is_filtered": any(asked.values()),
        "today": today,
        "overdue": Measure.objects.overdue_on(today).count(),
        "hot_spot": form.cleaned_data.get("hot_spot"),
    }
    return render(request, "tactics/measures/list.html", context)


@requires(SEE_MEASURES)
@require_safe
def measures_week(request: HttpRequest) -> HttpResponse:
    week = queries.week_list(timezone.localdate())
    return render(request, "tactics/measures/week.html", {"week": week, "may_change": may_change(request)})


@requires(SEE_MEASURES)
@require_safe
def measure_new(request: HttpRequest) -> HttpResponse:
    """Which place, then what: by name, from a hot spot, or from the page of the place."""
    place = place_asked(request)
    hot_spot = HotSpot.objects.filter(pk=number(request, "hot_spot")).first()
    text = request.GET.get("q", "")[:200].strip()
    context = {
        "place": place,
        "hot_spot": hot_spot,
        "text": text,
        "found": find_places(text) if text and not place else [],
        "places": hot_spot_places(hot_spot) if hot_spot and not place else [],
        "kinds": [(kind, USUAL[kind]) for kind in MEASURES if can(request.user, planned_by(kind))],
    }
    return render(request, "tactics/measures/new.html", context)


@requires(SEE_MEASURES)
def measure_plan(request: HttpRequest, kind: str) -> HttpResponse:
    """A measure of a kind at ?place=. A lease case begins with its violation."""
    if kind not in MEASURES:
        raise Http404("No such kind of measure.")
    check_can(request.user, planned_by(kind))
    place = place_asked(request)
    if place is None:
        return redirect("measure_new")
    if kind == Tactic.LEASE_ENFORCEMENT:
        return violation(request, place, None)
    form = PlanForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        measure = actions.plan(by=request.user, kind=kind, place=place, **form.cleaned_data)
        if "begin" in request.POST and USUAL[kind].begin_url:
            return redirect(USUAL[kind].begin_url, measure.pk)
        say(request, _("Planned."))
        return redirect("measure", measure.pk)
    return render_plan(request, form, kind, place)


def violation(request: HttpRequest, place: Place, measure: Measure | None) -> HttpResponse:
    form = LeaseForm(request.POST or None, place=place, measure=measure)
    if request.method == "POST" and form.is_valid():
        try:
            opened = lease_actions.open_case(by=request.user, measure=measure, place=place, **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("The violation is recorded."))
            return redirect("measure", opened.pk)
    return render_plan(request, form, Tactic.LEASE_ENFORCEMENT, place, measure)


def render_plan(
    request: HttpRequest, form: Any, kind: str, place: Place, measure: Measure | None = None
) -> HttpResponse:
    context = {"form": form, "kind": Tactic(kind), "usual": USUAL[kind], "place": place, "measure": measure}
    return render(request, "tactics/measures/plan.html", context, status=422 if form.errors else 200)


@requires(SEE_MEASURES)
@require_safe
def measure(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    return render_measure(request, get_measure(measure_id))


@requires(CHANGE_MEASURES)
def measure_edit(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Change what is planned, or take up what was reported."""
    measure = get_measure(measure_id)
    if measure.closed_at:
        return redirect("measure", measure.pk)
    is_reported = measure.status == Measure.Status.REPORTED
    if is_reported and measure.kind == Tactic.LEASE_ENFORCEMENT:
        return violation(request, measure.place, measure)
    clocked = any(hasattr(measure, detail) for detail in ("lease_case", "trespass", "camera"))
    clocked = clocked or queries.waiting_lights().filter(survey=measure.pk).exists()
    form = PlanForm(request.POST or None, kind=measure.kind, clocked=clocked, instance=measure)
    if request.method == "POST" and form.is_valid():
        action = actions.take_up if is_reported else actions.edit
        words = _("Taken up.") if is_reported else _("Saved.")
        return act(
            request, measure, None, "", lambda: action(by=request.user, measure=measure, **form.cleaned_data), words
        )
    return render_plan(request, form, measure.kind, measure.place, measure)


@requires(CHANGE_MEASURES)
@require_POST
def measure_done(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure, form = get_measure(measure_id), FinishForm(request.POST, prefix="finish")

    def finish() -> Measure:
        return actions.finish(by=request.user, measure=measure, **form.cleaned_data)

    # Why it cannot be done is said above the page, which then has no form for it.
    return act(request, measure, None if form.is_valid() else form, "finish_form", finish, _("Done."))


@requires(CHANGE_MEASURES)
@require_POST
def measure_drop(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure, form = get_measure(measure_id), DropForm(request.POST, prefix="drop")

    def drop() -> Measure:
        return actions.drop(by=request.user, measure=measure, **form.cleaned_data)

    return act(request, measure, form, "drop_form", drop, _("Dropped."))


@requires(CHANGE_MEASURES)
@require_POST
def measure_reopen(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure = get_measure(measure_id)
    return act(
        request, measure, None, "", lambda: actions.reopen(by=request.user, measure=measure), _("It is open again.")
    )


@requires(SEE_MEASURES)
@require_safe
def measures_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """On the page of a hot spot."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    address = f"{reverse('measures')}?status=all&hot_spot={hot_spot.pk}"
    query = f"hot_spot={hot_spot.pk}"
    return render_panel(request, queries.at_hot_spot(hot_spot), address, query, f"{reverse('cameras')}?{query}")


@requires(SEE_MEASURES)
@require_safe
def place_measures_panel(request: HttpRequest, place_id: int) -> HttpResponse:
    """On the page of a place."""
    place = get_object_or_404(Place, pk=place_id)
    return render_panel(request, queries.at_place(place), "", f"place={place.pk}")


def render_panel(request: HttpRequest, found: Any, more: str, new: str, seen_by: str = "") -> HttpResponse:
    shown = list(found[: IN_A_PANEL + 1])
    context = {
        "measures": shown[:IN_A_PANEL],
        "has_more": len(shown) > IN_A_PANEL,
        "more": more,
        "new": f"{reverse('measure_new')}?{new}",
        "seen_by": seen_by,
        "today": timezone.localdate(),
    }
    return render(request, "tactics/measures/panel.html", context)


def may_change(request: HttpRequest) -> bool:
    return can(request.user, CHANGE_MEASURES)


def place_asked(request: HttpRequest) -> Place | None:
    return Place.objects.current().filter(pk=number(request, "place")).first()


def hot_spot_places(hot_spot: HotSpot) -> Any:
    places = Place.objects.filter(pk__in=queries.places_of(hot_spot, timezone.localdate()))
    named = Place.objects.filter(Q(pk__in=places) | Q(complex_addresses__block__in=places)).distinct()
    return named.order_by("kind", "name")[:PLACES_OF_A_HOT_SPOT]


def number(request: HttpRequest, name: str) -> int:
    """What cannot be a key finds nothing."""
    text = request.POST.get(name) or request.GET.get(name) or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
