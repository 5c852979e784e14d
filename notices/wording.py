"""The words that releases, posts and public projects begin with, in English and Spanish. People edit them afterwards.

They are written by hand in both languages, not translated word by word: two texts that stand on their own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.formats import number_format

from accounts.agency import current_agency
from notices.letters import in_words
from tactics.catalogue import CATALOGUE, Tactic

PROJECT = {
    "en": (
        "Police spend more time in this area, because more calls come from here than from most parts of the city. "
        "The aim is that everybody who lives, works or shops here is safer. "
        "Most people here have nothing to do with any of these calls."
    ),
    "es": (
        "La policía pasa más tiempo en esta zona porque de aquí llegan más llamadas que de la mayor parte de la ciudad. "
        "El objetivo es que todas las personas que viven, trabajan o compran aquí estén más seguras. "
        "La mayoría de las personas de esta zona no tienen nada que ver con esas llamadas."
    ),
}
HEADLINE = {
    "en": "Police spend more time around {area}",
    "es": "La policía pasa más tiempo en la zona de {area}",
}
LEAD = {
    "en": "{city} – Since {day}, {agency} spends more time around {area}, to make it safer.",
    "es": "{city} – Desde el {day}, {agency} pasa más tiempo en la zona de {area}, para que sea más segura.",
}
WHY = {
    "en": "More calls come from this area than from most parts of the city. Most people who live and work there "
    "have nothing to do with them.",
    "es": "De esta zona llegan más llamadas que de la mayor parte de la ciudad. La mayoría de las personas que viven "
    "y trabajan ahí no tienen nada que ver con ellas.",
}
TACTICS = {"en": "What people may see:", "es": "Lo que se podrá ver:"}
REPORT = {
    "en": "In an emergency, or when a crime is happening, call 911. For anything else, call {phone}.",
    "es": "En una emergencia, o si un delito está ocurriendo, llame al 911. Para todo lo demás, llame al {phone}.",
}
CONTACT = {"en": "Contact: {agency}, {contact}", "es": "Contacto: {agency}, {contact}"}
POST = {
    "en": "Officers are spending more time around {area}. You may see them more often. "
    "Emergency or crime in progress: 911. Anything else: {phone}.",
    "es": "Los agentes pasan más tiempo en la zona de {area}. Es posible que los vea con más frecuencia. "
    "Emergencia o delito en curso: 911. Para lo demás: {phone}.",
}
ALT = {
    "en": "Map of streets. A shaded area shows roughly where police spend more time: {area}.",
    "es": "Mapa de calles. Una zona sombreada muestra aproximadamente dónde la policía pasa más tiempo: {area}.",
}
FEWER = {"en": "fewer than {least}", "es": "menos de {least}"}
ABOUT = {"en": "about {number}", "es": "unos {number}"}
HERE = {
    "en": "In the area, {before} crimes were reported from {before_first} to {before_last}, and {since} from "
    "{since_first} to {since_last}.",
    "es": "En la zona se reportaron {before} delitos del {before_first} al {before_last}, y {since} del {since_first} "
    "al {since_last}.",
}
ELSEWHERE = {
    "en": "In the rest of the city it was {before} in the first of these times, and {since} in the second.",
    "es": "En el resto de la ciudad fueron {before} en el primero de estos periodos y {since} en el segundo.",
}
NO_PROOF = {
    "en": "This alone does not prove that the project caused it.",
    "es": "Esto por sí solo no prueba que el proyecto haya sido la causa.",
}


@dataclass(frozen=True)
class Facts:
    """What a release is written from."""

    area: Mapping[str, str]  # by language
    starts_on: date
    tactics: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "area": dict(self.area), "starts_on": self.starts_on.isoformat()}


def about_project(language: str) -> str:
    return PROJECT[language]


def release_texts(facts: Facts, language: str) -> dict[str, str]:
    """Headline, release, post and what the map shows, in one language."""
    agency = current_agency()
    words = {
        "area": facts.area[language],
        "agency": agency.name,
        "city": agency.city.upper(),
        "phone": agency.phone,
        "contact": " · ".join(each for each in (agency.phone, agency.email) if each),
        "day": in_words(facts.starts_on, language),
    }
    filled_in = [text[language].format(**words) for text in (LEAD, WHY, REPORT, CONTACT)]
    paragraphs = [*filled_in[:2], _tactics(facts.tactics, language), *filled_in[2:]]
    body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    filled = {"title": HEADLINE, "post": POST, "alt": ALT}
    return {"body": body, **{name: texts[language].format(**words) for name, texts in filled.items()}}


def figures_in_words(figures: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """The figures of a project as sentences; the caution is always the last of them."""
    if not figures:
        return ()
    days = {
        f"{window}_{edge}": in_words(date.fromisoformat(figures[window][edge]), language)
        for window in ("before", "since")
        for edge in ("first", "last")
    }
    here, rest = figures["here"], figures["elsewhere"]
    told = {window: _about(here[window], figures["least"], language) for window in ("before", "since")}
    about = {window: _about(rest[window], figures["least"], language) for window in ("before", "since")}
    return HERE[language].format(**days, **told), ELSEWHERE[language].format(**about), NO_PROOF[language]


def _tactics(tactics: tuple[str, ...], language: str) -> str:
    if not tactics:
        return ""
    with translation.override(language):
        lines = [f"- {CATALOGUE[Tactic(tactic)].words}" for tactic in tactics]
    return "\n".join([TACTICS[language], *lines])


def _about(number: int | None, least: int, language: str) -> str:
    if number is None:
        return FEWER[language].format(least=least)
    with translation.override(language):
        return ABOUT[language].format(number=number_format(number, force_grouping=True))
