from math import isfinite
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import GEOSException, Polygon
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.agency import agency_zone, current_agency
from accounts.permissions import can, requires
from hotspots.actions.concentration import RunInProgress, obtain_run, up_to_date_run
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.forms.map import MapForm, MapRequest
from hotspots.map_state import describe
from hotspots.models import ConcentrationRun, HotSpot, Place
from hotspots.overlays import overlays_for
from hotspots.permissions import DESIGNATE, IMPORT_DATA, SEE_MAP
from hotspots.queries import map as queries
from hotspots.queries.concentration import default_as_of
from hotspots.queries.layers import areas_version

PAGE = 50


@requires(SEE_MAP)
def map_page(request: HttpRequest) -> HttpResponse:
    """The whole page. What is published shows at once; what has yet to be counted is asked for by the page itself."""
    form = map_form(request)
    basemap = basemap_for(current_agency())
    redraw = redrawn(request)
    context: dict[str, Any] = {
        "form": form,
        "redraw": redraw,
        "may_designate": can(request.user, DESIGNATE),
        "may_import": can(request.user, IMPORT_DATA),
        "overlays": list(overlays_for(request.user)),
        "page_state": {
            "extent": queries.city_extent(),
            "areas": reverse("map_areas", args=[areas_version()]),
            "hotSpots": reverse("map_hot_spots"),
            "basemap": basemap.source,
            "redraw": redraw,
        },
        "basemap_problem": basemap.problem,
    }
    if form.is_valid():
        asked = form.request()
        context |= results_context(request, asked, last_run(asked))
    response = render(request, "hotspots/map.html", context)
    allow_basemap(response, basemap)
    return response


@requires(SEE_MAP)
def map_results(request: HttpRequest) -> HttpResponse:
    """Headline, legend and ranked list of what is asked for, counted now if nobody has counted it."""
    form = map_form(request)
    if not form.is_valid():
        return render(request, "hotspots/map/errors.html", {"form": form})
    asked = form.request()
    context: dict[str, Any] = {"form": form, "may_designate": can(request.user, DESIGNATE)}
    if missing(asked):
        return render(request, "hotspots/map/results.html", context | results_context(request, asked, None))
    run: ConcentrationRun | None
    try:
        run = obtain_run(by=request.user, spec=asked.spec)
    except RunInProgress:
        run = last_run(asked)
    return render(request, "hotspots/map/results.html", context | results_context(request, asked, run))


@requires(SEE_MAP)
def ranked_list(request: HttpRequest) -> HttpResponse:
    """The next places of the ranked list."""
    run = published_run(request)
    color, measure = request.GET.get("color", "count"), request.GET.get("measure", "all")
    start = whole_number(request.GET.get("start"), 0)
    return render(request, "hotspots/map/rows.html", list_context(request, run, color, measure, start))


@requires(SEE_MAP)
def place_card(request: HttpRequest, place_id: int) -> HttpResponse:
    """What the map shows of a place that is pointed at."""
    run = published_run(request)
    place = get_object_or_404(Place, pk=place_id)
    fields = queries.fields_for(request.GET.get("measure", "all"))
    score = queries.scored(run, fields).filter(place=place).first()
    context = {"run": run, "place": place, "score": score, "may_designate": can(request.user, DESIGNATE)}
    return render(request, "hotspots/map/card.html", context)


@requires(SEE_MAP)
def places_within(request: HttpRequest) -> JsonResponse:
    """The places of a run whose middle lies within a drawn ring: `ring` is lon,lat pairs separated by spaces."""
    run = published_run(request)
    try:
        points = [tuple(map(float, pair.split(","))) for pair in request.GET.get("ring", "").split()]
        if not all(isfinite(degrees) for point in points for degrees in point):
            raise ValueError
        ring = Polygon([*points, points[0]], srid=4326)
    except (ValueError, TypeError, IndexError, GEOSException):
        return JsonResponse({"error": _("Draw around at least one place.")}, status=400)
    fields = queries.fields_for(request.GET.get("measure", "all"))
    places = queries.places_inside(run, fields, ring, most=settings.MOST_HOT_SPOT_PLACES + 1)
    if len(places) > settings.MOST_HOT_SPOT_PLACES:
        words = _("That is more than %(most)s places. A hot spot is small: draw around fewer.")
        return JsonResponse({"error": words % {"most": settings.MOST_HOT_SPOT_PLACES}}, status=400)
    return JsonResponse({"places": places})


def redrawn(request: HttpRequest) -> dict[str, Any] | None:
    """The hot spot whose places are being changed: ?redraw=ID. Its places are the selection to start from."""
    number = whole_number(request.GET.get("redraw"), 0)
    if not number or not can(request.user, DESIGNATE):
        return None
    hot_spot = get_object_or_404(HotSpot.objects.filter(ended_on=None), pk=number)
    places = list(hot_spot.boundaries.latest_version().places.values("id", "name", "kind"))
    kind = places[0]["kind"] if places else "block"
    return {"id": hot_spot.pk, "name": hot_spot.name, "kind": kind, "places": places}


def map_form(request: HttpRequest) -> MapForm:
    return MapForm(request.GET, latest=queries.latest_standing_days(), otherwise=default_as_of())


def last_run(asked: MapRequest) -> ConcentrationRun | None:
    return ConcentrationRun.objects.published().matching(asked.spec).select_related("beat").first()


def missing(asked: MapRequest) -> str:
    """What has to come before anything can be counted: "places", "kind", "incidents" or nothing."""
    if not Place.objects.current().filter(kind=asked.spec.kind).exists():
        return "kind" if Place.objects.current().exists() else "places"
    return "" if queries.has_incidents() else "incidents"


def results_context(request: HttpRequest, asked: MapRequest, run: ConcentrationRun | None) -> dict[str, Any]:
    context: dict[str, Any] = {"asked": asked, "run": run, "missing": "" if run else missing(asked)}
    if run is None:
        return context
    current = up_to_date_run(asked.spec)
    newest = queries.latest_incident_day(agency_zone())
    return {
        **context,
        "is_current": bool(current and current.pk == run.pk),
        "newest": newest,
        "is_behind": bool(newest and asked.spec.as_of < newest),
        **describe(run, asked),
        **list_context(request, run, asked.color, asked.measure, 0),
    }


def list_context(request: HttpRequest, run: ConcentrationRun, color: str, measure: str, start: int) -> dict[str, Any]:
    by_harm = color == "harm"
    fields = queries.fields_for(measure)
    page = queries.ranked(run, fields, by_harm=by_harm, start=start, most=PAGE + 1)
    field = "harm" if by_harm else fields.count
    return {
        "run": run,
        "rows": page[:PAGE],
        "next_start": start + PAGE if len(page) > PAGE else None,
        "greatest": next(iter(queries.values_above_zero(run, field)), 0),
        "by_harm": by_harm,
        "color": color,
        "measure": measure,
        "may_designate": can(request.user, DESIGNATE),
    }


def published_run(request: HttpRequest) -> ConcentrationRun:
    return get_object_or_404(ConcentrationRun.objects.published(), pk=whole_number(request.GET.get("run"), 0))


def whole_number(text: str | None, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal() or len(text) > 12:
        raise Http404("Not a number.")
    return int(text)
