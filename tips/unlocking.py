"""A reviewer's private key for the length of a session: never readable on the server between two requests.

The passphrase opens the key once. It is then wrapped under a secret that only the browser has (a cookie for the pages of
tips alone), and what is wrapped lies in the session. A copy of the database with the environment opens nothing, and a stolen
cookie is of no use without the session's row. Signing out, or a session that ends, takes the row away.
"""

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.responses import send_to
from tips.models import ReaderKey
from tips.sealing import keys

COOKIE, PATH = "tip_key", "/tips/"
IN_SESSION = "tips_wrapped_key"
SECRET_BYTES = 32


@dataclass(frozen=True)
class Unlocked:
    """A reviewer's key, with which tips can be opened during this request."""

    reader: ReaderKey
    key: keys.PrivateKey


def about(reader: ReaderKey) -> str:
    return f"tips: private key {reader.pk}"


def remember(request: HttpRequest, response: HttpResponse, reader: ReaderKey, key: keys.PrivateKey) -> None:
    """Keep the key for this session: half of it here, half in the browser."""
    secret = os.urandom(SECRET_BYTES)
    wrapped = keys.wrap(secret, keys.private_bytes(key), about=about(reader))
    request.session[IN_SESSION] = {"reader": str(reader.pk), "wrapped": base64.b64encode(wrapped).decode()}
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(secret).decode(),
        path=PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )


def forget(request: HttpRequest, response: HttpResponse) -> None:
    request.session.pop(IN_SESSION, None)
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")


def unlocked_by(request: HttpRequest) -> Unlocked | None:
    """The key of whoever asks, if it is unlocked, still theirs and still active."""
    kept, cookie = request.session.get(IN_SESSION), request.COOKIES.get(COOKIE)
    if not kept or not cookie:
        return None
    reader = ReaderKey.objects.active().filter(pk=kept["reader"], user=request.user).first()  # type: ignore[misc]
    if not reader:
        return None
    try:
        secret = base64.urlsafe_b64decode(cookie)
        raw = keys.unwrap(secret, base64.b64decode(kept["wrapped"]), about=about(reader))
    except (binascii.Error, ValueError, keys.CannotOpen):
        return None
    return Unlocked(reader, keys.private_key(raw))


def needs_key(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages that show what tips say, below `@requires`: the view gets `unlocked`; without a key, the way to it is shown."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        unlocked = unlocked_by(request)
        if unlocked is None:
            return send_to(request, reverse("tip_unlock"))
        return view(request, *args, unlocked=unlocked, **kwargs)

    return guarded
