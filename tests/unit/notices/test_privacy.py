"""P1: squares that are the same for everybody in them, and hold enough addresses."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from notices.privacy import CELL_M, LARGEST, cells_of, first_house, key_words, squares_of

LEAST = 8
cell = st.tuples(st.integers(0, LARGEST - 1), st.integers(0, LARGEST - 1))
towns = st.dictionaries(cell, st.integers(0, 30), max_size=LARGEST**2)


@settings(deadline=None)  # the machine may be busy
@given(towns, st.sets(cell, min_size=1, max_size=5))
def test_every_square_holds_enough_addresses(counts, cells):
    for square in squares_of(cells, counts, LEAST):
        assert square.addresses(counts) >= LEAST


@settings(deadline=None)  # the machine may be busy
@given(towns, cell, st.integers(1, 30))
def test_square_is_the_same_for_every_address_in_it(counts, own, number):
    counts = {**counts, own: number}
    (square,) = squares_of({own}, counts, LEAST) or (None,)
    if square is not None:
        lived_in = [each for each in square.cells() if counts.get(each)]
        assert all(squares_of({each}, counts, LEAST) == {square} for each in lived_in)


@settings(deadline=None)  # the machine may be busy
@given(towns)
def test_squares_of_different_addresses_do_not_overlap(counts):
    """So nobody takes one square from another and is left with a few addresses."""
    seen = {square for each in counts if counts[each] for square in squares_of({each}, counts, LEAST)}
    covered = [each for square in seen for each in square.cells()]
    assert len(covered) == len(set(covered))


@settings(deadline=None)  # the machine may be busy
@given(st.floats(25, CELL_M - 25), st.floats(25, CELL_M - 25), cell)
def test_address_anywhere_in_a_cell_stands_for_that_cell(x, y, where):
    outline = shapely.Point(where[0] * CELL_M + x, where[1] * CELL_M + y).buffer(20)
    assert cells_of(outline) == {where}


@settings(deadline=None)  # the machine may be busy
@given(st.floats(1, CELL_M - 1), st.floats(1, CELL_M - 1))
def test_reach_of_an_address_over_the_edge_of_its_cell_tells_nothing(x, y):
    assert cells_of(shapely.Point(x, y).buffer(20)) == {(0, 0)}


def test_too_few_people_leave_no_area_at_all():
    assert squares_of({(0, 0), (LARGEST, 0)}, {(0, 0): 20, (LARGEST, 0): 7}, LEAST) == set()


def test_dense_cells_are_shown_small_and_sparse_ones_large():
    dense = {(column, row): 9 for column in range(LARGEST) for row in range(LARGEST)}
    assert {square.size for square in squares_of({(3, 3)}, dense, LEAST)} == {1}
    assert {square.size for square in squares_of({(3, 3)}, {**dense, (2, 2): 3}, LEAST)} == {2}
    assert {square.size for square in squares_of({(7, 7)}, {**dense, (2, 2): 3}, LEAST)} == {1}


def test_large_outline_stands_for_all_cells_that_it_covers():
    assert cells_of(shapely.box(0, 0, 2 * CELL_M, CELL_M)) == {(0, 0), (1, 0)}


HOUSES = {"1712": key_words("N 16TH ST") | key_words("BELMONT AVE"), "1300": key_words("S 21ST ST")}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Calls to 1712 16th Street, often", "1712 16th"),
        ("Calls to 1712 N. 16th St", "1712 N. 16th"),
        ("1712 north sixteenth street", "1712 north sixteenth"),
        ("1712 16 Street", "1712 16"),
        ("1712, Belmont Avenue", "1712, Belmont"),
        ("1712B Belmont", "1712B Belmont"),
        ("Belmont's 1712", "Belmont's 1712"),
        ("la calle Belmont 1712", "Belmont 1712"),
        ("la calle Belmont, número 1712", "Belmont, número 1712"),
        ("el 1712 de la calle Belmont", "1712 de la calle Belmont"),
        ("la calle 16 norte, 1712", "16 norte, 1712"),
        ("la calle N 16th 1712", "16th 1712"),
        ("1300 S Twenty-First St", "1300 S Twenty"),
        ("On the block, 1712 Belmont", "1712 Belmont"),
    ],
)
def test_number_and_street_of_a_house_are_found_in_any_order(text, named):
    assert first_house(text, HOUSES) == named


@pytest.mark.parametrize(
    "text",
    [
        "The 1700 block of N 16th St",
        "The 1712 block of N 16th St",
        "The 1300 to 1399 blocks of S 21st St",
        "La cuadra del 1712 de la calle N 16th",
        "N 16th Street and Belmont Avenue",
        "La calle Belmont y la calle 16",
        "1714 Belmont Avenue",
        "1712 Maple Avenue",
        "There were 1712 calls in the year before; people on the whole length of Belmont asked for help.",
    ],
)
def test_blocks_streets_and_other_houses_may_be_named(text):
    assert first_house(text, HOUSES) == ""


@pytest.mark.parametrize(
    ("street", "words"),
    [
        ("N 16TH ST", {"16TH"}),
        ("N MAIN ST", {"MAIN"}),
        ("NORTH ST", {"NORTH"}),
        ("PARK PL", {"PARK"}),
        ("E ST", {"E"}),
        ("AVENUE B", {"B"}),
        ("BROADWAY", {"BROADWAY"}),
    ],
)
def test_street_is_known_by_its_name_without_direction_and_suffix(street, words):
    assert key_words(street) == words
