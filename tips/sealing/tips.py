"""A tip on its way into the database: from here on nobody reads it but who holds a key. No database, no Django.

Every message of a tip is sealed to the tip's case key, whose private part is sealed to each reviewer and to the recovery key.
Replies are sealed to its reply key, whose private part only the receipt opens.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tips.sealing import keys, receipts
from tips.sealing.padding import pad, unpad

BUCKET_HOURS = 6


@dataclass(frozen=True)
class SealedMessage:
    id: uuid.UUID
    position: int
    kind: str
    sealed: bytes


@dataclass(frozen=True)
class SealedTip:
    """A row of each table, ready to be inserted at once."""

    id: uuid.UUID
    channel: str
    language: str
    received_at: datetime
    case_key: bytes
    copies: list[tuple[uuid.UUID, bytes]]
    messages: list[SealedMessage]
    receipt: bytes | None = None
    reply_key: bytes | None = None
    reply_secret: bytes | None = None
    sending: uuid.UUID | None = None
    quarantined: bool = False


@dataclass
class Told:
    """What somebody told: texts by name (what, where, when, who, …) and photos as JPEG."""

    texts: Mapping[str, str]
    photos: Sequence[bytes] = field(default_factory=list)


def bucket(now: datetime) -> datetime:
    """The quarter of the (UTC) day: all of a time that is stored."""
    now = now.astimezone(UTC)
    return now.replace(hour=now.hour - now.hour % BUCKET_HOURS, minute=0, second=0, microsecond=0)


def seal_tip(
    told: Told,
    *,
    keys_of_readers: Iterable[tuple[uuid.UUID, bytes]],
    channel: str,
    language: str,
    now: datetime,
    receipt: receipts.Opened | None = None,
    sending: uuid.UUID | None = None,
    quarantined: bool = False,
) -> SealedTip:
    tip, case = uuid.uuid4(), keys.new_key()
    public = keys.public_bytes(case)
    messages = [seal_message(tip, public, 1, "tip", dict(told.texts))]
    for number, photo in enumerate(told.photos, start=2):
        messages.append(seal_message(tip, public, number, "photo", photo))
    copies = [(reader, copy_case_key(tip, case, to)) for reader, to in keys_of_readers]
    if not copies:
        raise ValueError("There is nobody to seal a tip to.")
    reply: dict[str, Any] = {}
    if receipt:
        reply_key = keys.new_key()
        secret = keys.wrap(receipt.secret, keys.private_bytes(reply_key), about=about_reply_key(tip))
        reply = {"receipt": receipt.stored, "reply_key": keys.public_bytes(reply_key), "reply_secret": secret}
    return SealedTip(
        tip,
        channel,
        language,
        bucket(now),
        public,
        copies,
        messages,
        sending=sending,
        quarantined=quarantined,
        **reply,
    )


def seal_message(
    tip: uuid.UUID, case_key: bytes, position: int, kind: str, content: dict[str, str] | bytes
) -> SealedMessage:
    """Texts as JSON, a photo as it is; either way padded. `position` 0 where the database counts."""
    message = uuid.uuid4()
    plain = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    return SealedMessage(message, position, kind, keys.seal(case_key, pad(plain), about=about_message(tip, message)))


def open_message(key: keys.PrivateKey, tip: uuid.UUID, message: uuid.UUID, sealed: keys.Stored) -> bytes:
    return unpad(keys.open_sealed(key, sealed, about=about_message(tip, message)))


def open_texts(key: keys.PrivateKey, tip: uuid.UUID, message: uuid.UUID, sealed: keys.Stored) -> dict[str, str]:
    return json.loads(open_message(key, tip, message, sealed))


def copy_case_key(tip: uuid.UUID, case: keys.PrivateKey, to: bytes) -> bytes:
    return keys.seal(to, keys.private_bytes(case), about=about_case_key(tip))


def open_case_key(tip: uuid.UUID, key: keys.PrivateKey, copy: keys.Stored) -> keys.PrivateKey:
    return keys.private_key(keys.open_sealed(key, copy, about=about_case_key(tip)))


def open_reply_key(tip: uuid.UUID, receipt: receipts.Opened, reply_secret: keys.Stored) -> keys.PrivateKey:
    return keys.private_key(keys.unwrap(receipt.secret, reply_secret, about=about_reply_key(tip)))


def about_case_key(tip: uuid.UUID) -> str:
    return f"tips: case key of {tip}"


def about_reply_key(tip: uuid.UUID) -> str:
    return f"tips: reply key of {tip}"


def about_message(tip: uuid.UUID, message: uuid.UUID) -> str:
    return f"tips: message {message} of {tip}"
