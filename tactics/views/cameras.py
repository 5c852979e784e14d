"""The camera registry: the map of what cameras see, and the page where detectives read who to ask."""

import json
from math import cos, radians
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.agency import current_agency
from accounts.permissions import requires
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.models import ConcentrationRun, HotSpot, Place
from hotspots.queries.map import city_extent
from hotspots.views.places import page_state, place_map_state
from tactics.actions import cameras as actions
from tactics.catalogue import Tactic
from tactics.forms.cameras import CameraForm, ConfirmForm, ContactForm, ReadContactForm, WithdrawForm
from tactics.measure_transitions import CannotMove
from tactics.models import Camera, Measure
from tactics.permissions import MANAGE_CAMERAS, SEE_CAMERA_CONTACT, SEE_MEASURES
from tactics.queries import cameras as queries
from tactics.views.measure_page import act, get_measure, say

METERS_A_DEGREE = 111_195  # along a meridian


@requires(SEE_MEASURES)
@require_safe
def cameras(request: HttpRequest) -> HttpResponse:
    """List and map of registered cameras; with ?hot_spot=, of those that see its places."""
    asked = request.GET.get("hot_spot", "")
    hot_spot = get_object_or_404(HotSpot, pk=asked) if asked.isascii() and asked.isdecimal() else None
    found = queries.cameras_that_see(hot_spot) if hot_spot else queries.cameras()
    extent = hot_spot.boundaries.latest_version().geometry.extent if hot_spot else None
    today = timezone.localdate()
    context = {
        "cameras": found,
        "hot_spot": hot_spot,
        "hot_spots": HotSpot.objects.active_on(today).order_by("name"),
    }
    return render_with_map(request, "tactics/measures/cameras.html", context, extent or around(found), found)


def around(found: list[queries.Seeing]) -> Any:
    """The extent of all cameras, else of the city."""
    if not found:
        return city_extent() or (-95.3, 37.3, -95.2, 37.4)
    lons, lats = [camera.lon for camera in found], [camera.lat for camera in found]
    return min(lons), min(lats), max(lons), max(lats)


@requires(MANAGE_CAMERAS)
def camera(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Register a camera, or correct where it is and what it sees."""
    measure = get_measure(measure_id, kind=Tactic.CAMERAS)
    if measure.status != Measure.Status.OPEN:
        return redirect("measure", measure.pk)
    existing = getattr(measure, "camera", None)
    middle = measure.point or middle_of(measure.place)
    form = CameraForm(request.POST or None, instance=existing, middle=middle.coords)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register_camera(by=request.user, measure=measure, **form.values())
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("The camera is saved.") if existing else _("The camera is registered."))
            return redirect("measure", measure.pk)
    context = {"measure": measure, "form": form, "is_new": existing is None}
    around_it = close_to(existing.point if existing else middle)
    status = 422 if form.errors else 200
    return render_with_map(request, "tactics/measures/camera.html", context, around_it, [], status, measure.place)


def middle_of(place: Place) -> Point:
    """On the surface of a complex; halfway along a block."""
    return place.geometry.centroid if place.kind == Place.Kind.BLOCK else place.geometry.point_on_surface


def close_to(point: Point) -> tuple[float, float, float, float]:
    """About 60 m each way, so that a sector of 20 m can be seen."""
    reach = 60 / METERS_A_DEGREE
    aside = reach / cos(radians(point.y))
    return point.x - aside, point.y - reach, point.x + aside, point.y + reach


@requires(MANAGE_CAMERAS)
@require_POST
def camera_confirm(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure, form = registered(measure_id), ConfirmForm(request.POST, prefix="confirm")

    def confirm() -> None:
        actions.confirm_consent(by=request.user, camera=measure.camera, **form.cleaned_data)

    return act(request, measure, form, "confirm_form", confirm, _("The consent is confirmed."))


@requires(MANAGE_CAMERAS)
@require_POST
def camera_withdraw(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    measure, form = registered(measure_id), WithdrawForm(request.POST, prefix="withdraw")

    def withdraw() -> None:
        actions.withdraw_consent(by=request.user, camera=measure.camera, **form.cleaned_data)

    words = _("The consent is withdrawn. The contact is deleted.")
    return act(request, measure, form, "withdraw_form", withdraw, words)


@requires(SEE_CAMERA_CONTACT)
@never_cache
def camera_contact(request: HttpRequest, measure_id: UUID) -> HttpResponse:
    """Who to ask. Shown only after saying what for, which is recorded; never shown by a mere visit to the page."""
    measure = registered(measure_id)
    reads = "read" in request.POST
    read_form = ReadContactForm(request.POST if reads else None)
    form = ContactForm(request.POST if request.method == "POST" and not reads else None)
    contact = None
    if reads and read_form.is_valid():
        contact = actions.read_contact(by=request.user, camera=measure.camera, **read_form.cleaned_data)
    elif form.is_bound and form.is_valid():
        try:
            actions.change_contact(by=request.user, camera=measure.camera, **form.cleaned_data)
        except CannotMove as error:
            form.add_error(None, str(error))
        else:
            say(request, _("The contact is saved."))
            return redirect("measure", measure.pk)
    context = {
        "measure": measure,
        "has_contact": Camera.objects.filter(pk=measure.pk).exclude(contact="").exists(),
        "contact": contact,
        "read_form": read_form,
        "form": form,
    }
    failed = read_form.errors or form.errors
    return render(request, "tactics/measures/contact.html", context, status=422 if failed else 200)


def registered(measure_id: UUID) -> Measure:
    return get_measure(measure_id, kind=Tactic.CAMERAS, camera__isnull=False)


def render_with_map(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    extent: Any,
    found: list[queries.Seeing],
    status: int = 200,
    place: Place | None = None,
) -> HttpResponse:
    """`place` is drawn, and the map shows `extent` as it is; else somewhat more than that."""
    basemap = basemap_for(current_agency())
    standing = ConcentrationRun.objects.published().filter(standing=True, kind="block", categories=[], beat=None)
    run = standing.order_by("-days", "-as_of", "-published_at").first()
    state = page_state(tuple(extent), basemap.source)
    if place:
        state |= {"extent": extent, "place": json.loads(place.geometry.json)}
    context |= {
        "page_state": {**state, "views": queries.as_geojson(found), "measures": reverse("measures")},
        "map_state": place_map_state(run) if run else None,
    }
    response = render(request, template, context, status=status)
    allow_basemap(response, basemap)
    return response
