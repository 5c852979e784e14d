"""What releases and public projects have in common: approved by a second person, looked at again, withdrawn."""

from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import HotSpot
from notices.models import PublicProject, PublicStatus, Release
from notices.transitions_public import CannotMove, Public, check_can_move

Either = TypeVar("Either", bound=PublicProject | Release)


@transaction.atomic
def approve(*, by: User, public: Either, read: str | None = None) -> Either:
    """Make a draft public. What it replaces is withdrawn in the same moment: the public sees one of the two. `read`: the
    wording that was before the approver's eyes; else that of `public` as it was handed in."""
    read = public.wording if read is None else read
    public = locked(public)
    target = check_can_move(by, public, "approve").target
    if read != public.wording:
        raise CannotMove(_("Somebody changed this since you looked. Read it again."))
    for old in _giving_way(public):
        _withdraw(by, old, _("Replaced by a newer wording."))
    assert target is not None
    public.status, public.approved_by, public.approved_at = target, by, timezone.now()
    public.review_on = _next_review()
    public.save(update_fields=["status", "approved_by", "approved_at", "review_on"])
    note(by, public, "approved", review_on=str(public.review_on))
    return public


@transaction.atomic
def keep(*, by: User, public: Either) -> Either:
    """Looked at again and found right: until the next review."""
    public = locked(public)
    check_can_move(by, public, "keep")
    public.review_on, public.reviewed_by, public.reviewed_at = _next_review(), by, timezone.now()
    public.save(update_fields=["review_on", "reviewed_by", "reviewed_at"])
    note(by, public, "reviewed and kept", review_on=str(public.review_on))
    return public


@transaction.atomic
def withdraw(*, by: User, public: Either, why: str) -> Either:
    """At once, by anybody who may write: what is wrong must not wait for a second person."""
    public = locked(public)
    check_can_move(by, public, "withdraw")
    _withdraw(by, public, why)
    return public


@transaction.atomic
def discard(*, by: User, public: Public) -> None:
    """Delete a draft; the trail keeps it."""
    public = locked(public)
    check_can_move(by, public, "discard")
    note(by, public, "draft discarded")
    public.delete()


def locked(public: Either) -> Either:
    """The hot spot first, so that of two drafts for it the second sees what the first became."""
    if public.hot_spot_id:
        HotSpot.objects.select_for_update().get(pk=public.hot_spot_id)
    rows: Any = type(public).objects.select_for_update(of=("self",)).select_related("hot_spot")
    found: Either = rows.get(pk=public.pk)
    return found


def note(by: User, public: Public, what: str, **details: Any) -> None:
    kind = "project" if isinstance(public, PublicProject) else "release"
    record(by=by, action=AuditEntry.Action.PUBLIC_CHANGED, subject=public, **{kind: public.pk}, what=what, **details)


def _giving_way(public: Either) -> list[Any]:
    if isinstance(public, PublicProject):
        rows: Any = PublicProject.objects.filter(hot_spot=public.hot_spot_id)
    else:
        rows = Release.objects.filter(pk=public.replaces_id) if public.replaces_id else Release.objects.none()
    return list(rows.filter(status=PublicStatus.PUBLIC).select_for_update(of=("self",)))


def _withdraw(by: User, public: Public, why: str) -> None:
    public.status = PublicStatus.WITHDRAWN
    public.withdrawn_by, public.withdrawn_at, public.withdrawn_why = by, timezone.now(), why
    public.save(update_fields=["status", "withdrawn_by", "withdrawn_at", "withdrawn_why"])
    note(by, public, "withdrawn", why=why)


def _next_review() -> Any:
    return timezone.localdate() + timedelta(days=settings.PUBLIC_REVIEW_DAYS)
