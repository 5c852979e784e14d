from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _


def is_page_load(request: HttpRequest) -> bool:
    """Whether a person waits for a page; browsers say so. What says nothing is taken for one."""
    return request.headers.get("Sec-Fetch-Dest", "document") in {"document", "iframe", "frame"}


def wants_data(request: HttpRequest) -> bool:
    """Whether a program waits for the answer, by the address alone: its view says `@requires(…, data=True)`.

    Asked in middleware too, before Django has looked which view it is.
    """
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return False
    return getattr(match.func, "answers_data", False)


def refuse_data(why: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse({"why": why, **more}, status=status)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    return send_to(request, reverse("account_login"))


def send_to(request: HttpRequest, url: str, come_back: bool = True) -> HttpResponse:
    """Send a person to another page first. A script that asked for a fragment makes the browser go there;
    one that asked for data, such as a map tile, is told 401, for a page in its place would only confuse it.
    A view for programs says 401 in JSON, with the address to go to, to whoever asks."""
    if wants_data(request):
        return refuse_data(_("Sign in again."), 401, sign_in=url)
    if come_back and request.method == "GET" and is_page_load(request):
        url = f"{url}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    if not is_page_load(request):
        return HttpResponse(_("Sign in again."), status=401, content_type="text/plain")
    return redirect(url)
