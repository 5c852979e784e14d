"""What goes wrong before or beside a view. Views for programs are answered in JSON, all others with a page."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import csrf, defaults

from accounts.responses import refuse_data, sign_in_first, wants_data


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before the last sign-in, or from elsewhere."""
    if not wants_data(request):
        return csrf.csrf_failure(request, reason)
    if not request.user.is_authenticated:
        return sign_in_first(request)
    return refuse_data(_("This was made before the last sign-in. Load the page again."), 403, stale_token=True)


def server_error(request: HttpRequest) -> HttpResponse:
    if not wants_data(request):
        return defaults.server_error(request)
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return refuse_data(_("The database is away. Try again soon."), 503)
    return refuse_data(_("Something went wrong here. Try again later."), 500)
