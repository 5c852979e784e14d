"""Visits from CAD and AVL files through the browser: upload, watch, see what became of the rows."""

from itertools import chain

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as QueueError

from accounts.cells import csv_response
from accounts.permissions import requires
from hotspots.ingest.errors import InputError
from tactics import tasks
from tactics.actions.imports import receive_upload
from tactics.forms.imports import VisitUploadForm
from tactics.models import VisitImport
from tactics.permissions import IMPORT_VISITS

PER_PAGE = 25
SHOWN_REJECTS = 20
NOTHING_MORE_TO_COME = 286  # tells the page to stop asking


@requires(IMPORT_VISITS)
@require_safe
def visit_imports(request: HttpRequest) -> HttpResponse:
    """Every import, the latest first."""
    batches = VisitImport.objects.select_related("started_by")
    return render(
        request, "tactics/imports/list.html", {"page": Paginator(batches, PER_PAGE).get_page(request.GET.get("page"))}
    )


@requires(IMPORT_VISITS)
def visit_import_new(request: HttpRequest) -> HttpResponse:
    form = VisitUploadForm(request.POST, request.FILES) if request.method == "POST" else VisitUploadForm()
    if form.is_valid():
        try:
            batch = receive_upload(by=request.user, queue=tasks.run_visit_import.delay, **form.chosen())
        except InputError as error:
            form.add_error("file", str(error)[0].upper() + str(error)[1:])
        except QueueError:
            form.add_error(None, _("The queue cannot be reached, so nothing was started. Try again in a minute."))
        else:
            return redirect("visit_import", visit_import_id=batch.pk)
    status = 422 if form.is_bound else 200
    return render(request, "tactics/imports/new.html", {"form": form}, status=status)


@requires(IMPORT_VISITS)
@require_safe
def visit_import(request: HttpRequest, visit_import_id: int) -> HttpResponse:
    """Where it stands. Asked for by itself every two seconds until it is done."""
    batch = get_object_or_404(VisitImport.objects.select_related("started_by"), pk=visit_import_id)
    context = {"batch": batch, "rejects": batch.rejects.all()[:SHOWN_REJECTS] if batch.rejected else []}
    if not request.htmx:
        return render(request, "tactics/imports/page.html", context)
    status = NOTHING_MORE_TO_COME if batch.finished_at else 200
    return render(request, "tactics/imports/result.html", context, status=status)


@requires(IMPORT_VISITS)
@require_safe
def visit_import_rejects(request: HttpRequest, visit_import_id: int) -> HttpResponse:
    batch = get_object_or_404(VisitImport, pk=visit_import_id)
    columns = ("line", "reason", "row")
    rows = chain([columns], batch.rejects.values_list(*columns).iterator())
    return csv_response(f"rejected-visits-{batch.pk}.csv", rows)
