import math
import re

import pytest

from tips.sealing import reward_codes as codes

SALT = b"salt of the town"


def test_numbers_are_drawn_by_chance_and_of_one_form():
    numbers = {codes.new_number() for _ in range(200)}
    assert len(numbers) == 200
    assert all(re.fullmatch(r"R-\d{4}-\d{4}", number) for number in numbers)


def test_second_code_has_at_least_39_bits_and_leading_noughts(monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(codes.secrets, "randbelow", lambda below: asked.append(below) or 42)
    assert codes.new_second_code() == "0000-0000-0042"
    assert math.log2(asked[0]) > 39


@pytest.mark.parametrize("typed", ["R-4821-7730", "48217730", " r 4821 7730 ", "r-48217730"])
def test_number_is_read_however_it_is_typed(typed: str):
    assert codes.read_number(typed) == "R-4821-7730"


@pytest.mark.parametrize("typed", ["", "R-4821-773", "R-4821-77301", "٤٨٢١٧٧٣٠"])
def test_what_cannot_be_a_number_is_none(typed: str):
    assert codes.read_number(typed) == ""


def test_second_code_fits_its_own_reward_and_salt_only():
    stored = codes.hash_second_code("R-4821-7730", "1111-2222-3333", SALT)
    assert codes.fits("R-4821-7730", "1111 2222 3333", SALT, stored)
    assert not codes.fits("R-4821-7730", "1111-2222-3334", SALT, stored)
    assert not codes.fits("R-4821-7731", "1111-2222-3333", SALT, stored)
    assert not codes.fits("R-4821-7730", "1111-2222-3333", b"salt of another.", stored)
    assert not codes.fits("R-4821-7730", "1111-2222-3333", SALT, None)


def test_hash_costs_memory_and_holds_no_digit_of_the_code():
    assert codes.MEMORY_KIB >= 64 * 1024
    assert b"2222" not in codes.hash_second_code("R-4821-7730", "1111-2222-3333", SALT)
