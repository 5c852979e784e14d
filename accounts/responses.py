from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _


def is_page_load(request: HttpRequest) -> bool:
    """Whether a person waits for a page; browsers say so. What says nothing is taken for one."""
    return request.headers.get("Sec-Fetch-Dest", "document") in {"document", "iframe", "frame"}


def send_to(request: HttpRequest, url: str, come_back: bool = True) -> HttpResponse:
    """Send a person to another page first. A script that asked for a fragment makes the browser go there;
    one that asked for data, such as a map tile, is told 401, for a page in its place would only confuse it."""
    if come_back and request.method == "GET" and is_page_load(request):
        url = f"{url}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    if not is_page_load(request):
        return HttpResponse(_("Sign in again."), status=401, content_type="text/plain")
    return redirect(url)
