import numpy as np
import pytest

from tactics.analytics.evenness import compare


def rng():
    return np.random.default_rng(1)


def test_difference_is_the_part_that_would_have_to_lie_elsewhere():
    found = compare([30, 10], [20, 20], rng())
    assert found.difference == pytest.approx(0.25)
    assert found.shares.tolist() == [0.75, 0.25]
    assert found.incident_shares.tolist() == [0.5, 0.5]


def test_difference_of_equal_patterns_is_none_and_of_disjoint_ones_is_whole():
    assert compare([10, 20, 30], [20, 40, 60], rng()).difference == pytest.approx(0)
    assert compare([10, 0], [0, 10], rng()).difference == pytest.approx(1)


def test_draws_from_one_pattern_are_beyond_chance_about_one_time_in_forty():
    """The range is the middle 95 %: 2.5 % of equal patterns lie above it."""
    draws, pattern = np.random.default_rng(7), np.array([5, 1, 1, 2, 3, 4, 6, 8]) / 30
    beyond = sum(
        compare(draws.multinomial(60, pattern), draws.multinomial(200, pattern), rng()).beyond_chance
        for _ in range(400)
    )
    assert beyond < 25


def test_stops_in_the_morning_of_incidents_at_night_are_beyond_chance():
    found = compare([0, 40, 5, 0], [50, 5, 10, 60], rng())
    assert found.beyond_chance
    low, high = found.band[1]
    assert high < found.shares[1]
    assert 0 <= low <= found.incident_shares[1] <= high


def test_few_stops_say_nothing_however_they_lie():
    found = compare([0, 6], [100, 0], rng())
    assert not found.is_enough
    assert not found.beyond_chance


@pytest.mark.parametrize(("actions", "incidents"), [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([], [])])
def test_nothing_of_one_of_them_gives_no_comparison(actions, incidents):
    assert compare(actions, incidents, rng()) is None


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        compare([1, 2], [1, 2, 3], rng())
