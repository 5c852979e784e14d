"""Headers of every answer, and the language of the address."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.encoding import escape_uri_path

Respond = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DENIED = (
    *("accelerometer", "ambient-light-sensor", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture"),
    *("encrypted-media", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer"),
    *("microphone", "midi", "payment", "screen-wake-lock", "serial", "storage-access", "usb", "xr-spatial-tracking"),
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED),
}
TWO_YEARS = 63_072_000


def language_of(path: str) -> str:
    first = path.strip("/").partition("/")[0]
    return first if first in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class IntakeMiddleware:
    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request.path_info)):
            response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        if settings.TIP_ONION_URL:  # Tor Browser offers to go there
            response.headers["Onion-Location"] = f"{settings.TIP_ONION_URL}{escape_uri_path(request.path)}"
        if settings.HTTPS:
            response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains; preload"
        return response
