import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.agency import agency_zone
from accounts.responses import send_to, wants_data
from accounts.signing_in import (
    LAST_SEEN_AT,
    NOTICE_READ,
    SIGNED_IN_AT,
    has_second_factor,
    second_factor_is_proven,
)

Respond = Callable[[HttpRequest], HttpResponse]

# Pages are let through by their names: a path could be written in more than one way.
STARTS_SIGN_IN = {"account_login", "mfa_login_webauthn"}
ALWAYS = STARTS_SIGN_IN | {"account_logout", "account_inactive", "mfa_authenticate"}
CHANGES_PASSWORD = {"account_change_password", "account_reauthenticate"}
PROVES_FACTOR = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
SETS_UP_FACTOR = {"account_change_password", "account_reauthenticate", "mfa_index"} | {
    "mfa_activate_totp",
    "mfa_add_webauthn",
}
SECONDS_BETWEEN_NOTES = 60


PERMISSIONS = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in ("camera", "microphone", "payment", "usb", "serial", "midi", "display-capture")
        ),
        *(
            f"{feature}=(self)"
            for feature in ("geolocation", "publickey-credentials-get", "publickey-credentials-create")
        ),
    ]
)


class HeadersMiddleware:
    """Security headers that Django does not set. What a signed-in person saw stays in no cache of a shared machine."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class AgencyMiddleware:
    """Pages speak in the agency's time."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(agency_zone()):
            return self.get_response(request)


class SessionLimitMiddleware:
    """A session ends after a while without use, and after a shift's length in any case."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            now = time.time()
            signed_in, seen = request.session.get(SIGNED_IN_AT, now), request.session.get(LAST_SEEN_AT, now)
            if now - seen >= settings.IDLE_MINUTES * 60:
                minutes = settings.IDLE_MINUTES
                return self.end(request, _("You were signed out after %(n)d minutes without use.") % {"n": minutes})
            if now - signed_in >= settings.SESSION_HOURS * 3600:
                hours = settings.SESSION_HOURS
                return self.end(
                    request, _("You were signed out after %(n)d hours. Please sign in again.") % {"n": hours}
                )
            first = LAST_SEEN_AT not in request.session
            if first or (now - seen >= SECONDS_BETWEEN_NOTES and not asks_by_itself(request)):
                request.session[LAST_SEEN_AT] = now
                request.session[SIGNED_IN_AT] = signed_in
        return self.get_response(request)

    @staticmethod
    def end(request: HttpRequest, why: str) -> HttpResponse:
        request.sign_out_reason = why  # type: ignore[attr-defined]
        logout(request)
        messages.info(request, why)
        return send_to(request, reverse("account_login"))


def asks_by_itself(request: HttpRequest) -> bool:
    """A program that looks what is new is not a person at work: it keeps no session open."""
    return request.method == "GET" and wants_data(request)


class GateMiddleware:
    """What has to be done first: read the notice, replace a one-time password, set up and show a second factor."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if getattr(view, "capability", "") is None:  # open to all
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not request.user.is_authenticated:
            if settings.SIGN_IN_NOTICE and name in STARTS_SIGN_IN and NOTICE_READ not in request.session:
                return send_to(request, reverse("sign_in_notice"))
            return None
        if name in ALWAYS:
            return None
        if request.user.password_is_temporary:
            return None if name in CHANGES_PASSWORD else send_to(request, reverse("account_change_password"))
        if not settings.SECOND_FACTOR_REQUIRED or second_factor_is_proven(request):
            return None
        if has_second_factor(request.user):
            return None if name in PROVES_FACTOR else send_to(request, reverse("mfa_reauthenticate"))
        return None if name in SETS_UP_FACTOR else send_to(request, reverse("mfa_index"), come_back=False)
