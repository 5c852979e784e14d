"""What staff writes to a tip: sealed before it is stored, as what was told is."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from tips.actions.inbox import lock, note_event
from tips.models import Message, Tip
from tips.sealing import keys
from tips.sealing.padding import pad
from tips.sealing.tips import about_message, bucket, seal_message
from tips.transitions import CannotMove

Kind = Message.Kind
OPENED_WITHIN = timedelta(minutes=10)  # a photo asked for within it belongs to the opening that is recorded


@transaction.atomic
def reply(*, by: User, tip: Tip, text: str) -> Message:
    """Sealed twice: for those who read the tip, and for whoever holds its receipt."""
    tip = lock(tip)
    if not tip.reply_key:
        raise CannotMove(_("This tip came without a receipt: nobody could fetch an answer."))
    message = _add(by, tip, Kind.REPLY, {"text": text})
    note_event(tip, by, "answer written")
    return message


@transaction.atomic
def take_back(*, by: User, message: Message) -> None:
    """Undo an answer, as long as it was not fetched."""
    tip = lock(message.tip)
    waiting = Message.objects.select_for_update().filter(pk=message.pk, kind=Kind.REPLY, seen=False).first()
    if waiting is None:
        raise CannotMove(_("It was fetched just now, and cannot be taken back."))
    waiting.delete()
    note_event(tip, by, "answer taken back")


@transaction.atomic
def add_note(*, by: User, tip: Tip, text: str) -> Message:
    tip = lock(tip)
    message = _add(by, tip, Kind.NOTE, {"text": text})
    note_event(tip, by, "note written")
    return message


@transaction.atomic
def translate(*, by: User, original: Message, text: str) -> Message:
    """By a person who knows the language; stands beside what it translates."""
    tip = lock(original.tip)
    if original.kind not in (Kind.TIP, Kind.ADDITION):
        raise CannotMove(_("Only what the tipster wrote is translated."))
    message = _add(by, tip, Kind.TRANSLATION, {"text": text, "of": str(original.pk)})
    note_event(tip, by, "translation written")
    return message


def _add(by: User, tip: Tip, kind: str, texts: dict[str, str]) -> Message:
    last = tip.messages.aggregate(last=Max("position"))["last"] or 0
    sealed = seal_message(tip.pk, bytes(tip.case_key), last + 1, kind, texts)
    message = Message(
        id=sealed.id, tip=tip, position=sealed.position, kind=kind, sealed=sealed.sealed, by=by, received_at=_now()
    )
    if kind == Kind.REPLY and tip.reply_key:
        plain = pad(json.dumps(texts, ensure_ascii=False).encode())
        message.sealed_for_tipster = keys.seal(bytes(tip.reply_key), plain, about=about_message(tip.pk, message.pk))
    message.save(force_insert=True)
    return message


def _now() -> datetime:
    return bucket(timezone.now())


@transaction.atomic
def opened(*, by: User, tip: Tip) -> None:
    """Somebody reads it: recorded each time, and what the tipster wrote counts as seen."""
    record(by=by, action=AuditEntry.Action.TIP_OPENED, subject=tip)
    tip.messages.filter(kind__in=Message.FROM_TIPSTER, seen=False).update(seen=True)


@transaction.atomic
def opened_photo(*, by: User, tip: Tip) -> None:
    """The photos of a page come one by one: those of a tip that this person opened minutes ago need no row of their own."""
    action = AuditEntry.Action.TIP_OPENED
    since = timezone.now() - OPENED_WITHIN
    if not AuditEntry.objects.filter(actor=by, action=action, subject=str(tip), at__gte=since).exists():
        record(by=by, action=action, subject=tip, what="photo")
