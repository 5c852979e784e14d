from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.agency import current_agency
from accounts.permissions import can, requires
from hotspots.actions import hotspots as actions
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.forms.hotspots import REVIEW_AFTER, DesignateForm, EndForm, RedrawForm, ReviewForm
from hotspots.models import ConcentrationRun, HotSpot
from hotspots.panels import panels_for
from hotspots.permissions import DESIGNATE, SEE_MAP
from hotspots.queries import hotspots as queries
from hotspots.queries.concentration import default_as_of
from hotspots.views.map import whole_number
from hotspots.views.places import page_state, place_map_state

STATUSES = [
    ("active", gettext_lazy("Going on")),
    ("due", gettext_lazy("Due for review")),
    ("ended", gettext_lazy("Ended")),
    ("all", gettext_lazy("All")),
]


@requires(SEE_MAP)
def hot_spot_list(request: HttpRequest) -> HttpResponse:
    status = request.GET.get("status", "active")
    due = HotSpot.objects.due_for_review_on(timezone.localdate()).count()
    context = {"spots": queries.listed(status), "status": status, "statuses": STATUSES, "due": due}
    return render(request, "hotspots/hotspots/list.html", context | may(request))


@requires(DESIGNATE)
def hot_spot_new(request: HttpRequest) -> HttpResponse:
    """Designate the places that were selected on the map."""
    numbers = request.POST.get("places", request.GET.get("places", ""))
    form = DesignateForm(request.POST or None, initial={"places": numbers, "commander": request.user.pk})
    if request.method == "POST" and form.is_valid():
        hot_spot = actions.designate(by=request.user, **form.cleaned_data)
        say(request, _("%(name)s is designated.") % {"name": hot_spot.name})
        return redirect("hot_spot", hot_spot.pk)
    context = {"form": form, "places": selected_places(request, numbers), "run": counted(request)}
    return render(request, "hotspots/hotspots/new.html", context)


@requires(SEE_MAP)
def hot_spot_page(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    hot_spot = get_object_or_404(HotSpot.objects.select_related("commander", "designated_by"), pk=hot_spot_id)
    return render_page(request, hot_spot)


@requires(DESIGNATE)
def hot_spot_redraw(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """Other places from a day on: the selection comes from the map."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    numbers = request.POST.get("places", request.GET.get("places", ""))
    form = RedrawForm(request.POST or None, initial={"places": numbers})
    if request.method == "POST" and form.is_valid():
        try:
            actions.redraw(by=request.user, hot_spot=hot_spot, **form.cleaned_data)
        except actions.CannotChange as error:
            form.add_error("starts_on", str(error))
        else:
            say(request, _("%(name)s has other places now.") % {"name": hot_spot.name})
            return redirect("hot_spot", hot_spot.pk)
    context = {"form": form, "hot_spot": hot_spot, "places": selected_places(request, numbers), "run": counted(request)}
    return render(request, "hotspots/hotspots/redraw.html", context)


@require_POST
@requires(DESIGNATE)
def hot_spot_review(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    form = ReviewForm(request.POST)
    return change(request, hot_spot_id, form, actions.review, "review_form", _("The review is recorded."))


@require_POST
@requires(DESIGNATE)
def hot_spot_end(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    return change(request, hot_spot_id, EndForm(request.POST), actions.end, "end_form", _("The hot spot ends."))


@require_POST
@requires(DESIGNATE)
def hot_spot_withdraw(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    try:
        actions.withdraw(by=request.user, hot_spot=hot_spot)
    except actions.CannotChange as error:
        messages.error(request, str(error))
        return redirect("hot_spot", hot_spot_id)
    say(request, _("%(name)s is withdrawn.") % {"name": hot_spot.name})
    return redirect("hot_spots")


def change(request: HttpRequest, hot_spot_id: int, form: Form, action: Any, name: str, words: str) -> HttpResponse:
    """One action with one form on the page of a hot spot; on an error the page comes back with what was typed."""
    hot_spot = get_object_or_404(HotSpot.objects.select_related("commander", "designated_by"), pk=hot_spot_id)
    if form.is_valid():
        try:
            action(by=request.user, hot_spot=hot_spot, **form.cleaned_data)
        except actions.CannotChange as error:
            if hot_spot.ended_on:  # the page has no forms any more
                messages.error(request, str(error))
                return redirect("hot_spot", hot_spot_id)
            form.add_error(None, str(error))
        else:
            say(request, words)
            return redirect("hot_spot", hot_spot_id)
    return render_page(request, hot_spot, status=422, **{name: form})


def render_page(request: HttpRequest, hot_spot: HotSpot, status: int = 200, **forms: Form) -> HttpResponse:
    boundaries = list(hot_spot.boundaries.select_related("drawn_by").prefetch_related("places").order_by("-valid"))
    latest = boundaries[0]
    numbers = [place.pk for place in latest.places.all()]
    run = counted(request, next((place.kind for place in latest.places.all()), "block"))
    basemap = basemap_for(current_agency())
    context = {
        "hot_spot": hot_spot,
        "boundaries": boundaries,
        "latest": latest,
        "places": queries.places_with_counts(numbers, run),
        "run": run,
        "comparison": queries.compare(hot_spot, numbers, default_as_of()),
        "panels": list(panels_for(request.user)),
        "can_withdraw": actions.can_withdraw(hot_spot),
        "review_form": ReviewForm(initial={"review_on": timezone.localdate() + REVIEW_AFTER}),
        "end_form": EndForm(),
        "page_state": page_state(latest.geometry.extent, basemap.source),
        "map_state": place_map_state(run) if run else None,
        "latest_kind": latest.places.all()[0].kind,
        "marked_places": ",".join(map(str, numbers)),
        **may(request),
        **forms,
    }
    response = render(request, "hotspots/hotspots/page.html", context, status=status)
    allow_basemap(response, basemap)
    return response


def counted(request: HttpRequest, kind: str = "") -> ConcentrationRun | None:
    """The run that the selection was made on, else the newest standing one of the longest window."""
    runs = ConcentrationRun.objects.published()
    number = whole_number(request.GET.get("run") or request.POST.get("run"), 0)
    standing = runs.filter(standing=True, kind=kind or "block", categories=[], beat=None)
    return runs.filter(pk=number).first() or standing.order_by("-days", "-as_of", "-published_at").first()


def selected_places(request: HttpRequest, numbers: str) -> list[Any]:
    pks = [int(number) for number in numbers.split(",") if number.isascii() and number.isdecimal() and len(number) < 16]
    return queries.places_with_counts(pks, counted(request))


def may(request: HttpRequest) -> dict[str, bool]:
    return {"may_designate": can(request.user, DESIGNATE)}


def say(request: HttpRequest, words: str) -> None:
    transaction.on_commit(lambda: messages.success(request, words))
