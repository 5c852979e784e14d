"""Numbers of tips on the pages of hot spots and places, and on the map."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import can, requires
from hotspots.models import HotSpot, Place
from tips.permissions import REVIEW_TIPS, SEE_TIP_COUNTS
from tips.queries import counts as queries


@requires(SEE_TIP_COUNTS)
@require_safe
def tips_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    """On the page of a hot spot."""
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    return render_panel(request, queries.of_hot_spot(hot_spot, timezone.localdate()), f"hot_spot={hot_spot.pk}")


@requires(SEE_TIP_COUNTS)
@require_safe
def place_tips_panel(request: HttpRequest, place_id: int) -> HttpResponse:
    """On the page of a place."""
    place = get_object_or_404(Place, pk=place_id)
    return render_panel(request, queries.of_place(place), f"place={place.pk}")


def render_panel(request: HttpRequest, numbers: queries.Numbers, asked: str) -> HttpResponse:
    listed = f"{reverse('tips')}?{asked}" if can(request.user, REVIEW_TIPS) else ""
    return render(request, "tips/inbox/panel.html", {"numbers": numbers, "listed": listed})


@requires(SEE_TIP_COUNTS, data=True)
@require_safe
def tips_on_map(request: HttpRequest) -> JsonResponse:
    return JsonResponse(queries.on_map(), headers={"Cache-Control": "private, no-store"})
