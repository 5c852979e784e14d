"""Requests for help with a place, from the public site: taken up, closed, and how to reach people forgotten in time."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from notices.models import HelpRequest
from notices.transitions_meetings import check_can_move_request

Status = HelpRequest.Status


@transaction.atomic
def receive(*, role: str, name: str, contact: str, where: str, message: str, language: str) -> HelpRequest:
    """Somebody asked, on the public site. Whoever it was is in no trail; name and contact are theirs to give."""
    return HelpRequest.objects.create(
        role=role, name=name, contact=contact, where=where, message=message, language=language
    )


@transaction.atomic
def take(*, by: User, request: HelpRequest) -> HelpRequest:
    """Somebody sees to it from now on."""
    request = _move(request, Status.TAKEN, by)
    _audit(by, request, "taken up")
    return request


@transaction.atomic
def put_back(*, by: User, request: HelpRequest) -> HelpRequest:
    """Undo taking up: it is new again."""
    request = _move(request, Status.NEW, None)
    _audit(by, request, "put back")
    return request


@transaction.atomic
def close(*, by: User, request: HelpRequest, outcome: str) -> HelpRequest:
    request = _move(request, Status.CLOSED, by, outcome)
    _audit(by, request, "closed", outcome=outcome)
    return request


@transaction.atomic
def reopen(*, by: User, request: HelpRequest) -> HelpRequest:
    """Undo closing. What was forgotten meanwhile stays forgotten."""
    request = _move(request, Status.TAKEN, by)
    _audit(by, request, "reopened")
    return request


@transaction.atomic
def forget_contacts(now: datetime) -> int:
    """Who asked goes CONTACT_KEPT_DAYS after closing, with the words, since they may tell; returns of how many."""
    before = now - timedelta(days=settings.CONTACT_KEPT_DAYS)
    old = HelpRequest.objects.filter(status=Status.CLOSED, handled_at__lt=before)
    forgotten = old.exclude(name="", contact="", message="").update(name="", contact="", message="")
    if forgotten:
        record(
            by=None,
            action=AuditEntry.Action.HELP_REQUEST_HANDLED,
            subject="names and contacts",
            change="forgotten",
            requests=forgotten,
        )
    return forgotten


def _move(request: HelpRequest, status: str, by: User | None, outcome: str = "") -> HelpRequest:
    request = HelpRequest.objects.select_for_update().get(pk=request.pk)
    check_can_move_request(request, status)
    request.status, request.outcome = status, outcome
    request.handled_by, request.handled_at = by, timezone.now() if by else None
    request.save(update_fields=["status", "outcome", "handled_by", "handled_at"])
    return request


def _audit(by: User, request: HelpRequest, change: str, **details: Any) -> None:
    """By its number alone: where somebody lives may be all that they wrote, and the trail is never changed."""
    action = AuditEntry.Action.HELP_REQUEST_HANDLED
    record(
        by=by,
        action=action,
        subject=f"request {str(request.pk)[:8]}",
        change=change,
        request=str(request.pk),
        **details,
    )
