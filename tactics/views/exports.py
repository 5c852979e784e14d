import tempfile
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions import record
from accounts.cells import csv_response
from accounts.models import AuditEntry
from accounts.permissions import can, requires
from tactics.exports import csv_rows, write_geopackage
from tactics.forms.review import ActivityFilterForm
from tactics.permissions import EXPORT_ACTIVITY, REVIEW_ACTIVITY
from tactics.queries.exports import export_rows
from tactics.queries.review import visible_to


@requires(EXPORT_ACTIVITY)
@require_safe
def activity_export(request: HttpRequest, format: str) -> HttpResponse:
    """What the list shows with these filters, as a file to keep: officers' own record, everybody's for those who may
    review it. The trail says who took what."""
    if format not in ("csv", "gpkg"):
        raise Http404(_("Name one of these formats: %(formats)s.") % {"formats": "csv, gpkg"})
    may_review = can(request.user, REVIEW_ACTIVITY)
    form = ActivityFilterForm(request.GET, own=not may_review)
    found = form.narrow(visible_to(request.user, may_review))
    asked = {name: value for name, value in request.GET.items() if value and name != "page"}
    record(by=request.user, action=AuditEntry.Action.EXPORTED, subject="activity", format=format, filter=asked)
    name = f"activity-{timezone.localdate().isoformat()}.{format}"
    if format == "csv":
        return csv_response(name, csv_rows(export_rows(found)))
    with tempfile.TemporaryDirectory(prefix="activity-") as folder:
        path = Path(folder) / name
        write_geopackage(export_rows(found), path)
        file = path.open("rb")  # stays readable once the folder is gone
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/geopackage+sqlite3")
