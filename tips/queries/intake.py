"""All that the intake process asks of the database, through its own role. No models: that process has none.

The staff's web and worker store tips that came by phone and mail with the same statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from tips.sealing.tips import SealedMessage, SealedTip

SQL = Path(__file__).resolve().parent.parent / "sql"


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


@cache
def _statement(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def store(tip: SealedTip) -> None:
    """One statement, and with it one commit."""
    row: dict[str, Any] = {
        "id": tip.id,
        "channel": tip.channel,
        "language": tip.language,
        "received_at": tip.received_at,
        "quarantined": tip.quarantined,
        "sending": tip.sending,
        "case_key": tip.case_key,
        "receipt": tip.receipt,
        "reply_key": tip.reply_key,
        "reply_secret": tip.reply_secret,
        "readers": [reader for reader, _ in tip.copies],
        "copies": [sealed for _, sealed in tip.copies],
        "messages": [message.id for message in tip.messages],
        "positions": [message.position for message in tip.messages],
        "kinds": [message.kind for message in tip.messages],
        "contents": [message.sealed for message in tip.messages],
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement("store_tip"), row)


def add(tip: UUID, messages: Sequence[SealedMessage], received_at: datetime) -> bool:
    """Whether the tip is still there. Each part once, however often it is tried."""
    added = [
        _rows("SELECT tips_add(%s, %s, %s, %s, %s)", tip, each.id, each.kind, each.sealed, received_at)[0][0]
        for each in messages
    ]
    return all(added)


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
