import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tactics.analytics.hours import share_held, stretches, suggest_hours

WEIGHTS = st.lists(st.integers(0, 9), min_size=168, max_size=168).map(lambda counts: np.array(counts, dtype=float))


def test_suggestion_finds_the_planted_hours():
    weights = np.full(168, 0.1)
    weights[18:22] = 5  # Monday evening
    weights[166:168] = weights[0:1] = 4  # Sunday night into Monday
    assert suggest_hours(weights, 0.4) == [18, 19, 20, 21]
    assert suggest_hours(weights) == [18, 19, 20, 21, 166, 167]


@given(WEIGHTS, st.sampled_from([0.25, 0.5, 0.8]))
@settings(max_examples=100, deadline=None)
def test_suggestion_holds_the_share_in_few_hours_and_no_single_ones(weights, share):
    hours = suggest_hours(weights, share)
    if not weights.sum():
        assert hours == []
        return
    assert hours == sorted(set(hours))
    assert share_held(weights, hours) >= share - 1e-9
    assert all(stretch.length >= 2 for stretch in stretches(hours))
    fewest = int(np.searchsorted(np.cumsum(np.sort(weights)[::-1]), share * weights.sum() - 1e-9)) + 1
    assert len(hours) <= 2 * fewest + 8  # beside what no stretches at all would take


def test_single_hour_between_stretches_is_filled():
    weights = np.zeros(168)
    weights[[10, 11, 13, 14]] = 5
    assert suggest_hours(weights, 1.0) == [10, 11, 12, 13, 14]


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([], []),
        ([18, 19, 42], [(18, 2), (42, 1)]),
        ([167, 0, 1], [(167, 3)]),
        (range(168), [(0, 168)]),
        ([22, 23, 24, 25], [(22, 4)]),
    ],
)
def test_stretches_are_hours_in_a_row_around_the_week(hours, found):
    assert stretches(hours) == found


def test_share_of_nothing_is_unknown():
    assert np.isnan(share_held(np.zeros(168), [1]))
