"""P1: squares that are the same for everybody in them, and hold enough addresses."""

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from notices.privacy import CELL_M, LARGEST, cells_of, squares_of

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
