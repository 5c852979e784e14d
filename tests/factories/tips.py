"""Tips as they come, sealed to real keys, in the made-up town."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from tests.factories.accounts import UserFactory
from tips.models import Intake, ReaderKey, Tip
from tips.queries import intake
from tips.sealing import keys, receipts
from tips.sealing.tips import Told, seal_tip
from tips.unlocking import about

PASSPHRASE = "six quiet herons near water"
WHAT = "Cars stop for a minute at the back door, all night"


@dataclass
class Reader:
    """A reviewer with the key that tips are sealed to."""

    user: User
    row: ReaderKey
    key: keys.PrivateKey


def make_reader(user: User | None = None, *, passphrase: str = PASSPHRASE, status: str = "active") -> Reader:
    user = user or UserFactory(roles=["detective"])
    key = keys.new_key()
    row = ReaderKey(user=user, public=keys.public_bytes(key), status=status)
    row.locked = keys.lock(key, passphrase, about=about(row))
    if status == "active":
        row.let_in_by, row.let_in_at = user, timezone.now()
    row.save()
    return Reader(user, row, key)


def make_recovery() -> tuple[ReaderKey, keys.PrivateKey]:
    key = keys.new_key()
    row = ReaderKey.objects.create(kind="recovery", public=keys.public_bytes(key), status="active")
    return row, key


@dataclass
class SentTip:
    tip: Tip
    receipt: str


def make_tip(
    *,
    what: str = WHAT,
    photos: tuple[bytes, ...] = (),
    channel: str = "web",
    language: str = "en",
    received: datetime | None = None,
    quarantined: bool = False,
    sending: uuid.UUID | None = None,
    texts: dict[str, str] | None = None,
    **changes: Any,
) -> SentTip:
    """As the intake process makes one; `changes` are columns that staff set later. Needs a reader."""
    receipt = receipts.new_receipt(language)
    opened = receipts.open_receipt(receipts.read_receipt(receipt), bytes(Intake.objects.get().salt))
    sealed = seal_tip(
        Told({"what": what, **(texts or {})}, photos),
        keys_of_readers=intake.readers(),
        channel=channel,
        language=language,
        now=received or datetime.now(UTC),
        receipt=None if channel == "mail" else opened,
        sending=sending,
        quarantined=quarantined,
    )
    intake.store(sealed)
    if changes:
        Tip.objects.filter(pk=sealed.id).update(**changes)
    return SentTip(Tip.objects.get(pk=sealed.id), "" if channel == "mail" else receipt)
