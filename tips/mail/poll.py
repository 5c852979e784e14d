"""From the mailbox to tips: never twice, never lost.

For each mail: fetch, clean, store, delete from the box, and once the server no longer lists it, forget the marker. `store`
writes the tip and the marker of its mail in one transaction, the marker's digest being unique. So after a crash
- before the commit, the mail is still in the box and without a marker: it is taken anew;
- after the commit, it has a marker: it is only deleted;
- after the deletion, there is a marker without a mail, which harms nobody: `Polled.left` tells which markers still have
  one, and all older ones may be forgotten.
Nothing about a mail is logged.

A mail is known by UIDVALIDITY, UID and bytes, so that two equal mails are two tips. Who moves the mailbox to a new server
(a new UIDVALIDITY) within a crash and the next poll gets a tip twice rather than not at all.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .box import MailGone, MailRefused
from .clean import MailTip, clean_mail

LEAST_KEY = 32  # bytes


class Box(Protocol):
    def waiting(self) -> list[tuple[int, int]]: ...
    def fetch(self, uid: int) -> bytes: ...
    def delete(self, uid: int) -> None: ...


class Markers(Protocol):
    def known(self, digest: str) -> bool: ...
    def forget(self, digest: str) -> None: ...


@dataclass
class Polled:
    stored: int = 0
    known: int = 0  # stored by an earlier poll that came no further
    failed: int = 0  # still in the box, to be tried again
    undeleted: int = 0  # stored, and the server keeps them
    left: frozenset[str] | None = None  # digests of what is in the box in the end; None if some could not be read


def poll(box: Box, *, store: Callable[[MailTip, str], None], seen: Markers, key: bytes) -> Polled:
    """One at a time: the caller holds a lock. MailboxAway goes through to it; what was stored until then is stored."""
    if len(key) < LEAST_KEY:
        raise ValueError("The key of the markers is too short.")
    polled = Polled()
    digests: dict[tuple[int, int], str] = {}
    done: set[tuple[int, int]] = set()
    for uid, uidvalidity in box.waiting():
        try:
            raw = box.fetch(uid)
        except MailGone:
            continue
        except MailRefused:
            polled.failed += 1
            continue
        digest = digests[uid, uidvalidity] = digest_of(raw, uid, uidvalidity, key=key)
        if _kept(raw, digest, polled, store=store, seen=seen):
            done.add((uid, uidvalidity))
            _delete(box, uid)
    _forget_gone(box, digests, done, polled, seen)
    return polled


def digest_of(raw: bytes, uid: int, uidvalidity: int, *, key: bytes) -> str:
    """Keyed, so that nobody who has the mail can find out that it became a tip."""
    return hmac.new(key, b"%d %d " % (uidvalidity, uid) + hashlib.sha256(raw).digest(), hashlib.sha256).hexdigest()


def _kept(raw: bytes, digest: str, polled: Polled, *, store: Callable[[MailTip, str], None], seen: Markers) -> bool:
    try:
        if seen.known(digest):
            polled.known += 1
        else:
            store(clean_mail(raw), digest)
            polled.stored += 1
    except Exception:  # whatever it is, it must hold up no other mail, and its text may quote this one
        polled.failed += 1
        return False
    return True


def _delete(box: Box, uid: int) -> None:
    try:
        box.delete(uid)
    except MailRefused:
        return  # _forget_gone finds it in the box


def _forget_gone(
    box: Box, digests: dict[tuple[int, int], str], done: set[tuple[int, int]], polled: Polled, seen: Markers
) -> None:
    """A server may say yes and keep the mail, so only what it no longer lists is gone."""
    still = set(box.waiting())
    for mail in sorted(done - still):
        seen.forget(digests[mail])
    polled.undeleted = len(done & still)
    if still <= digests.keys():
        polled.left = frozenset(digests[mail] for mail in still)
