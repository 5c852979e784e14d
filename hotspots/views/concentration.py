import tempfile
import time
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError as QueueError

from accounts.permissions import can, requires
from hotspots import tasks
from hotspots.actions.concentration import export_scores, running_now
from hotspots.exports import FORMATS
from hotspots.models import ConcentrationRun, Place
from hotspots.permissions import EXPORT_SCORES, RECOMPUTE, SEE_MAP

PER_PAGE = 25
STARTS_WITHIN_SECONDS = 120  # how long the page looks for runs that were asked for and have not started
NOTHING_MORE_TO_COME = 286  # tells the page to stop asking


@requires(SEE_MAP)
def run_list(request: HttpRequest) -> HttpResponse:
    """Every run, the latest first. While one is going on, the page asks for the list again."""
    runs = ConcentrationRun.objects.select_related("started_by", "beat").annotate(seconds=F("summary__seconds"))
    page = Paginator(runs.defer("summary"), PER_PAGE).get_page(request.GET.get("page"))
    running = running_now(page.object_list)
    for run in page.object_list:
        run.is_alive = run.pk in running
    asked = request.GET.get("asked", "")
    follow = bool(running) or was_asked_just_now(asked)
    context = {
        "page": page,
        "follow": follow,
        "asked": asked,
        "formats": FORMATS,
        "may_recompute": can(request.user, RECOMPUTE),
        "may_export": can(request.user, EXPORT_SCORES),
        "has_places": bool(page.object_list) or Place.objects.exists(),
    }
    if request.htmx:
        return render(request, "hotspots/runs/table.html", context, status=200 if follow else NOTHING_MORE_TO_COME)
    return render(request, "hotspots/runs/list.html", context)


@requires(RECOMPUTE)
@require_POST
def run_ask(request: HttpRequest) -> HttpResponse:
    """Ask a worker for the nightly set, now."""
    try:
        tasks.recompute_standing_runs.delay(by_id=request.user.pk, anew=True)
    except QueueError:
        messages.error(
            request,
            _("The queue cannot be reached, so nothing was asked for. Try again, or tell whoever runs this system."),
        )
        return redirect("runs")
    messages.success(request, _("Asked for. New runs show here as soon as a worker starts them."))
    return redirect(f"{reverse('runs')}?asked={int(time.time())}")


@requires(EXPORT_SCORES)
def score_export(request: HttpRequest) -> HttpResponse:
    """A published run's scores as a file to keep."""
    run_id, wanted = request.GET.get("run", ""), request.GET.get("format", "csv")
    if not run_id.isdecimal() or wanted not in FORMATS:
        raise Http404(_("Name a run and one of these formats: %(formats)s.") % {"formats": ", ".join(FORMATS)})
    run = get_object_or_404(ConcentrationRun.objects.published().select_related("beat"), pk=run_id)
    chosen = FORMATS[wanted]
    with tempfile.TemporaryDirectory(prefix="scores-") as folder:
        path = Path(folder) / f"{file_name(run)}{chosen.ending}"
        export_scores(by=request.user, run=run, path=path)
        # Stays readable once the folder is gone.
        file = path.open("rb")
    return FileResponse(file, as_attachment=True, filename=path.name, content_type=chosen.content_type)


def was_asked_just_now(asked: str) -> bool:
    return asked.isdecimal() and 0 <= time.time() - int(asked) < STARTS_WITHIN_SECONDS


def file_name(run: ConcentrationRun) -> str:
    parts = [
        "scores",
        run.kind,
        f"{run.days}-days-to-{run.as_of}",
        *run.categories,
        slugify(run.beat.name) if run.beat else "",
    ]
    return "-".join(part for part in parts if part)
