from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.responses import refuse_data, sign_in_first
from accounts.roles import EVERYBODY, TABLE, Role, capability

USE_STAFF_PAGES = capability("accounts.use_staff_pages", *EVERYBODY)
MANAGE_PEOPLE = capability("accounts.manage_people", Role.ADMINISTRATOR)
CHANGE_AGENCY = capability("accounts.change_agency", Role.ADMINISTRATOR)
READ_AUDIT = capability("accounts.read_audit", Role.AUDITOR, Role.ADMINISTRATOR)

View = Callable[..., HttpResponse]


def check_can(user: Any, name: str) -> None:
    """Raise PermissionDenied, with a sentence for the page, unless one of the user's roles may do this."""
    if not user.allows(name):
        roles = ", ".join(sorted(str(role.label) for role in TABLE[name]))
        raise PermissionDenied(
            _("This page is for: %(roles)s. Ask an administrator if you need it.") % {"roles": roles}
        )


def can(user: Any, name: str) -> bool:
    return user.is_authenticated and user.allows(name)


def requires(name: str, *, data: bool = False) -> Callable[[View], View]:
    """Let a view be reached only by those who may do `name`. The role x URL test reads `view.capability`.

    `data`: a program waits for the answer, so that a refusal is JSON too, here and in the middleware, never a page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            try:
                check_can(request.user, name)
                return view(request, *args, **kwargs)
            except PermissionDenied as refusal:
                if not data:
                    raise
                return refuse_data(str(refusal), 403)

        guarded.capability = name  # type: ignore[attr-defined]
        guarded.answers_data = data  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(view: View) -> View:
    """Say that a view needs no sign-in; views that say nothing fail the role x URL test."""
    view.capability = None  # type: ignore[attr-defined]
    return view
