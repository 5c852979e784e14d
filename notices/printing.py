"""A batch as it is printed: out of its rows alone once it was submitted, so that it prints the same again years later."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from accounts.agency import current_agency
from notices.letters import Body, body, values_for
from notices.models import Batch, Letter
from notices.press import Addressee, Head, head_of, print_letters

HEAD = "head"  # beside the languages in Batch.facts


@dataclass(frozen=True)
class Setting:
    """Everything that the letters of a batch have in common."""

    code: str
    version: int
    head: Head
    bodies: Mapping[str, Body]
    dated: date
    map_svg: str

    def digest(self, addressee: Addressee, delivery: str, email: str) -> str:
        """SHA-256 of all that one letter says and where it goes, as canonical JSON."""
        return digest_of(
            {
                "code": self.code,
                "number": addressee.number,
                "lines": list(addressee.lines),
                "about": addressee.about,
                "language": addressee.language,
                "delivery": delivery,
                "email": email,
                "dated": self.dated.isoformat(),
                "version": self.version,
                "head": asdict(self.head),
                "bodies": [asdict(self.bodies[language]) for language in languages_of(addressee.language)],
                "map": hashlib.sha256(self.map_svg.encode()).hexdigest(),
            }
        )

    def print(self, addressees: Sequence[Addressee], progress: Callable[[int], None] | None = None) -> bytes:
        return print_letters(
            head=self.head,
            bodies=self.bodies,
            addressees=addressees,
            code=self.code,
            dated=self.dated,
            map_svg=self.map_svg,
            progress=progress,
        )


def languages_of(language: str) -> tuple[str, ...]:
    """Of a letter or of a batch; that of owners may be any."""
    return (language,) if language in ("en", "es") else ("en", "es")


def digest_of(said: Mapping[str, Any]) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def values_of(batch: Batch, language: str) -> dict[str, str]:
    """What stands in the fields of a draft today."""
    return values_for(
        hot_spot=batch.hot_spot, place=batch.around, dated=batch.dated, fields=batch.fields, language=language
    )


def facts_of(batch: Batch) -> dict[str, dict[str, str]]:
    """What is frozen at submission: the values of the fields by language, and the head of the letter."""
    facts = {language: values_of(batch, language) for language in languages_of(batch.language)}
    return {**facts, HEAD: asdict(head_of(current_agency()))}


def setting_of(batch: Batch) -> Setting:
    """Of a batch with its facts. Raises fields.FieldError where a letter cannot be printed."""
    bodies = {
        language: body(batch.version, language, batch.facts[language]) for language in languages_of(batch.language)
    }
    return Setting(
        code=batch.code,
        version=batch.version_id,
        head=Head(**batch.facts[HEAD]),
        bodies=bodies,
        dated=batch.dated,
        map_svg=batch.map_svg,
    )


def draft_setting(batch: Batch) -> Setting:
    """As the letters would be printed if the draft were submitted now; nothing is kept."""
    from notices.maps import batch_map_svg  # draws with matplotlib

    shown = Batch.objects.select_related("version", "hot_spot", "around").get(pk=batch.pk)
    shown.facts = facts_of(shown)
    shown.map_svg = batch_map_svg(shown) if shown.with_map else ""
    return setting_of(shown)


def addressee_of(letter: Letter) -> Addressee:
    return Addressee(letter.number, tuple(letter.lines), letter.about, letter.language)


def on_paper(letters: Iterable[Letter]) -> list[Letter]:
    """Those that are printed: what goes by mail, or all of them for the file where all go by e-mail."""
    every = list(letters)
    return [letter for letter in every if letter.delivery == Letter.Delivery.MAIL] or every
