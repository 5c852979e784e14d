"""Opening what is sealed, for one request, with a reviewer's unlocked key."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tips.models import KeyCopy, Message, Tip
from tips.sealing import keys
from tips.sealing.tips import open_case_key, open_message, open_texts
from tips.unlocking import Unlocked

FIELDS: dict[str, str | Promise] = {
    "what": _("What is going on"),
    "where": _("Where"),
    "when": _("When"),
    "who": _("Who, or what car"),
    "point_name": _("Point on the map"),
}
UNSAID = {"point"}  # shown as a link to the map
Kind = Message.Kind

log = logging.getLogger(__name__)


@dataclass
class Part:
    """A message of a tip, opened; `broken` where it does not open."""

    message: Message
    texts: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False
    translations: list["Part"] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.texts.get("text", "")

    @property
    def told(self) -> Iterator[tuple[str | Promise, str]]:
        """Each text under its question, in the order of the form; what nobody knows comes last, under its own name."""
        for name in [*FIELDS, *(set(self.texts) - set(FIELDS) - UNSAID)]:
            if self.texts.get(name):
                yield FIELDS.get(name, "" if name == "text" else name), self.texts[name]


@dataclass
class OpenedTip:
    tip: Tip
    parts: list[Part]
    photos: list[Message]

    def of(self, *kinds: str) -> list[Part]:
        return [part for part in self.parts if part.message.kind in kinds]

    @property
    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude of what was tapped on the form's map."""
        told = next((part.texts.get("point", "") for part in self.of(Kind.TIP)), "")
        try:
            latitude, longitude = (float(number) for number in told.split(","))
        except ValueError:
            return None
        return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def case_key(tip: Tip, unlocked: Unlocked) -> keys.PrivateKey | None:
    """None: this key was never let in to this tip."""
    copy = KeyCopy.objects.filter(tip=tip, reader=unlocked.reader).first()
    if copy is None:
        return None
    try:
        return open_case_key(tip.pk, unlocked.key, copy.sealed)
    except keys.CannotOpen:
        log.error("A copy of a case key does not open with the key that it was made for")
        return None


def open_tip(tip: Tip, unlocked: Unlocked) -> OpenedTip | None:
    key = case_key(tip, unlocked)
    if key is None:
        return None
    messages = tip.messages.defer("sealed_for_tipster").select_related("by")
    parts = [open_part(key, message) for message in messages.exclude(kind=Kind.PHOTO)]
    by_message = {str(part.message.pk): part for part in parts}
    for part in parts:
        if part.message.kind == Kind.TRANSLATION and (original := by_message.get(part.texts.get("of", ""))):
            original.translations.append(part)
    return OpenedTip(tip, parts, list(messages.filter(kind=Kind.PHOTO).defer("sealed", "sealed_for_tipster")))


def open_part(key: keys.PrivateKey, message: Message) -> Part:
    try:
        return Part(message, open_texts(key, message.tip_id, message.pk, message.sealed))
    except (keys.CannotOpen, ValueError):
        return Part(message, broken=True)


def open_photo(tip: Tip, message: Message, unlocked: Unlocked) -> bytes | None:
    key = case_key(tip, unlocked)
    try:
        return open_message(key, tip.pk, message.pk, message.sealed) if key else None
    except keys.CannotOpen:
        return None
