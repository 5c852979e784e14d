"""Lock-out after failed sign-ins, and the proof of a second factor that a session carries."""

from datetime import timedelta

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.actions import record
from accounts.models import AuditEntry, User

SIGNED_IN_AT = "accounts_signed_in_at"
LAST_SEEN_AT = "accounts_last_seen_at"
NOTICE_READ = "accounts_notice_read"
FACTOR_ADDED = "accounts_factor_added"


def find_user(name: str) -> User | None:
    return User.objects.filter(username__iexact=name.strip()).first()


def name_key(name: str) -> str:
    """Failures are counted by this, for what was typed as a name may have been a password."""
    return salted_hmac("accounts.sign_in", name.strip().lower()).hexdigest()[:32]


def is_locked(name: str) -> bool:
    """Unknown names lock like known ones, so that the answer does not tell which names exist."""
    user = find_user(name)
    return bool(user.locked_at) if user else _failures(name, None) >= settings.LOCK_AFTER_FAILURES


def record_failure(request: HttpRequest, name: str, how: str = "password") -> None:
    user = find_user(name)
    record(
        by=None,
        action=AuditEntry.Action.SIGN_IN_FAILED,
        subject=user.username if user else "a name that does not exist",
        name_key=name_key(name),
        how=how,
        address=address(request),
    )
    if user and not user.locked_at and _failures(name, user) >= settings.LOCK_AFTER_FAILURES:
        User.objects.filter(pk=user.pk, locked_at=None).update(locked_at=timezone.now())
        record(by=None, action=AuditEntry.Action.SIGN_IN_LOCKED, subject=user.username, address=address(request))


def _failures(name: str, user: User | None) -> int:
    """Failed attempts in a row, within the window: a success or a release by an administrator starts anew."""
    since = timezone.now() - timedelta(minutes=settings.LOCK_WINDOW_MINUTES)
    if user:
        signed_in = AuditEntry.objects.filter(actor=user, action=AuditEntry.Action.SIGNED_IN, at__gte=since)
        last = signed_in.aggregate(last=Max("at"))["last"]
        since = max(since, user.enabled_at, last or since)
    failed = AuditEntry.objects.filter(action=AuditEntry.Action.SIGN_IN_FAILED, at__gte=since)
    return failed.filter(details__name_key=name_key(name)).count()


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def has_second_factor(user: User) -> bool:
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def second_factor_is_proven(request: HttpRequest) -> bool:
    """Whether this session was opened with a second factor, or set its first one up itself.

    That the person has one is not enough: a session opened with the password alone, before somebody set up a
    factor elsewhere, must not come along.
    """
    if request.session.get(FACTOR_ADDED) == request.user.pk:
        return True
    return any(entry.get("method") == "mfa" for entry in get_authentication_records(request, request.user))
