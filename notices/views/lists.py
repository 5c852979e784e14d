"""Lists through the browser: upload, say which column is which, watch, see what became of the rows."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError as QueueError

from accounts.cells import csv_response
from accounts.permissions import requires
from hotspots.ingest.errors import InputError
from notices import lists, tasks
from notices.actions import lists as actions
from notices.forms.lists import ColumnsForm, ListUploadForm
from notices.models import ListImport
from notices.permissions import MANAGE_OWNERS
from notices.queries import lists as queries

PER_PAGE = 25
SHOWN_REJECTS = 20
NOTHING_MORE_TO_COME = 286  # tells the page to stop asking
UNREACHABLE = gettext_lazy("The queue cannot be reached, so nothing was started. Try again in a minute.")


@requires(MANAGE_OWNERS)
@require_safe
def list_imports(request: HttpRequest) -> HttpResponse:
    """Every list, the latest first."""
    page = Paginator(queries.imports(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notices/lists/list.html", {"page": page})


@requires(MANAGE_OWNERS)
def list_import_new(request: HttpRequest) -> HttpResponse:
    form = ListUploadForm(request.POST, request.FILES) if request.method == "POST" else ListUploadForm()
    if form.is_valid():
        try:
            found = actions.receive(by=request.user, **form.cleaned_data)
        except InputError as error:
            form.add_error("file", _sentence(error))
        else:
            return redirect("list_import_columns", list_id=found.pk)
    context = {"form": form, "sources": queries.sources()}
    return render(request, "notices/lists/new.html", context, status=422 if form.is_bound else 200)


def _sentence(error: InputError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


@requires(MANAGE_OWNERS)
def list_import_columns(request: HttpRequest, list_id: int) -> HttpResponse:
    """The second step: what was guessed beside the first rows, to be corrected before anything is read."""
    found = get_object_or_404(ListImport, pk=list_id)
    if found.status != ListImport.Status.WAITING or found.columns:
        return redirect("list_import", list_id=found.pk)
    try:
        rows = actions.with_file(found, lists.first_rows)
        headers = actions.with_file(found, lists.headers_of)
    except InputError as error:
        messages.error(request, _sentence(error))
        return redirect("list_imports")
    guessed = lists.guess(found.kind, headers, queries.known_columns(found.kind, found.source))
    form = ColumnsForm(request.POST or None, initial=guessed, kind=found.kind, headers=headers)
    if form.is_valid():
        try:
            actions.start(list_import=found, columns=form.cleaned_data, queue=tasks.run_list_import.delay)
        except QueueError:
            found.columns = {}
            found.save(update_fields=["columns"])
            form.add_error(None, UNREACHABLE)
        else:
            return redirect("list_import", list_id=found.pk)
    context = {"found": found, "form": form, "headers": headers, "rows": [list(row.values()) for row in rows]}
    return render(request, "notices/lists/columns.html", context, status=422 if form.is_bound else 200)


@requires(MANAGE_OWNERS)
@require_safe
def list_import(request: HttpRequest, list_id: int) -> HttpResponse:
    """Where it stands. Asked for by itself every two seconds until it is done or waits for an answer."""
    found = get_object_or_404(queries.imports(), pk=list_id)
    if found.status == ListImport.Status.WAITING and not found.columns:
        return redirect("list_import_columns", list_id=found.pk)
    context: dict[str, Any] = {
        "found": found,
        "rests": bool(found.finished_at) or found.status == ListImport.Status.PARTIAL,
        "rejects": found.rejects.all()[:SHOWN_REJECTS] if found.rejected else [],
        "authorizations": queries.ended_authorizations(found) if found.authorizations else [],
        "before": queries.last_done(found.kind, found.source) if found.status == ListImport.Status.PARTIAL else None,
    }
    if not request.htmx:
        return render(request, "notices/lists/page.html", context)
    return render(
        request, "notices/lists/result.html", context, status=NOTHING_MORE_TO_COME if context["rests"] else 200
    )


@require_POST
@requires(MANAGE_OWNERS)
def list_import_answer(request: HttpRequest, list_id: int) -> HttpResponse:
    """What to do with ownerships that a short list does not have."""
    found = get_object_or_404(ListImport, pk=list_id)
    try:
        actions.answer(list_import=found, missing=request.POST.get("missing", ""), queue=tasks.run_list_import.delay)
    except QueueError:
        messages.error(request, UNREACHABLE)
    return redirect("list_import", list_id=found.pk)


@require_POST
@requires(MANAGE_OWNERS)
def list_import_discard(request: HttpRequest, list_id: int) -> HttpResponse:
    found = get_object_or_404(ListImport, pk=list_id)
    actions.discard(list_import=found)
    messages.success(request, _("%(name)s was not taken in.") % {"name": found.file_name})
    return redirect("list_imports")


@requires(MANAGE_OWNERS)
@require_safe
def list_import_rejects(request: HttpRequest, list_id: int) -> HttpResponse:
    """With the columns of the list, so that they can be mended and uploaded again."""
    found = get_object_or_404(ListImport, pk=list_id)
    columns = list(found.columns)
    rows = ([row["line"], row["reason"], *(row["row"].get(name, "") for name in columns)] for row in _rejects(found))
    return csv_response(f"rejected-rows-{found.pk}.csv", chain([["line", "reason", *columns]], rows))


def _rejects(found: ListImport) -> Any:
    return found.rejects.values("line", "reason", "row").iterator()
