"""The weekly review of the audit trail."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import reviews, weeks
from accounts.forms import NoteForm, ReviewForm, WeekFilterForm
from accounts.models import AuditReview
from accounts.permissions import READ_AUDIT, requires
from accounts.views.audit import record_visit

PER_PAGE = 26


@requires(READ_AUDIT)
@require_safe
def audit_weeks(request: HttpRequest) -> HttpResponse:
    record_visit(request)
    form, today = WeekFilterForm(request.GET, use_required_attribute=False), weeks.today()
    open_weeks = weeks.waiting(today)
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {"form": form, "query": asked.urlencode(), "waiting": len(open_weeks)}
    if form.reviewed:
        done = AuditReview.objects.select_related("reviewed_by").prefetch_related("notes")
        context["page"] = Paginator(done, PER_PAGE).get_page(request.GET.get("page"))
    else:
        context["page"] = page = Paginator(open_weeks, PER_PAGE).get_page(request.GET.get("page"))
        numbers = weeks.numbers_of(page)
        context["rows"] = [
            {"week": week, "last_day": week + weeks.LAST_DAY, "number": numbers.get(week, 0), "overdue": overdue}
            for week in page
            for overdue in [weeks.is_overdue(week, today)]
        ]
    return render(request, "accounts/audit_weeks.html", context)


@requires(READ_AUDIT)
@require_safe
def audit_week(request: HttpRequest, week: str) -> HttpResponse:
    return _page(request, _get_week(week))


@requires(READ_AUDIT)
@require_POST
def audit_week_reviewed(request: HttpRequest, week: str) -> HttpResponse:
    monday, form = _get_week(week), ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, monday, form, status=422)
    try:
        reviews.review_week(by=request.user, week=monday, **form.cleaned_data)
    except reviews.CannotReview as error:
        messages.error(request, str(error))
        return redirect("audit_week", week)
    messages.success(request, _("The week is reviewed."))
    return redirect("audit_weeks")


@requires(READ_AUDIT)
@require_POST
def audit_week_note(request: HttpRequest, week: str) -> HttpResponse:
    monday, form = _get_week(week), NoteForm(request.POST)
    review = get_object_or_404(AuditReview, week=monday)
    if not form.is_valid():
        return _page(request, monday, form, status=422)
    reviews.add_note(by=request.user, review=review, **form.cleaned_data)
    messages.success(request, _("The note is added."))
    return redirect("audit_week", week)


def _get_week(text: str) -> date:
    """The Monday of a week of the trail, the one that runs included."""
    try:
        monday = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    today = weeks.today()
    over, _reviewed = weeks.weeks(today)
    if text != monday.isoformat() or (monday not in over and monday != weeks.monday_of(today)):
        raise Http404
    return monday


def _page(request: HttpRequest, monday: date, form: NoteForm | None = None, status: int = 200) -> HttpResponse:
    record_visit(request)
    review = AuditReview.objects.select_related("reviewed_by").filter(week=monday).first()
    context = {
        "week": monday,
        "last_day": monday + weeks.LAST_DAY,
        "query": weeks.query_of(monday),
        "review": review,
        "notes": review.notes.select_related("written_by") if review else [],
        "is_over": monday + weeks.WEEK <= weeks.today(),
        "summary": weeks.summary(monday, request.user),
        "form": form or (NoteForm() if review else ReviewForm()),
    }
    return render(request, "accounts/audit_week.html", context, status=status)
