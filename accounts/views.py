from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control

from accounts.agency import current_agency
from accounts.permissions import USE_STAFF_PAGES, open_to_all, requires


@requires(USE_STAFF_PAGES)
def home(request: HttpRequest) -> HttpResponse:
    return redirect("map")


@open_to_all
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@open_to_all
@cache_control(public=True, max_age=3600)
def agency_logo(request: HttpRequest) -> FileResponse:
    """The header shows it on the sign-in page too."""
    logo = current_agency().logo
    if not logo:
        raise Http404
    try:
        return FileResponse(logo.open())
    except FileNotFoundError:
        raise Http404 from None
