"""The review list, and the steps that releases and public projects share."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import requires
from notices.actions import review as actions
from notices.forms.projects import WithdrawForm
from notices.models import PublicStatus
from notices.permissions import WRITE_PUBLIC
from notices.queries import media as queries
from notices.transitions_public import TRANSITIONS, CannotMove, Public, why_not

STATUSES = [("all", gettext_lazy("All")), *((status.value, status.label) for status in PublicStatus)]


@requires(WRITE_PUBLIC)
def review_list(request: HttpRequest) -> HttpResponse:
    lines = queries.up_for_review()
    context = {"lines": lines, "due": sum(line.is_due for line in lines), "today": timezone.localdate()}
    return render(request, "notices/review/list.html", context)


@dataclass(frozen=True)
class Step:
    name: str
    label: str | Promise
    why_not: str


def steps_for(user: Any, public: Public) -> dict[str, Step]:
    """The steps that lead on from here, by name, with the reason why one may not be taken."""
    found = [each for each in TRANSITIONS if each.source == public.status]
    return {each.name: Step(each.name, each.label, why_not(user, public, each.name)) for each in found}


def step_taken(request: HttpRequest, public: Public, step: str) -> WithdrawForm | None:
    """Approve, keep, withdraw or discard, and say so; a form comes back where something must be mended first."""
    words = {
        "approve": _("It is approved."),
        "keep": _("It stays public until the next review."),
        "withdraw": _("It is withdrawn. Browsers that have just shown it may keep it for five minutes."),
        "discard": _("The draft is discarded."),
    }
    if step not in words:
        raise Http404
    form = WithdrawForm(request.POST if step == "withdraw" else None)
    if step == "withdraw" and not form.is_valid():
        return form
    try:
        if step == "withdraw":
            actions.withdraw(by=request.user, public=public, why=form.cleaned_data["why"])
        elif step == "discard":
            actions.discard(by=request.user, public=public)
        elif step == "approve":
            actions.approve(by=request.user, public=public, read=request.POST.get("read", ""))
        else:
            actions.keep(by=request.user, public=public)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words[step])
    return None
