"""All that the intake process asks of the database, through its own role. No models: that process has none.

The staff's web and worker store tips that came by phone and mail with the same statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tips.sealing.tips import SealedMessage, SealedTip


@dataclass(frozen=True)
class Agency:
    name: str
    city: str
    state: str
    phone: str
    tip_phone: str
    tip_email: str
    languages: list[str]


@dataclass(frozen=True)
class OpenedTip:
    tip: UUID
    case_key: bytes
    reply_secret: bytes
    status: str
    language: str


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def store(tip: SealedTip) -> None:
    """One statement, and with it one commit."""
    _rows(
        "SELECT tips_store(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[], %s::bytea[], %s::uuid[], %s, %s::bytea[])",
        tip.id,
        tip.channel,
        tip.language,
        tip.received_at,
        tip.quarantined,
        tip.sending,
        tip.case_key,
        tip.receipt,
        tip.reply_key,
        tip.reply_secret,
        [reader for reader, _ in tip.copies],
        [sealed for _, sealed in tip.copies],
        [message.id for message in tip.messages],
        [message.kind for message in tip.messages],
        [message.sealed for message in tip.messages],
    )


def add(tip: UUID, messages: Sequence[SealedMessage], received_at: datetime) -> str:
    """What became of the last part: "added", "gone" or "full". Each part once, however often it is tried."""
    result = "gone"
    for each in messages:
        statement = "SELECT tips_add(%s, %s, %s, %s, %s)"
        ((result,),) = _rows(statement, tip, each.id, each.kind, each.sealed, received_at)
    return result


def readers() -> list[tuple[UUID, bytes]]:
    return [(reader, bytes(public)) for reader, public in _rows("SELECT id, public FROM tips_reader ORDER BY id")]


def agency() -> Agency | None:
    columns = "name, city, state, phone, tip_phone, tip_email, languages"
    rows = _rows(f"SELECT {columns} FROM tips_agency")  # noqa: S608
    return Agency(*rows[0]) if rows else None


def proven_on() -> date | None:
    return _rows("SELECT passed_on FROM tips_proof")[0][0]


def salt() -> bytes:
    return bytes(_rows("SELECT salt FROM tips_salt")[0][0])


def count_in(now: datetime, budget: int) -> bool:
    """Count a tip; whether the budget of the minute is spent, so that it waits apart.

    Whether the minute is an odd one is all that is kept of it. Tips that are rarer than one a minute are soon followed by
    one of the other kind, which begins anew."""
    minute = int(now.timestamp()) // 60 % 2
    return bool(_rows("SELECT tips_count_in(%s::smallint, %s)", minute, budget)[0][0])


def opened(stored: bytes) -> OpenedTip | None:
    rows = _rows("SELECT tip, case_key, reply_secret, status, language FROM tips_opened(%s)", stored)
    if not rows:
        return None
    tip, case_key, reply_secret, status, language = rows[0]
    return OpenedTip(tip, bytes(case_key), bytes(reply_secret), status, language)


def answers(stored: bytes) -> list[tuple[UUID, bytes]]:
    rows = _rows("SELECT message, sealed FROM tips_answers(%s)", stored)
    return [(message, bytes(sealed)) for message, sealed in rows]
