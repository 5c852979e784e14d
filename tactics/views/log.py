"""The officer's app on the phone: one page, its service worker and its manifest. What it shows it asks for itself.

The page is the same for everybody and holds nobody's data, so the phone may keep it; lists come from the state and
the places, and are kept by the app's own rules (docs/tactics.md).
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.agency import current_agency
from accounts.permissions import open_to_all, requires
from tactics.permissions import LOG
from tactics.queries.log import phone_places

ENTRY, WORKER = "js/log/app.js", "js/log/worker.js"
# Modules import each other by their plain names, which the storage serves beside the hashed ones.
MODULES = tuple(
    f"js/log/{name}.js"
    for name in (
        *("dialogs", "dom", "fields", "geo", "home", "icons", "lists", "map", "measure", "mine", "operation", "picker"),
        *("position", "questions", "queue", "record", "send", "start", "store", "waiting", "when", "words", "work"),
    )
)
NAMED = (ENTRY, "js/log/scheme.js", "css/log.css", "img/mark.svg", "img/log-192.png")
ICONS = (
    ("img/log-192.png", "192x192", "any"),
    ("img/log-512.png", "512x512", "any"),
    ("img/log-maskable-512.png", "512x512", "maskable"),
)


@requires(LOG)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    return render(request, "tactics/log/page.html", page_context())


@open_to_all
@require_safe
def log_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: what it keeps, and under which version. Browsers compare it with theirs byte by byte."""
    kept = {"version": version(), "page": reverse("log"), "files": app_files()}
    text = f'import {{ serve }} from "{_plain(WORKER)}";\n\nserve({json.dumps(kept)});\n'
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@open_to_all
@require_safe
def log_manifest(request: HttpRequest) -> JsonResponse:
    """What makes the page an app with an icon of its own; browsers ask for it without saying who asks."""
    manifest = {
        "id": reverse("log"),
        "name": _("Hot spot log, %(agency)s") % {"agency": current_agency().name},
        "short_name": _("Hot spot log"),
        "start_url": reverse("log"),
        "scope": reverse("log"),
        "display": "standalone",
        "background_color": "#0b0f14",
        "theme_color": "#0b0f14",
        "icons": [
            {"src": static(name), "sizes": size, "type": "image/png", "purpose": purpose}
            for name, size, purpose in ICONS
        ],
    }
    return JsonResponse(manifest, content_type="application/manifest+json")


@requires(LOG, data=True)
@require_safe
def log_places(request: HttpRequest) -> HttpResponse:
    """Blocks and complexes for search and taps without signal; sent again only when they have changed."""
    text = f'{{"places": {phone_places(timezone.localdate())}}}'
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response = HttpResponse(text, content_type="application/json", headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=response) or response


def page_context() -> dict[str, Any]:
    return {"agency": current_agency(), "demo": settings.DEMO, "modules": [_plain(name) for name in MODULES]}


def app_files() -> list[str]:
    """Everything that the app needs to open without signal."""
    return [static(name) for name in NAMED] + [_plain(name) for name in MODULES]


def version() -> str:
    """One that changes with any file of the app and with the page itself, the agency's name on it included."""
    page = render_to_string("tactics/log/page.html", page_context())
    return hashlib.sha256(f"{page}{_content_hash()}".encode()).hexdigest()[:16]


def _content_hash() -> str:
    return _hash_files() if settings.DEBUG else _hash_files_once()


def _hash_files() -> str:
    digest = hashlib.sha256()
    for name in (*NAMED, *MODULES, WORKER):
        digest.update(Path(str(finders.find(name))).read_bytes())
    return digest.hexdigest()


@cache
def _hash_files_once() -> str:
    return _hash_files()


def _plain(name: str) -> str:
    return f"{settings.STATIC_URL}{name}"
