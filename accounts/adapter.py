"""Where the house differs from allauth's defaults."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.agency import current_agency
from accounts.models import User
from accounts.signing_in import is_locked, record_failure

LOCKED = _(
    "This sign-in is locked after several failed attempts, whatever the password. An administrator can release it."
)
UNUSED = _("This sign-in was not used for %(days)d days and is switched off. An administrator can switch it on again.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "locked": LOCKED,
        "username_password_mismatch": _("The username or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Administrators make accounts; nobody signs up."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A locked name gets one answer, right password or not: the lock is no place to go on guessing."""
        if is_locked(credentials.get("username", "")):
            record_failure(request, credentials.get("username", ""), how="locked")
            raise self.validation_error("locked")
        return super().authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_failure(request, credentials.get("username", ""))

    def login(self, request: HttpRequest, user: User) -> None:
        """The last step of every way in, so that none gets past a lock."""
        if user.locked_at or user.is_unused:
            messages.error(request, LOCKED if user.locked_at else UNUSED % {"days": settings.DISABLE_UNUSED_AFTER_DAYS})
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The audit trail tells of changes; an installation need not have mail."""


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or has been used already. Wait for the next one."),
        "cannot_delete_authenticator": _("This is your last second factor. Add another before you remove it."),
    }

    def get_totp_issuer(self) -> str:
        return current_agency().name

    def encrypt(self, text: str) -> str:
        """Secrets of authenticator apps are of no use to whoever reads the database alone."""
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()

    @staticmethod
    def _cipher() -> MultiFernet:
        keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
        digests = (hashlib.sha256(f"second factor {key!s}".encode()).digest() for key in keys)
        return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Sessions carry the proof of a second factor, so the last one stays while one is required."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        left = others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return left or not settings.SECOND_FACTOR_REQUIRED
