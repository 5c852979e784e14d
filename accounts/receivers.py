"""Sign-ins, sign-outs and changes of how one signs in, written to the audit trail."""

import time
from typing import Any

from allauth.account.internal.stagekit import clear_login
from allauth.account.signals import password_changed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actions import record
from accounts.models import AuditEntry, User
from accounts.signing_in import FACTOR_ADDED, LAST_SEEN_AT, SIGNED_IN_AT, address, is_locked, record_failure

Action = AuditEntry.Action


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[SIGNED_IN_AT] = request.session[LAST_SEEN_AT] = time.time()
    methods = request.session.get("account_authentication_methods", [])
    record(by=user, action=Action.SIGNED_IN, address=address(request), with_=[step["method"] for step in methods])


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(by=user, action=Action.SIGNED_OUT, why=getattr(request, "sign_out_reason", "signed out"))


@receiver(authentication_failed)
def note_wrong_code(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record_failure(request, user.username, how=authenticator.type)
    if is_locked(user.username):
        clear_login(request)


@receiver(password_changed)
def note_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    if user.password_is_temporary:
        user.password_is_temporary = False
        user.save(update_fields=["password_is_temporary"])
    record(by=user, action=Action.PASSWORD_CHANGED, subject=user.username)


@receiver(authenticator_added)
def note_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    request.session[FACTOR_ADDED] = user.pk
    _note_factor(user, authenticator, "added")


@receiver(authenticator_removed)
def note_factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _note_factor(user, authenticator, "removed")


@receiver(authenticator_reset)
def note_factor_reset(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _note_factor(user, authenticator, "made anew")


@receiver(authenticator_used)
def note_recovery_code(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        _note_factor(user, authenticator, "used one")


def _note_factor(user: User, authenticator: Authenticator, change: str) -> None:
    kind = str(Authenticator.Type(authenticator.type).label)
    record(by=user, action=Action.SECOND_FACTOR_CHANGED, subject=user.username, factor=kind, change=change)
