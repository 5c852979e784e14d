"""Receipts (A7): words that a person writes down, and reads back as people do."""

import math
import secrets

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tips.sealing import receipts
from tips.sealing.receipts import (
    LISTS,
    SECRET_BYTES,
    WORDS,
    NotAReceipt,
    new_receipt,
    open_receipt,
    plain,
    read_receipt,
)

SALT = bytes(16)
LIST = {language: receipts._words(language) for language in LISTS}


def worded(number: int, language: str) -> str:
    return " ".join(LIST[language][number >> 11 * at & 2047] for at in reversed(range(WORDS)))


def test_receipt_has_88_bits():
    assert {len(words) for words in LIST.values()} == {2048}
    assert WORDS * math.log2(2048) == 88 == SECRET_BYTES * 8


def test_words_are_drawn_by_the_systems_generator(monkeypatch):
    drawn = []

    def below(limit):
        drawn.append(limit)
        return 5 * len(drawn)

    monkeypatch.setattr(secrets, "randbelow", below)
    assert new_receipt("en").split() == [LIST["en"][5 * at] for at in range(1, WORDS + 1)]
    assert drawn == [2048] * WORDS


@pytest.mark.parametrize("language", LISTS)
def test_new_receipts_differ_and_are_of_the_language(language):
    made = {new_receipt(language) for _ in range(50)}
    assert len(made) == 50
    assert {word for each in made for word in each.split()} <= set(LIST[language])


def test_language_without_words_gets_english():
    assert set(new_receipt("vi").split()) <= set(LIST["en"])


@pytest.mark.parametrize("language", LISTS)
def test_four_letters_tell_a_word_from_all_others(language):
    assert len({plain(word) for word in LIST[language]}) == 2048


@given(st.integers(0, 2**88 - 1), st.sampled_from(sorted(LISTS)))
@example(0, "en")
@example(2**88 - 1, "es")
def test_reading_gives_what_the_words_say(number, language):
    typed = worded(number, language)
    if sum(receipts._fits([plain(word) for word in typed.split()], each) for each in LISTS) == 1:
        assert read_receipt(typed) == number.to_bytes(SECRET_BYTES, "big")


@pytest.mark.parametrize("language", LISTS)
@pytest.mark.parametrize(
    "write",
    [
        str.upper,
        str.title,
        lambda words: "  ".join(words.split()) + "\n",
        lambda words: words.replace(" ", "-"),
        lambda words: " ".join(word[:4] for word in words.split()),
        lambda words: "\n".join(f"{number}. {word}" for number, word in enumerate(words.split(), 1)),
        lambda words: ", ".join(words.split()),
    ],
    ids=["capitals", "title", "spaces", "hyphens", "short", "numbered", "commas"],
)
def test_receipt_may_be_typed_in_many_ways(language, write):
    receipt = new_receipt(language)
    assert read_receipt(write(receipt)) == read_receipt(receipt)


def test_accents_do_not_matter():
    with_accents = next(word for word in LIST["es"] if "á" in word)
    rest = [word for word in LIST["es"] if plain(word) not in receipts._places("en")][: WORDS - 1]
    receipt = " ".join([with_accents, *rest])
    assert (
        read_receipt(receipt)
        == read_receipt(receipt.replace("á", "a"))
        == read_receipt(receipt.replace("á", "a\u0301"))
    )


@pytest.mark.parametrize("language", LISTS)
def test_new_receipt_can_be_read_in_one_language_only(language):
    for _ in range(200):
        words = [plain(word) for word in new_receipt(language).split()]
        assert [other for other in LISTS if receipts._fits(words, other)] == [language]


def test_words_that_fit_both_languages_are_drawn_anew(monkeypatch):
    both = [at for at, word in enumerate(LIST["en"]) if plain(word) in receipts._places("es")]
    other = [at for at, word in enumerate(LIST["en"]) if plain(word) not in receipts._places("es")]
    assert len(both) >= WORDS, "the lists overlap, so this can happen"
    draws = iter([*both[:WORDS], *other[:WORDS]])
    monkeypatch.setattr(secrets, "randbelow", lambda limit: next(draws))
    assert new_receipt("en").split() == [LIST["en"][at] for at in other[:WORDS]]


def test_typo_after_the_fourth_letter_is_no_typo():
    receipt = "abandon ability able about above absent absorb abstract"
    assert read_receipt(receipt.replace("ability", "abilty").replace("abstract", "abstrakt")) == read_receipt(receipt)


@pytest.mark.parametrize(
    ("typed", "word", "like"),
    [
        ("abadnon ability able about above absent absorb abstract", "abadnon", "abandon"),
        ("abandon ability able about above absent absorb zebzra", "zebzra", "zebra"),
        ("ábaco abdomen abeja abierto abogado abono aborto arbazo", "arbazo", "abrazo"),
    ],
)
def test_word_in_the_way_is_told_with_what_may_be_meant(typed, word, like):
    with pytest.raises(NotAReceipt) as refused:
        read_receipt(typed)
    assert refused.value.word == word
    assert like in refused.value.like
    assert word not in str(refused.value), "errors end in logs"


@pytest.mark.parametrize("typed", ["", "abandon", "abandon " * 7, "abandon " * 9, "1 2 3 4 5 6 7 8"])
def test_too_few_or_too_many_words_are_no_receipt(typed):
    with pytest.raises(NotAReceipt) as refused:
        read_receipt(typed)
    assert refused.value.word == ""


def test_nothing_is_like_a_word_that_is_far_off():
    with pytest.raises(NotAReceipt) as refused:
        read_receipt("qqqq ability able about above absent absorb abstract")
    assert refused.value.like == ()


def test_opening_depends_on_words_and_installation():
    said = read_receipt(new_receipt("en"))
    opened = open_receipt(said, SALT)
    assert opened == open_receipt(said, SALT)
    assert (len(opened.stored), len(opened.secret)) == (32, 32)
    assert (
        len({opened.stored, opened.secret, open_receipt(said, b"1" * 16).stored, open_receipt(said, b"1" * 16).secret})
        == 4
    )
    other = open_receipt(bytes([said[0] ^ 1]) + said[1:], SALT)
    assert other.stored != opened.stored
    assert other.secret != opened.secret


def test_what_is_stored_costs_memory(monkeypatch):
    """The secret does not follow from the stored hash: both follow from a slow step that nobody stores."""
    asked = {}

    class Slow:
        def __init__(self, **options):
            asked.update(options)

        def derive(self, said):
            return bytes(32)

    monkeypatch.setattr(receipts, "Argon2id", Slow)
    first, second = open_receipt(b"a" * 11, SALT), open_receipt(b"b" * 11, SALT)
    assert asked["memory_cost"] >= 16 * 1024
    assert first.stored == second.stored
    assert first.secret != second.secret, "if Argon2id were broken, the words would still be needed"
