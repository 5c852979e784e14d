from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.agency import current_agency
from accounts.permissions import can, requires
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.legend import graduated
from hotspots.map_state import state_for
from hotspots.models import ConcentrationRun, Offense, Place
from hotspots.panels import place_panels_for
from hotspots.permissions import SEE_INCIDENTS, SEE_MAP
from hotspots.queries import map as map_queries
from hotspots.queries import place_page as queries
from hotspots.queries.concentration import default_as_of
from hotspots.queries.layers import areas_version
from hotspots.specs import RunSpec
from hotspots.views.charts import time_charts
from hotspots.views.map import whole_number
from hotspots.windows import windows_of

INCIDENTS_A_PAGE = 50


@requires(SEE_MAP)
def place_page(request: HttpRequest, place_id: int) -> HttpResponse:
    """One place in the window of the run that it was reached from, else of the longest standing run."""
    place = get_object_or_404(Place.objects.select_related("beat", "block", "complex"), pk=place_id)
    standing = queries.standing_scores(place)
    run = asked_run(request, place) or (standing[-1].run if standing else None)
    spec = run.spec if run else RunSpec(place.kind, default_as_of(), max(settings.STANDING_WINDOWS))
    incidents = queries.incidents_at(place, windows_of(spec).now)
    score = run.scores.filter(place=place).first() if run else None
    basemap = basemap_for(current_agency())
    context: dict[str, Any] = {
        "place": place,
        "run": run,
        "spec": spec,
        "score": score,
        "standing": standing,
        "mix": queries.offense_mix(incidents),
        "neighbors": queries.neighbors(place, run),
        "hot_spots": queries.hot_spots_of(place),
        "page_state": page_state(place.geometry.extent, basemap.source) if run else None,
        "map_state": place_map_state(run) if run else None,
        "may_see_incidents": can(request.user, SEE_INCIDENTS),
        "panels": list(place_panels_for(request.user)),
        **time_charts(spec, risk=False, place=place),
    }
    if context["may_see_incidents"]:
        context |= incident_list(request, incidents)
    response = render(request, "hotspots/place.html", context)
    allow_basemap(response, basemap)
    return response


def asked_run(request: HttpRequest, place: Place) -> ConcentrationRun | None:
    """The run of ?run=, where it is about places of this kind; a run that is gone is no reason to refuse the page."""
    number = whole_number(request.GET.get("run"), 0)
    return ConcentrationRun.objects.published().filter(pk=number, kind=place.kind).select_related("beat").first()


def incident_list(request: HttpRequest, incidents: Any) -> dict[str, Any]:
    """Exact incidents, for roles that may see them; filtered and by pages."""
    category = request.GET.get("category", "")
    if category in Offense.Category.values:
        incidents = incidents.filter(offense__category=category)
    rows = incidents.select_related("offense", "location")
    page = Paginator(rows, INCIDENTS_A_PAGE).get_page(request.GET.get("page"))
    return {"incidents": page, "category": category, "categories": Offense.Category.choices}


def page_state(extent: tuple[float, float, float, float], basemap: dict[str, Any] | None) -> dict[str, Any]:
    """For a small map of one place or hot spot: somewhat more than its extent, so that it is seen where it lies."""
    west, south, east, north = extent
    around = max(east - west, north - south) + 0.002
    return {
        "extent": [west - around, south - around, east + around, north + around],
        "areas": reverse("map_areas", args=[areas_version()]),
        "hotSpots": reverse("map_hot_spots"),
        "basemap": basemap,
        "small": True,
    }


def place_map_state(run: ConcentrationRun) -> dict[str, Any]:
    steps = graduated(map_queries.values_above_zero(run, "count"), run.summary["places"], "")
    return state_for(run, "count", "all", steps)
