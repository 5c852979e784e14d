"""The pages of residents apart from those of staff."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

Respond = Callable[[HttpRequest], HttpResponse]


def language_of(path: str) -> str | None:
    """The language that an address carries, `/es/…`; only residents' pages do."""
    first = path.strip("/").partition("/")[0]
    return first if first in dict(settings.LANGUAGES) else None


class PublicMiddleware:
    """Residents' pages speak the language of their address, and nobody is known there; staff pages speak one language.

    Cookies are put away before anything reads them: no session is looked up, prolonged or begun, a member of staff who
    looks is nobody too, and so a shared cache may keep the page for everybody."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request.path_info)
        if language:
            request.META.pop("HTTP_COOKIE", None)
        with translation.override(language or settings.LANGUAGE_CODE):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language or settings.LANGUAGE_CODE)
        if language:
            vary_less(response)
        return response


def vary_less(response: HttpResponse) -> None:
    """The session's middleware asked whether there is a cookie; the page does not depend on it."""
    rest = [name for name in response.headers.get("Vary", "").split(", ") if name and name.lower() != "cookie"]
    response.headers.pop("Vary", None)
    if rest:
        response.headers["Vary"] = ", ".join(rest)
