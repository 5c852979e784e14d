"""What a letter says: the values of its fields, and its text in a language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from accounts.agency import current_agency
from accounts.models import AgencyProfile
from hotspots.models import HotSpot, Place
from notices import fields
from notices.fields import FIELDS, LANGUAGES, Field, FieldError, Filler
from notices.models import TemplateVersion
from tactics.catalogue import CATALOGUE, Tactic
from tactics.models import Plan

DATE_FORMATS = {"en": "F j, Y", "es": r"j \d\e F \d\e Y"}
YOUR_PROPERTY = FIELDS["property"].example


@dataclass(frozen=True)
class Body:
    """A letter in one language. The map is to be put where `fields.MAP` stands in `html`."""

    language: str
    subject: str
    html: str


def body(version: TemplateVersion, language: str, values: Mapping[str, str]) -> Body:
    """Raises fields.UnknownField or fields.EmptyField where the letter cannot be printed."""
    subject, markdown = words(version, language)
    return Body(language, fields.plain(subject, values), fields.render(markdown, values))


def body_text(version: TemplateVersion, language: str, values: Mapping[str, str]) -> str:
    """The letter without marks, as an e-mail has it beside the HTML."""
    return fields.plain(words(version, language)[1], values)


def words(version: TemplateVersion, language: str) -> tuple[str, str]:
    """Subject and text of a version, as written."""
    if language == "es":
        return version.subject_es, version.body_es
    return version.subject_en, version.body_en


def values_for(
    *,
    hot_spot: HotSpot | None,
    place: Place | None,
    dated: date,
    fields: Mapping[str, Mapping[str, str]],
    language: str,
) -> dict[str, str]:
    """What stands in each field. `fields` is what the clerk wrote, by language; it wins over the plan, not over the agency.

    `place` is what the letter is about: a complex. A field for which there is nothing is empty."""
    with translation.override(language):
        values = _of_agency(current_agency())
        values |= {"date": in_words(dated, language), "property": place.name if place else YOUR_PROPERTY[language]}
        values |= _of_plan(hot_spot, language)
    for name, field in FIELDS.items():
        if field.filler in (Filler.PLAN, Filler.CLERK):
            values[name] = _written(field, fields, language) or values.get(name, "") or values.get(field.fallback, "")
    return values


def clerk_fields(version: TemplateVersion, hot_spot: HotSpot | None = None) -> list[Field]:
    """What the clerk is to fill in for a batch, in the order of the letter; what the plan would say, where there is none."""
    asked = {Filler.CLERK} if hot_spot and _open_plan(hot_spot) else {Filler.CLERK, Filler.PLAN}
    return [FIELDS[name] for name in needed(version) if name in FIELDS and FIELDS[name].filler in asked]


def needed(version: TemplateVersion) -> dict[str, bool]:
    """The fields of a version in the order of the letter, to whether it cannot be printed without it."""
    found: dict[str, bool] = {}
    for language in LANGUAGES:
        for name, is_needed in fields.used("\n\n".join(words(version, language))).items():
            found[name] = found.get(name, False) or is_needed
    return found


def missing(version: TemplateVersion, values: Mapping[str, str], language: str) -> list[FieldError]:
    """Every reason why the letter cannot be printed in a language with these values."""
    return fields.problems("\n\n".join(words(version, language)), values)


def in_words(day: date, language: str) -> str:
    with translation.override(language):
        return date_format(day, DATE_FORMATS[language])


def example_values(language: str) -> dict[str, str]:
    """Of made-up people, with the agency's own lines where it has them."""
    examples = {name: field.example[language] for name, field in FIELDS.items()}
    return examples | {name: value for name, value in _of_agency(current_agency()).items() if value}


def _written(field: Field, written: Mapping[str, Mapping[str, str]], language: str) -> str:
    own = written.get(language, {}).get(field.name, "").strip()
    if own or field.is_per_language:
        return own
    return next((found for other in written.values() if (found := other.get(field.name, "").strip())), "")


def _of_agency(agency: AgencyProfile) -> dict[str, str]:
    state_and_zip = f"{agency.state} {agency.zip_code}".strip()
    return {
        "agency": agency.name,
        "city": agency.city,
        "agency_phone": agency.phone,
        "agency_email": agency.email,
        "agency_address": f"{agency.street}, {agency.city}, {state_and_zip}" if agency.street else "",
        "website": _bare(agency.website),
        "tip_phone": agency.tip_phone,
        "tip_email": agency.tip_email,
        "tip_form": _bare(settings.TIP_FORM_URL),
    }


def _bare(address: str) -> str:
    """As people type it."""
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")


def _of_plan(hot_spot: HotSpot | None, language: str) -> dict[str, str]:
    plan = _open_plan(hot_spot) if hot_spot else None
    if plan is None:
        return {}
    tactics = (Tactic(row.tactic) for row in plan.tactics.all())
    return {
        "start_date": in_words(plan.starts_on, language),
        "review_date": in_words(plan.review_on, language),
        "tactics": "\n".join(str(CATALOGUE[tactic].words) for tactic in tactics),
    }


def _open_plan(hot_spot: HotSpot) -> Plan | None:
    return hot_spot.plans.open().prefetch_related("tactics").first()
