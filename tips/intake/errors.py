"""What a resident reads when something went wrong: what was kept (nothing), and what to do."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tips.intake.middleware import language_of
from tips.intake.views import page

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return told(
            request, 413, _("This was too large"), _("Nothing was sent. Go back and choose smaller photos, or fewer.")
        )
    return told(request, 400, _("We could not read this"), _("Nothing was sent. Open the form and try again."))


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = _("This was sent from another website, so it was not taken. Open the form here and send it again.")
    return told(request, 403, _("Nothing was sent"), words)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return told(request, 404, _("There is no such page"), _("Nothing was sent. The form is one step away."))


def failed(request: HttpRequest) -> HttpResponse:
    log.exception("A page failed")
    words = _(
        "Something failed on our side, and nothing was stored. Go back and press Send again, or call the tip line."
    )
    return told(request, 500, _("Nothing was sent"), words)


def told(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    context: dict[str, Any] = {"title": title, "words": words}
    return page(request, language_of(request.path_info), "told.html", context, status=status)
