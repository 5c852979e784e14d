"""Requests for help from the public site, for those who handle them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import can, requires
from notices.actions import help_requests as actions
from notices.forms.meetings import CloseForm, RequestFilterForm
from notices.models import HelpRequest
from notices.permissions import HANDLE_REQUESTS, RECORD_MEETINGS
from notices.queries import meetings as queries
from notices.transitions_meetings import CannotMove, can_move_request
from notices.views.meetings import say

PER_PAGE = 25
Status = HelpRequest.Status


@requires(HANDLE_REQUESTS)
@require_safe
def help_requests(request: HttpRequest) -> HttpResponse:
    form = RequestFilterForm(request.GET)
    asked = request.GET.copy()
    asked.pop("page", None)
    page = Paginator(queries.requests(**form.asked()), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "query": asked.urlencode(), "is_filtered": any(form.asked().values())}
    return render(request, "notices/help_requests/list.html", context)


@requires(HANDLE_REQUESTS)
@require_safe
def help_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    return render_request(request, get_request(request_id))


def get_request(request_id: UUID) -> HelpRequest:
    return get_object_or_404(HelpRequest.objects.select_related("handled_by"), pk=request_id)


def render_request(request: HttpRequest, asked: HelpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "asked": asked,
        "meetings": asked.meetings.select_related("place"),
        "may_take": can_move_request(asked, Status.TAKEN) and asked.status == Status.NEW,
        "may_put_back": can_move_request(asked, Status.NEW),
        "may_plan": can(request.user, RECORD_MEETINGS) and asked.status != Status.CLOSED,
        "close_form": CloseForm(prefix="close"),
        "kept_days": settings.CONTACT_KEPT_DAYS,
    }
    return render(request, "notices/help_requests/page.html", context | forms, status=status)


@requires(HANDLE_REQUESTS)
@require_POST
def help_request_take(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked = get_request(request_id)
    return act(request, asked, None, lambda: actions.take(by=request.user, request=asked), _("It is taken up."))


@requires(HANDLE_REQUESTS)
@require_POST
def help_request_put_back(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked = get_request(request_id)
    return act(request, asked, None, lambda: actions.put_back(by=request.user, request=asked), _("It is new again."))


@requires(HANDLE_REQUESTS)
@require_POST
def help_request_close(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked, form = get_request(request_id), CloseForm(request.POST, prefix="close")

    def close() -> None:
        actions.close(by=request.user, request=asked, **form.cleaned_data)

    return act(request, asked, form, close, _("Closed."))


@requires(HANDLE_REQUESTS)
@require_POST
def help_request_reopen(request: HttpRequest, request_id: UUID) -> HttpResponse:
    asked = get_request(request_id)
    return act(request, asked, None, lambda: actions.reopen(by=request.user, request=asked), _("It is open again."))


def act(request: HttpRequest, asked: HelpRequest, form: Any, action: Callable[[], Any], words: str) -> HttpResponse:
    if form is not None and not form.is_valid():
        return render_request(request, asked, status=422, close_form=form)
    try:
        action()
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        say(request, words)
    return redirect("help_request", asked.pk)
