"""Saturation patrols: who coordinates, which units were present when."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import can, requires
from tactics.actions import operations as actions
from tactics.actions.activities import CannotChange
from tactics.actions.review import why_not
from tactics.forms.review import EndOperationForm, OperationForm
from tactics.models import Operation
from tactics.permissions import LOG, REVIEW_ACTIVITY
from tactics.queries import operations as queries

PER_PAGE = 50


@requires(LOG)
@require_safe
def operation_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.operations(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "tactics/operations/list.html", {"page": page})


@requires(LOG)
def operation_new(request: HttpRequest) -> HttpResponse:
    form = OperationForm(request.POST or None, initial={"hot_spot": request.GET.get("hot_spot")})
    if request.method == "POST" and form.is_valid():
        try:
            operation = actions.start_operation(by=request.user, **form.cleaned_data)
        except CannotChange as error:
            form.add_error("started_at", str(error))
        else:
            messages.success(request, _("It has started. Units join it on their phones."))
            return redirect("operation", operation.pk)
    return render(request, "tactics/operations/new.html", {"form": form}, status=422 if form.is_bound else 200)


@requires(LOG)
@require_safe
def operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    return render_operation(request, operation_id, EndOperationForm())


@requires(LOG)
@require_POST
def operation_end(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    form = EndOperationForm(request.POST)
    if form.is_valid():
        found = get_object_or_404(Operation, pk=operation_id)
        try:
            actions.end_operation(by=request.user, operation=found, ended_at=form.cleaned_data["ended_at"])
        except CannotChange as error:
            form.add_error("ended_at", str(error))
        else:
            messages.success(request, _("It has ended."))
            return redirect("operation", operation_id)
    return render_operation(request, operation_id, form, status=422)


def render_operation(
    request: HttpRequest, operation_id: UUID, form: EndOperationForm, status: int = 200
) -> HttpResponse:
    found = get_object_or_404(Operation.objects.select_related("hot_spot", "coordinator"), pk=operation_id)
    present, most, hours = queries.presence(found, timezone.now())
    context = {
        "operation": found,
        "present": present,
        "most": most,
        "hours": hours,
        "line": queries.LINE,
        "form": form,
        "why_not_end": why_not(actions.check_can_end, request.user, found),
        "may_review": can(request.user, REVIEW_ACTIVITY),
    }
    return render(request, "tactics/operations/page.html", context, status=status)
