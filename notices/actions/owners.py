"""What a clerk knows better than a list: an owner's address, what they asked for, and who wants no letters."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.models import Place
from notices.models import Mailbox, OptOut, Owner
from notices.queries.lists import BY_HAND

ADDRESS = ("name", "care_of", "street", "city", "state", "zip_code")
WISHES = ("language", "email", "email_asked_on")


@transaction.atomic
def change_address(*, by: User, owner: Owner, today: date, **values: str) -> bool:
    """By hand: from then on no list changes it. Mail that came back from the old address says nothing of the new one."""
    changed = _set(owner, {name: values[name] for name in ADDRESS if name in values})
    if changed:
        owner.changed_by_hand_on = today
        if set(changed) & {"street", "city", "state", "zip_code"}:
            owner.undeliverable_on, owner.undeliverable_why = None, ""
        owner.save()
        _record(by, owner, "address changed by hand", fields=changed)
    return bool(changed)


@transaction.atomic
def record_wishes(*, by: User, owner: Owner, **values: Any) -> bool:
    """The language they read, and the e-mail address that they asked letters to go to, with the day."""
    changed = _set(owner, {name: values[name] for name in WISHES if name in values})
    if changed:
        owner.save(update_fields=changed)
        _record(by, owner, "wishes changed", fields=changed)
    return bool(changed)


@transaction.atomic
def follow_list(*, by: User, owner: Owner) -> None:
    """Undo: lists may change the address again."""
    if owner.changed_by_hand_on:
        owner.changed_by_hand_on = None
        owner.save(update_fields=["changed_by_hand_on"])
        _record(by, owner, "follows its list again")


@transaction.atomic
def clear_returned(*, by: User, owner: Owner) -> None:
    """Mail gets there after all."""
    if owner.undeliverable_on:
        why, owner.undeliverable_on, owner.undeliverable_why = owner.undeliverable_why, None, ""
        owner.save(update_fields=["undeliverable_on", "undeliverable_why"])
        _record(by, owner, "returned mail cleared", why=why)


@transaction.atomic
def opt_out(*, by: User, place: Place | None = None, owner: Owner | None = None, note: str = "") -> OptOut:
    """No letters any more. Asked for twice, it is recorded once."""
    found, is_new = OptOut.objects.get_or_create(
        place=place, owner=owner, ended_at=None, defaults={"note": note, "recorded_by": by}
    )
    if is_new:
        _record_opt_out(by, found, "asked for no letters")
    return found


@transaction.atomic
def end_opt_out(*, by: User, opt_out: OptOut) -> None:
    """They want letters after all, or it was recorded by mistake."""
    found = OptOut.objects.select_for_update(of=("self",)).get(pk=opt_out.pk)
    if found.ended_at is None:
        found.ended_at, found.ended_by = timezone.now(), by
        found.save(update_fields=["ended_at", "ended_by"])
        _record_opt_out(by, found, "gets letters again")


@transaction.atomic
def set_zip_code(*, by: User, place: Place, zip_code: str) -> Mailbox:
    """By hand: from then on no list changes it. Empty: the next list sets it."""
    mailbox, _is_new = Mailbox.objects.select_for_update().get_or_create(place=place)
    before = mailbox.zip_code
    mailbox.zip_code, mailbox.source = zip_code, BY_HAND if zip_code else ""
    mailbox.save(update_fields=["zip_code", "source"])
    if before != zip_code:
        details = {"change": "ZIP Code set", "place": place.pk, "from": before, "to": zip_code}
        record(by=by, action=AuditEntry.Action.OWNER_CHANGED, subject=str(place), **details)
    return mailbox


@transaction.atomic
def clear_mailbox(*, by: User, place: Place) -> None:
    """Mail gets to a household after all."""
    changed = Mailbox.objects.filter(place=place).exclude(undeliverable_on=None)
    if changed.update(undeliverable_on=None, undeliverable_why=""):
        details = {"change": "returned mail cleared", "place": place.pk}
        record(by=by, action=AuditEntry.Action.OWNER_CHANGED, subject=str(place), **details)


def _set(owner: Owner, values: dict[str, Any]) -> list[str]:
    """The names of those that are others now. Their values are personal: the trail names only the fields."""
    changed = [name for name, value in values.items() if getattr(owner, name) != value]
    for name in changed:
        setattr(owner, name, values[name])
    return changed


def _record(by: User, owner: Owner, change: str, **details: Any) -> None:
    record(by=by, action=AuditEntry.Action.OWNER_CHANGED, subject=owner.name, owner=owner.pk, change=change, **details)


def _record_opt_out(by: User, found: OptOut, change: str) -> None:
    named = {"owner": found.owner_id} if found.owner_id else {"place": found.place_id}
    record(by=by, action=AuditEntry.Action.OPT_OUT_CHANGED, subject=str(found), change=change, **named)
