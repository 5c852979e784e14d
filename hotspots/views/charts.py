from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.permissions import requires
from hotspots import charts
from hotspots.models import ConcentrationRun, Place
from hotspots.permissions import SEE_MAP
from hotspots.queries.charts import hour_matrix, monthly_counts
from hotspots.specs import RunSpec


@requires(SEE_MAP)
def map_charts(request: HttpRequest) -> HttpResponse:
    """The three charts of a run, a fragment of the map: ?run=ID, and as on the map ?measure=risk and ?color=harm."""
    number = request.GET.get("run", "")
    if not number.isascii() or not number.isdecimal():
        raise Http404
    run = get_object_or_404(ConcentrationRun.objects.published(), pk=number)
    risk = request.GET.get("measure") == "risk"
    of = "harm" if request.GET.get("color") == "harm" else "risk" if risk else "count"
    context = {
        "curve": charts.share_curve(run.summary[of]),
        "what": _("harm") if of == "harm" else _("crime"),
        "places": charts.PLACES[run.kind],
        **time_charts(run.spec, risk=risk),
    }
    return render(request, "hotspots/charts/all.html", context)


def time_charts(spec: RunSpec, *, risk: bool, place: Place | None = None) -> dict[str, Any]:
    """Context of charts/matrix.html and charts/trend.html, for the whole map or for one place."""
    return {
        "matrix": charts.hour_matrix(hour_matrix(spec, risk=risk, place=place)),
        "trend": charts.trend(monthly_counts(spec, risk=risk, place=place), spec.first_day),
    }
