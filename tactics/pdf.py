"""HTML to PDF, tagged for screen readers (PDF/UA), with nothing but the product's own static files and what is handed in.

Whatever text ends up in a page, making its PDF reaches neither the network nor a file outside the static folders.
"""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from PIL import ImageFile
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# WeasyPrint lets Pillow read broken pictures, for the whole process: a photo cut off on its way would pass for one.
ImageFile.LOAD_TRUNCATED_IMAGES = False

ORIGIN = "https://static.invalid/"  # a name that never resolves; it stands for the static folders


class Refused(Exception):
    """A page asked for something that is no static file: the page is wrong."""


class StaticFetcher(URLFetcher):
    def __init__(self, pictures: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.pictures = pictures or {}

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url in self.pictures:
            return URLFetcherResponse(url, self.pictures[url], {"Content-Type": mimetypes.guess_type(url)[0] or ""})
        path = static_file(url)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def static_file(url: str) -> Path:
    """The file in a static folder that an address below ORIGIN stands for; raises Refused for every other."""
    if not url.startswith(ORIGIN):
        raise Refused(url)
    name = unquote(urlsplit(url).path).lstrip("/")
    collected = Path(settings.STATIC_ROOT).resolve()
    try:
        found = finders.find(name)
    except SuspiciousFileOperation:
        raise Refused(url) from None
    path = Path(found) if isinstance(found, str) else (collected / name).resolve()
    if not path.is_file() or not (found or path.is_relative_to(collected)):
        raise Refused(url)
    return path


def make(html: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of a whole page with language and title. The same page gives the same bytes.

    `pictures` are those that are no static files, by their address below ORIGIN."""
    try:
        return HTML(string=html, base_url=ORIGIN, url_fetcher=StaticFetcher(pictures)).write_pdf(
            pdf_variant="pdf/ua-1", pdf_identifier=False, presentational_hints=False
        )
    except FatalURLFetchingError as error:  # no Exception: it would end a worker
        raise Refused(str(error)) from error.__cause__
