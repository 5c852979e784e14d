"""Syllables counted by hand, and the letters that ship."""

import pytest

from notices import fields
from notices.readability import LEAST_EASE, MOST_GRADE, measure, syllables_en, syllables_es
from notices.reference import SHIPPED, read_letter

ENGLISH = """
more:1 police:2 time:1 officers:3 places:2 neighbor:2 dear:1 starts:1 review:2 courtesy:3 business:2
emergency:4 happening:3 address:2 online:2 progress:2 questions:2 website:2 property:3 manager:3 violation:4
parking:2 cameras:3 landlord:2 doorbell:2 serial:3 packages:3 vehicle:3 bicycle:3 interpreter:4 children:2
welcome:2 violated:4 authorization:5 residents:3 laundry:2 received:2 signature:3 invited:3 locked:1 wanted:2
fixed:1 moves:1 houses:2 watches:2 little:2 able:2 people:2 table:2 trouble:2 quiet:2 create:2 science:2
client:2 radio:3 area:3 idea:3 being:2 doing:2 actual:3 situation:4 special:2 nation:2 evaluate:4 meeting:2
apartment:3 safely:2 safety:2 agreement:3 sometimes:2 everyone:3 involved:2 believe:2 usually:4 community:4
neighborhood:3 voluntary:4 deadbolt:2 peephole:2 serious:3 previous:3 various:3 experience:4 patience:2
material:4 period:3 video:3 museum:3 family:3 different:3 library:3 interest:3 reading:2 created:3 theater:3
reality:4 cooperate:4 react:2 real:1 really:2 usual:3 gradual:3 fluid:2 suite:1 build:1 guide:1 guest:1
question:2 antique:2 league:1 eyes:1 goes:1 does:1 shoes:1 series:2 cities:2 studied:2 carries:2 easier:3
happiest:3 higher:2 lower:2 player:2 buyer:2 flier:2 diet:2 variety:4 society:4 anxiety:4 patient:2 ancient:2
efficient:3 hour:1 our:1 fire:1 whole:1 rule:1
"""
SPANISH = """
reunión:2 policía:4 ciudad:2 área:3 agentes:3 vehículos:4 línea:3 correo:3 electrónico:5 llame:2 guarde:2 aquí:2 queja:2
pingüino:3 ley:1 y:1 aún:2 leer:2 propietario:4 cuídense:3 construir:2 días:2 río:2 país:2 negocio:3 vecindario:4 usted:2
bienvenidos:4 buey:1 hay:1 ahora:3 oía:3 continúe:4 resultados:4 presencia:3
"""


def counted(words: str) -> list[tuple[str, int]]:
    return [(word, int(number)) for word, number in (pair.split(":") for pair in words.split())]


def examples(language: str) -> dict[str, str]:
    return {name: field.example[language] for name, field in fields.FIELDS.items()}


@pytest.mark.parametrize(("word", "number"), counted(ENGLISH))
def test_syllables_of_english(word: str, number: int) -> None:
    assert syllables_en(word) == number


@pytest.mark.parametrize(("word", "number"), counted(SPANISH))
def test_syllables_of_spanish(word: str, number: int) -> None:
    assert syllables_es(word) == number


def test_grade_of_a_known_sentence() -> None:
    """Six words of one syllable each: 0.39 × 6 + 11.8 − 15.59, as often published."""
    reading = measure("The cat sat on the mat.", "en")
    assert (reading.words, reading.sentences, reading.syllables) == (6, 1, 6)
    assert reading.grade == pytest.approx(-1.45)


def test_measure_leaves_out_what_is_no_sentence() -> None:
    text = "A heading\nCall (620) 555-0100 or a@example.org at 6:00 p.m. today.\n\nSgt. Pat Example"
    reading = measure(text, "en")
    assert (reading.words, reading.sentences) == (5, 1)


def test_measure_of_nothing() -> None:
    assert not measure("", "en").words
    assert measure("", "en").is_plain
    assert "Nothing" in str(measure("", "es"))


@pytest.mark.parametrize("language", fields.LANGUAGES)
@pytest.mark.parametrize("slug", SHIPPED)
def test_shipped_letter_reads_at_eighth_grade(slug: str, language: str) -> None:
    reading = measure(fields.plain(read_letter(slug, language)[1], examples(language)), language)
    assert reading.words > 100
    if language == "es":
        assert reading.ease >= LEAST_EASE
        assert reading.huerta >= 60
    else:
        assert reading.grade <= MOST_GRADE
