from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.agency import agency_zone

Respond = Callable[[HttpRequest], HttpResponse]


class AgencyMiddleware:
    """Pages speak in the agency's time."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(agency_zone()):
            return self.get_response(request)


class SecondFactorMiddleware:
    """With SECOND_FACTOR_REQUIRED, nobody gets past the set-up page without one."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        from allauth.mfa.utils import is_mfa_enabled

        if not settings.SECOND_FACTOR_REQUIRED or not request.user.is_authenticated:
            return None
        if request.path.startswith("/accounts/") or is_mfa_enabled(request.user):
            return None
        return redirect("mfa_index")
