from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.gis.geos import Point
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.agency import current_agency
from accounts.permissions import requires
from hotspots.actions import locations as actions
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.forms.locations import BoxForm, LocationFilterForm, PointForm
from hotspots.models import Location, Place
from hotspots.permissions import PLACE_LOCATIONS
from hotspots.queries import locations as queries
from hotspots.queries.layers import areas_version
from hotspots.queries.map import city_extent
from hotspots.queries.search import find_crossings, find_places

PER_PAGE = 50


class Suggestion(NamedTuple):
    name: str
    kind: str
    lon: float
    lat: float


@requires(PLACE_LOCATIONS)
@require_safe
def unlocated(request: HttpRequest) -> HttpResponse:
    """What could not be located, the locations with most incidents first; and what was placed by hand."""
    form = LocationFilterForm(request.GET)
    page = Paginator(form.locations(), PER_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    locations, incidents = queries.unlocated_totals()
    context = {
        "form": form,
        "page": page,
        "query": asked.urlencode(),
        "is_by_hand": form.cleaned_data.get("state") == "hand",
        "is_filtered": any(asked.values()),
        "locations": locations,
        "incidents": incidents,
    }
    return render(request, "hotspots/locations/list.html", context)


@requires(PLACE_LOCATIONS)
def place_location(request: HttpRequest, location_id: int) -> HttpResponse:
    """One location: choose a place by name or on the map, see what it will lie on, save."""
    location = get_location(location_id)
    given = request.POST if request.method == "POST" else request.GET
    form = PointForm(given if "lon" in given or "lat" in given else None)
    point = form.point() if form.is_valid() else None
    if request.method == "POST" and point is not None:
        try:
            actions.place_by_hand(by=request.user, location=location, point=point)
        except actions.CannotPlace as error:
            messages.error(request, str(error))
        else:
            messages.success(request, placed_words(location))
            return redirect("unlocated")
    return render_location(request, location, point)


@requires(PLACE_LOCATIONS)
@require_safe
def location_fit(request: HttpRequest, location_id: int) -> HttpResponse:
    """What a point on the map lies on, for the page to show before anything is saved."""
    form = PointForm(request.GET)
    if not form.is_valid():
        raise Http404("Not a point.")
    location = get_location(location_id)
    return render(request, "hotspots/locations/fit.html", {"location": location, **fit_context(form.point())})


@requires(PLACE_LOCATIONS)
@require_POST
def unplace_location(request: HttpRequest, location_id: int) -> HttpResponse:
    location = get_location(location_id)
    try:
        actions.unplace(by=request.user, location=location)
    except actions.CannotPlace as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(address)s” is off the map again.") % {"address": location})
    return redirect("place_location", location.pk)


@requires(PLACE_LOCATIONS)
@require_safe
def location_streets(request: HttpRequest) -> HttpResponse:
    """Blocks and complexes in the window of the map."""
    form = BoxForm(request.GET)
    if not form.is_valid():
        raise Http404("Not a box.")
    return HttpResponse(queries.street_lines(**form.cleaned_data), content_type="application/geo+json")


def get_location(location_id: int) -> Location:
    """A location that is for a clerk to place: not on the map, or there by hand. What was located by itself is not."""
    candidates = Location.objects.unlocated() | Location.objects.placed_by_hand()
    return get_object_or_404(queries.with_incidents(candidates).select_related("placed_by"), pk=location_id)


def render_location(request: HttpRequest, location: Location, point: Point | None) -> HttpResponse:
    problem = ""
    try:
        actions.check_can_place(location)
    except actions.CannotPlace as error:
        problem = str(error)
    text = request.GET.get("q", location.address_text)[:200]
    basemap = basemap_for(current_agency())
    context: dict[str, Any] = {
        "location": location,
        "cannot": problem,
        "text": text,
        "suggestions": [] if problem else suggestions(text),
        "page_state": None if problem else page_state(location, point, basemap.source),
        **fit_context(point or location.point),
    }
    response = render(request, "hotspots/locations/place.html", context)
    allow_basemap(response, basemap)
    return response


def suggestions(text: str) -> list[Suggestion]:
    """What an address text may mean: intersections, then places by name."""
    met = [Suggestion(f"{c.first} & {c.second}", _("Intersection"), *c.point) for c in find_crossings(text)]
    places = [Suggestion(f.name, str(Place.Kind(f.kind).label), *f.point) for f in find_places(text)]
    return (met + places)[:10]


def fit_context(point: Point | None) -> dict[str, Any]:
    """The places that a point lies on, and the point."""
    if point is None:
        return {"point": None}
    fit = queries.locate_point(point)
    places = Place.objects.in_bulk([key for key in (fit.block_id, fit.complex_id, fit.address_id) if key])
    return {
        "point": point,
        "fit": fit,
        "on_block": places.get(fit.block_id),
        "on_complex": places.get(fit.complex_id),
        "on_address": places.get(fit.address_id),
    }


def page_state(location: Location, point: Point | None, basemap: dict[str, Any] | None) -> dict[str, Any]:
    """For the map: the whole city, or what lies around the point that is looked at."""
    shown = point or location.point or location.reported
    around = 0.004  # degrees: some blocks each way
    extent = [shown.x - around, shown.y - around, shown.x + around, shown.y + around] if shown else city_extent()
    return {
        "extent": extent,
        "areas": reverse("map_areas", args=[areas_version()]),
        "basemap": basemap,
        "small": True,
        "streets": reverse("location_streets"),
        "fit": reverse("location_fit", args=[location.pk]),
        "point": [point.x, point.y] if point else None,
        "reported": [location.reported.x, location.reported.y] if location.reported else None,
    }


def placed_words(location: Any) -> str:
    words = ngettext(
        "“%(address)s” is on the map now, with %(count)s incident. The next runs count it.",
        "“%(address)s” is on the map now, with %(count)s incidents. The next runs count them.",
        location.incidents,
    )
    return words % {"address": location, "count": location.incidents}
