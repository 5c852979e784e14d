from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from accounts.agency import current_agency
from accounts.permissions import USE_STAFF_PAGES, open_to_all, requires
from accounts.signing_in import NOTICE_READ


@requires(USE_STAFF_PAGES)
def home(request: HttpRequest) -> HttpResponse:
    return redirect("map")


@open_to_all
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@open_to_all
@require_safe
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


@open_to_all
@never_cache
def sign_in_notice(request: HttpRequest) -> HttpResponse:
    """What CJIS wants acknowledged before anybody signs in; once per browser session."""
    wished = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    safe = url_has_allowed_host_and_scheme(wished, {request.get_host()}, require_https=request.is_secure())
    if request.method == "POST":
        request.session[NOTICE_READ] = True
        return redirect(wished if safe else "account_login")
    if not settings.SIGN_IN_NOTICE:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': wished})}" if safe else "account_login")
    return render(request, "accounts/sign_in_notice.html", {"next": wished if safe else ""})
