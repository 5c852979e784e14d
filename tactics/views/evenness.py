"""Stops and contacts beside incidents: of one hot spot, and of hot spots beside each other and the rest of the city."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from hotspots.models import HotSpot
from hotspots.queries.concentration import default_as_of
from hotspots.windows import Window
from tactics.charts import hour_bars
from tactics.permissions import SEE_DOSAGE
from tactics.queries import evenness as queries
from tactics.queries.evenness import Evenness

WINDOWS = [28, 91, 182, 364]  # days, whole weeks


@requires(SEE_DOSAGE)
@require_safe
def evenness_page(request: HttpRequest) -> HttpResponse:
    """All hot spots and the rest of the city in the last ?days= of data."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, WINDOWS) else 91
    last = default_as_of()
    found = queries.of_city(Window(last - timedelta(days=days - 1), last))
    context = {"days": days, "windows": WINDOWS, **shown(found)}
    return render(request, "tactics/evenness/page.html", context)


@requires(SEE_DOSAGE)
@require_safe
def evenness_panel(request: HttpRequest, hot_spot_id: int) -> HttpResponse:
    hot_spot = get_object_or_404(HotSpot, pk=hot_spot_id)
    found = queries.of_hot_spot(hot_spot, default_as_of())
    context = {"hot_spot": hot_spot, **(shown(found) if found else {})}
    return render(request, "tactics/evenness/panel.html", context)


def shown(found: Evenness) -> dict[str, object]:
    return {
        "found": found,
        "stops_chart": hour_bars(found.stops_by_hour),
        "contacts_chart": hour_bars(found.contacts_by_hour),
    }
