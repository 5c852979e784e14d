"""What the letters that ship say, and what they never say."""

import re

import pytest

from notices import fields
from notices.reference import SHIPPED, read_letter

ALARMING = {
    "en": "criminal suspect gang raid crackdown dangerous offender thug perpetrator violent war threat fear blight slum felon",
    "es": "criminal sospechos pandilla redada peligros delincuente malhechor violent guerra amenaza miedo ladr maleante",
}  # fmt: skip
BOTH = [(slug, language) for slug in SHIPPED for language in fields.LANGUAGES]


@pytest.mark.parametrize(("slug", "language"), BOTH)
def test_shipped_letter_neither_accuses_nor_alarms(slug: str, language: str) -> None:
    text = " ".join(read_letter(slug, language)).lower()
    found = [word for word in ALARMING[language].split() if re.search(rf"\b{word}", text)]
    assert not found


@pytest.mark.parametrize("slug", SHIPPED)
def test_shipped_letter_has_the_same_fields_and_parts_in_both_languages(slug: str) -> None:
    english, spanish = (read_letter(slug, language) for language in fields.LANGUAGES)
    assert fields.used("\n\n".join(english)) == fields.used("\n\n".join(spanish))
    for mark in ("## ", "- ", "**"):
        assert english[1].count(mark) == spanish[1].count(mark)


@pytest.mark.parametrize(("slug", "language"), BOTH)
def test_shipped_letter_knows_its_fields(slug: str, language: str) -> None:
    assert not fields.unknown("\n\n".join(read_letter(slug, language)))


@pytest.mark.parametrize(("slug", "language"), BOTH)
def test_shipped_letter_names_911_before_every_other_line(slug: str, language: str) -> None:
    text = read_letter(slug, language)[1]
    assert 0 <= text.find("911") < text.find("{agency_phone}")
    tips = [at for at in (text.find("{tip_phone}"), text.find("{tip_email}")) if at >= 0]
    assert all(text.find("{agency_phone}") < at for at in tips)


@pytest.mark.parametrize(("slug", "language"), BOTH)
def test_shipped_letter_can_leave_out_what_the_agency_lacks(slug: str, language: str) -> None:
    values = {name: field.example[language] for name, field in fields.FIELDS.items()}
    for name in ("tip_phone", "tip_email", "tip_form", "website", "agency_address", "contact_email"):
        values[name] = ""
    assert not fields.problems("\n\n".join(read_letter(slug, language)), values)
