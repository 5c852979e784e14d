from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.permissions import USE_STAFF_PAGES, open_to_all, requires


@requires(USE_STAFF_PAGES)
def home(request: HttpRequest) -> HttpResponse:
    return redirect("map")


@open_to_all
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")
