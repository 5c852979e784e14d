"""Search over what a reviewer can open: tips are decrypted one by one, compared and forgotten; nothing is indexed."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from tips.models import KeyCopy, Message, Tip
from tips.sealing import keys
from tips.sealing.tips import open_case_key, open_texts
from tips.unlocking import Unlocked

MOST = 5_000
AT_ONCE = 50
SHOWN = 100


@dataclass
class Found:
    """The tips that fit, how many were read for it and how many could not be; `is_whole`: there were no more."""

    tips: list[UUID] = field(default_factory=list)
    fitting: int = 0
    searched: int = 0
    unopened: int = 0
    is_whole: bool = True


def folded(text: str) -> str:
    """Small letters without accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def search(tips: QuerySet[Tip], unlocked: Unlocked, words: str) -> Found:
    """The newest first, `MOST` at most. All words must be there, anywhere in what belongs to a tip."""
    wanted = folded(words).split()
    pks = list(tips.order_by("-received_at", "id").values_list("pk", flat=True)[: MOST + 1])
    found = Found(is_whole=len(pks) <= MOST)
    pks = pks[:MOST]
    for start in range(0, len(pks), AT_ONCE):
        for pk, text in _read(pks[start : start + AT_ONCE], unlocked):
            if text is None:
                found.unopened += 1
                continue
            found.searched += 1
            if all(word in text for word in wanted):
                found.fitting += 1
                found.tips = [*found.tips, pk][:SHOWN]
    return found


def _read(pks: list[UUID], unlocked: Unlocked) -> Iterator[tuple[UUID, str | None]]:
    """All texts of each tip, folded; None where the key does not open it."""
    copies = dict(KeyCopy.objects.filter(reader=unlocked.reader, tip__in=pks).values_list("tip_id", "sealed"))
    parts: dict[UUID, list[tuple[UUID, bytes]]] = {}
    sealed = Message.objects.filter(tip__in=copies).exclude(kind=Message.Kind.PHOTO).order_by()
    for tip, message, content in sealed.values_list("tip_id", "pk", "sealed"):
        parts.setdefault(tip, []).append((message, bytes(content)))
    for pk in pks:
        copy = copies.get(pk)
        yield pk, _text(pk, unlocked, bytes(copy) if copy else None, parts.get(pk, []))


def _text(pk: UUID, unlocked: Unlocked, copy: bytes | None, parts: list[tuple[UUID, bytes]]) -> str | None:
    if copy is None:
        return None
    try:
        case = open_case_key(pk, unlocked.key, copy)
        texts = [open_texts(case, pk, message, content) for message, content in parts]
    except (keys.CannotOpen, ValueError):
        return None
    return folded("\n".join(text for told in texts for name, text in told.items() if name not in ("point", "of")))
