"""The way of a tip from the form into the database: sealed here, stored in one statement, and never said to be before it is.

The database may be away for a moment. What is stored carries an identifier of its own, so trying again stores it once.
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection

from tips.queries import intake as queries
from tips.sealing import receipts
from tips.sealing.tips import SealedTip, Told, bucket, seal_message, seal_tip

WAITS = (0.2, 0.5, 1, 2, 4)  # seconds; a database that is started again takes some
Result = TypeVar("Result")

log = logging.getLogger(__name__)


class Away(Exception):
    """The database cannot be reached, or nobody can read tips yet. Nothing was stored."""


def patiently(ask: Callable[..., Result], *arguments: Any) -> Result:
    for wait in (*WAITS, None):
        try:
            return ask(*arguments)
        except (DatabaseError, InterfaceError) as error:
            if not is_away(error):
                raise
            connection.close()
            if wait is None:
                log.error("The database is away: nothing was stored")
                raise Away from error
            time.sleep(wait)
    raise AssertionError


def is_away(error: Exception) -> bool:
    """A bare DatabaseError is what libpq says of a server that went in the middle of an answer."""
    return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError


def receive(told: Told, *, channel: str, language: str, sending: uuid.UUID | None = None, suspect: bool = False) -> str:
    """Store a tip; its receipt, once it is committed."""
    now = datetime.now(UTC)
    receipt = receipts.new_receipt(language)
    opened = receipts.open_receipt(receipts.read_receipt(receipt), salt())
    over = patiently(queries.count_in, now, settings.TIP_BUDGET_PER_MINUTE)
    readers = patiently(queries.readers)
    if not readers:
        log.error("There is no reviewer with a key: tips cannot be taken")
        raise Away
    tip = seal_tip(
        told,
        keys_of_readers=readers,
        channel=channel,
        language=language,
        now=now,
        receipt=opened,
        sending=sending,
        quarantined=over or suspect,
    )
    patiently(store_once, tip)
    return receipt


def store_once(tip: SealedTip) -> None:
    """An attempt whose answer got lost may have been committed: then the tip is there, and that is what was wanted."""
    try:
        queries.store(tip)
    except IntegrityError as error:
        if "tips_tip_pkey" not in str(error):
            raise


def add(tip: uuid.UUID, case_key: bytes, told: Told) -> str:
    """What comes later: words and photos, each once. "added", "gone" where the tip is, or "full"."""
    now = datetime.now(UTC)
    patiently(queries.count_in, now, settings.TIP_BUDGET_PER_MINUTE)
    parts = [seal_message(tip, case_key, 0, "addition", dict(told.texts))] if told.texts else []
    parts += [seal_message(tip, case_key, 0, "photo", photo) for photo in told.photos]
    return patiently(queries.add, tip, parts, bucket(now))


_salt: list[bytes] = []


def salt() -> bytes:
    """Of this installation; never changes."""
    if not _salt:
        _salt.append(patiently(queries.salt))
    return _salt[0]


class Remembered:
    """An answer of the database that may be some seconds old, and older while the database is away."""

    def __init__(self, ask: Callable[[], Any], seconds: float) -> None:
        self.ask, self.seconds = ask, seconds
        self.answer: Any = None
        self.until = 0.0

    def __call__(self) -> Any:
        if time.monotonic() >= self.until:
            try:
                self.answer = self.ask()
                self.until = time.monotonic() + self.seconds
            except (DatabaseError, InterfaceError):
                connection.close()
                self.until = time.monotonic() + 1
        return self.answer


agency = Remembered(queries.agency, 30)
proven_on = Remembered(queries.proven_on, 60)
