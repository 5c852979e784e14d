"""Files of incidents through the browser: upload, say what the columns are, watch, see what became of the rows."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError as QueueError

from accounts.cells import csv_response
from accounts.permissions import requires
from hotspots import tasks
from hotspots.actions import incidents as actions
from hotspots.forms.imports import MappingForm, UploadForm
from hotspots.ingest import mapping as mappings
from hotspots.ingest import uploads
from hotspots.ingest.errors import InputError
from hotspots.ingest.readers import Chunk
from hotspots.ingest.rejects import reject_rows
from hotspots.ingest.suggest import Suggestion, fitting_mappings, frequent_codes, sample, suggest_from
from hotspots.models import ImportBatch
from hotspots.permissions import IMPORT_DATA

PER_PAGE = 25
PREVIEW_ROWS = 5
SHOWN_REJECTS = 20
SAMPLE_ROWS = 20_000
NOTHING_MORE_TO_COME = 286  # tells the page to stop asking


@requires(IMPORT_DATA)
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """Every import, the latest first."""
    actions.fail_abandoned()
    batches = ImportBatch.objects.select_related("started_by").defer("mapping")
    page = Paginator(batches, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "hotspots/imports/list.html", {"page": page})


@requires(IMPORT_DATA)
def import_new(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        batch = actions.receive_upload(by=request.user, files=form.cleaned_data["files"])
        return redirect("import", batch_id=batch.pk)
    return render(request, "hotspots/imports/new.html", {"form": form})


@requires(IMPORT_DATA)
def import_page(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A batch where it stands: its mapping to be chosen, going on, done or failed."""
    batch = get_object_or_404(ImportBatch.objects.select_related("started_by"), pk=batch_id)
    if batch.status == ImportBatch.Status.WAITING and not batch.mapping:
        return choose_mapping(request, batch)
    if batch.status == ImportBatch.Status.RUNNING:
        actions.fail_abandoned()
        batch.refresh_from_db()
    return render(request, "hotspots/imports/page.html", progress_context(batch))


@requires(IMPORT_DATA)
@require_safe
def import_progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The part of the page that changes while the import goes on."""
    batch = get_object_or_404(ImportBatch.objects.select_related("started_by"), pk=batch_id)
    status = NOTHING_MORE_TO_COME if batch.finished_at else 200
    return render(request, "hotspots/imports/progress.html", progress_context(batch), status=status)


@requires(IMPORT_DATA)
@require_POST
def import_discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    try:
        actions.discard_upload(batch=batch)
    except InputError as error:
        messages.error(request, str(error))
        return redirect("import", batch_id=batch_id)
    messages.success(request, _("The upload was discarded."))
    return redirect("imports")


@requires(IMPORT_DATA)
@require_safe
def import_rejects(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The rejected rows, to mend and upload again."""
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    return csv_response(f"rejects-{batch.pk}.csv", reject_rows(batch))


def choose_mapping(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Preview of the first file, and a form that says what its columns are."""
    files = uploads.files_of(batch)
    if not files:
        raise Http404(_("The uploaded files of this import are gone. Discard it and upload them again."))
    first = max(files, key=lambda path: path.stat().st_size)
    try:
        chunk = sample(first, SAMPLE_ROWS)
    except InputError as error:
        return render(request, "hotspots/imports/unreadable.html", {"batch": batch, "error": str(error)}, status=422)
    form = mapping_form(request, chunk, first.name)
    if request.method == "POST" and "start" in request.POST and form.is_valid() and start(request, batch, form):
        return redirect("import", batch_id=batch.pk)
    context = {"batch": batch, "files": files, "form": form, **preview(chunk)}
    return render(request, "hotspots/imports/mapping.html", context)


def mapping_form(request: HttpRequest, chunk: Chunk, file_name: str) -> MappingForm:
    """The form as guessed, or as posted; its list of offenses follows the columns that are chosen for them."""
    suggestion: Suggestion = suggest_from(file_name, chunk)
    asked = request.POST if request.method == "POST" else None
    code, words = (
        (asked.get(use, "") if asked is not None else suggestion.found.get(use, "")) for use in ("code", "description")
    )
    codes = frequent_codes(chunk, code, words)
    fitting = [(mapping.name, mapping.title) for mapping in fitting_mappings(chunk.table.column_names)]
    return MappingForm(asked, suggestion=suggestion, codes=codes, fitting=fitting)


def start(request: HttpRequest, batch: ImportBatch, form: MappingForm) -> bool:
    """Hand the batch to a worker; False, with the reason in the form, where the mapping does not hold."""
    try:
        shipped = form.cleaned_data["shipped"]
        chosen = mappings.load(shipped) if shipped else mappings.from_document(form.document())
        mapping = replace(chosen, source=form.cleaned_data["source"])
        actions.check_upload(batch=batch, mapping=mapping)
        actions.start_upload(batch=batch, mapping=mapping, queue=tasks.run_import.delay)
    except InputError as error:
        form.add_error(None, str(error))
        return False
    except QueueError:
        actions.take_back_start(batch=batch)
        form.add_error(None, _("The queue cannot be reached, so nothing was started. Try again in a minute."))
        return False
    return True


def preview(chunk: Chunk) -> dict[str, Any]:
    rows = chunk.table.slice(0, PREVIEW_ROWS).to_pylist()
    return {"headers": chunk.table.column_names, "rows": [list(row.values()) for row in rows]}


def progress_context(batch: ImportBatch) -> dict[str, Any]:
    rejects = list(batch.rejects.all()[:SHOWN_REJECTS]) if batch.rejected else []
    return {"batch": batch, "percent": round(100 * batch.progress), "rejects": rejects}
