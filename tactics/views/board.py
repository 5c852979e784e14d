"""The live board: who is where now and which hot spots wait for a visit."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.agency import current_agency
from accounts.permissions import requires
from hotspots.basemap import allow_basemap, basemap_for
from hotspots.map_state import streets_state
from hotspots.queries.layers import areas_version
from tactics.permissions import SEE_BOARD
from tactics.queries import board as queries


@requires(SEE_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """?large=1 for a screen on the wall."""
    basemap = basemap_for(current_agency())
    context = board_now() | {
        "streets": streets_state(),
        "large": request.GET.get("large") == "1",
        "page_state": {
            "extent": queries.extent(),
            "areas": reverse("map_areas", args=[areas_version()]),
            "hotSpots": reverse("map_hot_spots"),
            "basemap": basemap.source,
            "small": True,
        },
    }
    response = render(request, "tactics/board/page.html", context)
    allow_basemap(response, basemap)
    return response


@requires(SEE_BOARD)
def board_update(request: HttpRequest) -> HttpResponse:
    """What the board asks for every few seconds."""
    response = render(request, "tactics/board/now.html", board_now())
    response["Cache-Control"] = "no-store"
    return response


def board_now() -> dict[str, Any]:
    now = timezone.now()
    there = queries.running(now)
    spots = queries.watched(now, there)
    return {
        "now": now,
        "there": there,
        "spots": spots,
        "overdue": sum(spot.state == "overdue" for spot in spots),
        "map_now": {
            "states": {spot.hot_spot.pk: spot.state for spot in spots},
            "visits": [
                {"at": each.point, "who": who(each), "forgotten": each.is_forgotten} for each in there if each.point
            ],
        },
    }


def who(each: queries.Whereabouts) -> str:
    activity = each.activity
    return str(activity.unit or activity.officer)
