"""Mail that came back."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.permissions import requires
from notices.actions import returns as actions
from notices.forms.batches import ReturnsForm
from notices.models import Letter
from notices.permissions import WRITE_LETTERS
from notices.queries.batches import returned
from notices.transitions import CannotMove

PER_PAGE = 50


@requires(WRITE_LETTERS)
def letters_returned(request: HttpRequest) -> HttpResponse:
    """Codes typed from envelopes. What is no code stays in the box to be mended; all others are recorded."""
    form = ReturnsForm(request.POST or None)
    outcome = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        codes = actions.codes_in(given["codes"])
        outcome = actions.record_return(by=request.user, codes=codes, why=given["why"], on=given["on"])
        _say(request, outcome)
        if not outcome.unknown:
            return redirect("letters_returned")
        form = ReturnsForm(initial={**given, "codes": "\n".join(outcome.unknown)})
    rows = returned(_batch_asked(request))
    context: dict[str, Any] = {
        "form": form,
        "outcome": outcome,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "query": f"batch={_batch_asked(request)}" if _batch_asked(request) else "",
    }
    failed = form.errors or (outcome and outcome.unknown)
    return render(request, "notices/batches/returned.html", context, status=422 if failed else 200)


def _batch_asked(request: HttpRequest) -> int | None:
    asked = request.GET.get("batch", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None


def _say(request: HttpRequest, outcome: actions.Outcome) -> None:
    number = len(outcome.recorded)
    if number:
        words = ngettext("%(n)s letter is recorded as come back.", "%(n)s letters are recorded as come back.", number)
        messages.success(request, words % {"n": number})
    if outcome.letter_only:
        words = _(
            "Recorded on the letter only, as it went by e-mail or the owner's address has changed since: %(codes)s"
        )
        messages.info(request, words % {"codes": ", ".join(letter.code for letter in outcome.letter_only)})
    if outcome.again:
        words = _("Recorded before, and left as they were: %(codes)s")
        messages.info(request, words % {"codes": ", ".join(outcome.again)})


@require_POST
@requires(WRITE_LETTERS)
def letters_return_undo(request: HttpRequest, letter_id: int) -> HttpResponse:
    letter = get_object_or_404(Letter, pk=letter_id)
    try:
        actions.undo_return(by=request.user, letter=letter)
    except CannotMove as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(code)s did not come back after all.") % {"code": letter.code})
    return redirect("letters_returned")
