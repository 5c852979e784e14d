"""What a partner gets of a tip: a ZIP that people and programs read. Nothing of the receipt or the reply key is in it."""

import json
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from tips.languages import language_name
from tips.models import Message
from tips.reading import OpenedTip, Part

Kind = Message.Kind
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the archive tells no time of its own
TEXT_PARTS = (Kind.ADDITION, Kind.TRANSLATION, Kind.REPLY, Kind.NOTE)


def contents(opened: OpenedTip, parts: Sequence[str]) -> str:
    """What is sent, in kinds and numbers: for the log."""
    numbers = {kind: len(opened.of(kind)) for kind in TEXT_PARTS if kind in parts}
    if Kind.PHOTO in parts:
        numbers[Kind.PHOTO] = len(opened.photos)
    return ", ".join(["tip", *(f"{kind.value} {number}" for kind, number in numbers.items() if number)])


def make_zip(opened: OpenedTip, parts: Sequence[str], photos: Sequence[bytes], agency: str) -> bytes:
    chosen = [part for part in opened.parts if part.message.kind == Kind.TIP or part.message.kind in parts]
    facts = _facts(opened, agency)
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "tip.txt", _as_text(facts, chosen).encode())
        told = {**facts, "parts": [_as_data(part) for part in chosen]}
        _put(archive, "tip.json", json.dumps(told, ensure_ascii=False, indent=2).encode())
        for number, photo in enumerate(photos, start=1):
            _put(archive, f"photo-{number}.jpg", photo)
    return file.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, NO_TIME), content, zipfile.ZIP_DEFLATED)


def _facts(opened: OpenedTip, agency: str) -> dict[str, Any]:
    tip = opened.tip
    return {
        "agency": agency,
        "tip": tip.short,
        "came_by": str(tip.get_channel_display()),
        "language": language_name(tip.language),
        "received_from": tip.received_at.isoformat(),  # a quarter of a day begins
        "credibility": str(tip.get_credibility_display()),
        "place": tip.place.name if tip.place else "",
        "hot_spot": tip.hot_spot.name if tip.hot_spot else "",
        "basis": str(tip.get_basis_display()) if tip.about_person else "",
        "review_on": tip.review_on.isoformat() if tip.review_on else "",
    }


def _as_data(part: Part) -> dict[str, Any]:
    texts = {name: text for name, text in part.texts.items() if name != "of"}
    return {"kind": part.message.kind, "received_from": part.message.received_at.isoformat(), "texts": texts}


def _as_text(facts: dict[str, Any], parts: Sequence[Part]) -> str:
    """What was written is set in, so that nobody can write what looks like our headings and facts."""
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in facts.items() if value]
    for part in parts:
        lines += ["", f"== {part.message.get_kind_display()} =="]
        for name, text in part.texts.items():
            if name != "of":
                lines += [f"{name.replace('_', ' ')}:", *(f"    {line}" for line in text.splitlines()), ""]
    return "\n".join(lines) + "\n"
