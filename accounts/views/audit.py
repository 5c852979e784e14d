import time
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.actions import record
from accounts.cells import csv_response
from accounts.forms import AuditFilterForm
from accounts.models import AuditEntry
from accounts.permissions import READ_AUDIT, requires
from accounts.weeks import is_overdue, today, waiting

PER_PAGE = 100
VISIT_SECONDS = 1800
READ_AT = "accounts_audit_read_at"
COLUMNS = ["at", "person", "action", "subject", "details"]


@requires(READ_AUDIT)
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET)
    record_visit(request)
    page = Paginator(form.entries(), PER_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    day = today()
    weeks = waiting(day)
    context = {
        "form": form,
        "page": page,
        "query": asked.urlencode(),
        "waiting": len(weeks),
        "overdue": sum(is_overdue(week, day) for week in weeks),
    }
    return render(request, "accounts/audit.html", context)


@requires(READ_AUDIT)
@require_safe
def export_audit(request: HttpRequest) -> StreamingHttpResponse:
    form = AuditFilterForm(request.GET)
    entries = form.entries()
    asked = {name: value for name, value in request.GET.items() if value}
    record(by=request.user, action=AuditEntry.Action.EXPORTED, subject="audit trail", filter=asked)
    return csv_response(f"audit-{timezone.localdate().isoformat()}.csv", _rows(entries))


def record_visit(request: HttpRequest) -> None:
    """Reading the trail is itself recorded: once a visit, not once for every page and filter."""
    now = time.time()
    if now - request.session.get(READ_AT, 0) >= VISIT_SECONDS:
        record(by=request.user, action=AuditEntry.Action.AUDIT_READ)
        request.session[READ_AT] = now


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[str]]:
    yield COLUMNS
    for entry in entries.iterator(chunk_size=1000):
        who = entry.actor.username if entry.actor else "system"
        yield [entry.at.isoformat(timespec="seconds"), who, entry.action, entry.subject, entry.details_text]
