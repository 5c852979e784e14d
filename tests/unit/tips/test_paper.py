"""The recovery key on paper: whoever mistypes it is told where."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.sealing.paper import ALPHABET, Mistyped, read_key, write_key

KEY = bytes(range(7, 39))


def where(typed):
    with pytest.raises(Mistyped) as refused:
        read_key(typed)
    return refused.value.groups


@given(st.binary(min_size=32, max_size=32))
def test_writing_and_reading_is_a_round_trip(key):
    assert read_key(write_key(key)) == key


def test_paper_has_sixteen_groups_and_two_checks_without_lookalikes():
    written = write_key(KEY)
    assert [len(group) for group in written.split()] == [4] * 18
    assert [len(line.split()) for line in written.splitlines()] == [6, 6, 6]
    assert len(ALPHABET) == 32
    assert not set(ALPHABET) & set("ILOU")


def test_it_may_be_typed_in_small_letters_with_lookalikes_and_hyphens():
    written = write_key(bytes(32))
    for typed in (
        written.lower(),
        written.replace("0", "O").replace("1", "l"),
        written.replace("0", "o").replace("1", "I"),
        written.replace("\n", " ").replace(" ", "-"),
        written.replace(" ", "").replace("\n", ""),
    ):
        assert read_key(typed) == bytes(32)


def test_mistyped_group_is_named():
    groups = write_key(KEY).split()
    named = []
    for at in range(18):
        wrong = [*groups]
        wrong[at] = "U" + wrong[at][1:]  # a letter that is in no key
        named.append(where(" ".join(wrong)))
    assert named == [(at + 1,) for at in range(18)]


def test_every_single_wrong_character_is_noticed_and_most_are_placed():
    groups, placed, tried = write_key(KEY).split(), 0, 0
    for at in range(16):
        for place in range(4):
            for letter in set(ALPHABET) - {groups[at][place]}:
                wrong = [*groups]
                wrong[at] = wrong[at][:place] + letter + wrong[at][place + 1 :]
                named = where(" ".join(wrong))
                assert named in ((at + 1,), ())
                placed += bool(named)
                tried += 1
    assert placed / tried > 0.9


def test_groups_that_changed_places_are_named():
    groups = write_key(KEY).split()
    groups[2], groups[9] = groups[9], groups[2]
    assert set(where(" ".join(groups))) <= {3, 10}


@pytest.mark.parametrize(
    ("typed", "found"), [("", 0), ("0000", 1), (write_key(KEY)[:-1], 18), (write_key(KEY) + " 0000", 19)]
)
def test_wrong_length_is_told(typed, found):
    with pytest.raises(Mistyped) as refused:
        read_key(typed)
    assert (refused.value.groups, refused.value.found) == ((), found)


def test_what_was_typed_is_in_no_error():
    with pytest.raises(Mistyped) as refused:
        read_key(" ".join(secrets.token_hex(2) for _ in range(18)))
    assert str(refused.value) == "mistyped"
