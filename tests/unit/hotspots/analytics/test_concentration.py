import time
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.analytics.concentration import (
    chance_baseline,
    chance_baselines,
    generalised_gini,
    gini,
    location_quotient,
    share_curve,
    smallest_share,
    thin_curve,
    unbiased_gini,
)

counts = st.lists(st.integers(0, 40), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("head", "g", "generalised", "unbiased"),
    [
        ([10, 8, 2], 0.78, 0.78, None),  # Bernasco & Steenbeek (2017)
        ([5, 2, 1], 0.80, 0.75, 0.857143),
        ([3, 1, 1], 0.78, 0.56, 0.70),
        ([1, 1, 1, 1, 1], 0.5, 0.0, 0.0),
    ],
)
def test_gini_matches_published(head, g, generalised, unbiased):
    x = head + [0] * (10 - len(head))
    assert gini(x) == pytest.approx(g)
    assert generalised_gini(x) == pytest.approx(generalised)
    if unbiased is not None:
        assert unbiased_gini(x) == pytest.approx(unbiased, abs=1e-6)


def test_gini_without_incidents_is_undefined():
    for measure in (gini, generalised_gini, unbiased_gini):
        assert np.isnan(measure([0, 0, 0]))
        assert np.isnan(measure([]))


def test_unbiased_gini_of_one_incident_is_undefined():
    assert np.isnan(unbiased_gini([1, 0, 0]))


def test_unbiased_gini_is_1_when_all_lie_on_one_place():
    assert unbiased_gini([7, 0, 0, 0]) == pytest.approx(1)
    assert unbiased_gini([3, 0, 0, 0, 0]) == pytest.approx(1)


@given(counts)
def test_gini_is_the_mean_difference_between_places(x):
    values = np.array(x)
    if not values.sum():
        return
    differences = sum(abs(a - b) for a in x for b in x)
    assert gini(x) == pytest.approx(differences / (2 * len(x) * sum(x)), abs=1e-12)


def test_generalised_gini_of_harm_counts_incidents_not_their_weight():
    harm = [120.0, 3.0, 0.5, 0, 0, 0, 0, 0, 0, 0]
    assert generalised_gini(harm, incidents=3) == pytest.approx(10 / 3 * (gini(harm) - 1) + 1)
    assert generalised_gini(harm) == gini(harm)


def test_counts_below_zero_are_refused():
    with pytest.raises(ValueError, match="negative"):
        gini([1, -1])


def brute_smallest_share(x, portion):
    for k in range(1, len(x) + 1):
        if sum(sorted(x, reverse=True)[:k]) >= Fraction(str(portion)) * sum(x):
            return k / len(x)
    raise AssertionError


@given(counts, st.sampled_from([0.25, 0.5, 0.8, 0.1, 0.95, 1.0]))
def test_smallest_share_is_the_fewest_places_that_hold_the_portion(x, portion):
    if not sum(x):
        assert np.isnan(smallest_share(x, portion))
    else:
        assert smallest_share(x, portion) == brute_smallest_share(x, portion)


@pytest.mark.parametrize("n", [5, 10, 35, 55, 95, 1005])
def test_smallest_share_of_equal_places_is_exact(n):
    assert smallest_share([1] * n, 0.8) == n * 8 // 10 / n


def test_smallest_share_of_harm_forgives_rounding():
    assert smallest_share([0.1] * 10, 0.8) == 0.8


@given(counts)
def test_share_curve_holds_what_the_top_places_hold(x):
    places, incidents = share_curve(x)
    assert places.size == len(x) + 1
    if not sum(x):
        assert np.isnan(incidents).all()
        return
    top = sorted(x, reverse=True)
    assert incidents == pytest.approx([sum(top[:k]) / sum(x) for k in range(len(x) + 1)])
    assert (np.diff(incidents, 2) <= 1e-12).all()  # it never bends upwards


def test_thin_curve_keeps_true_points_and_the_head():
    x = np.random.default_rng(3).poisson(np.random.default_rng(4).lognormal(0, 1.5, 23_435))
    places, incidents = share_curve(x)
    thin_places, thin_incidents = thin_curve(places, incidents)
    assert thin_places.size <= 101
    assert set(zip(thin_places, thin_incidents, strict=True)) <= set(zip(places, incidents, strict=True))
    assert (thin_places[0], thin_places[-1]) == (0, 1)
    head = places <= 0.06
    assert np.abs(np.interp(places[head], thin_places, thin_incidents) - incidents[head]).max() < 0.005
    assert np.abs(np.interp(places, thin_places, thin_incidents) - incidents).max() < 0.01


def test_thin_curve_leaves_a_short_curve_whole():
    curve = share_curve(range(100))
    assert np.array_equal(thin_curve(*curve), curve)


def test_location_quotient_compares_with_the_whole():
    assert location_quotient([30, 10], [100, 100]) == pytest.approx([1.5, 0.5])
    assert location_quotient([30], [100], total=40, total_size=200) == pytest.approx([1.5])


def test_location_quotient_without_size_or_incidents_is_undefined():
    assert np.isnan(location_quotient([3, 1], [0, 10])[0])
    assert np.isnan(location_quotient([0, 0], [5, 5])).all()


def test_chance_baseline_matches_computed():
    """300 incidents on 1,000 equal places: half of them in 10.9 % of places, G = .772, G' = .238."""
    chance = chance_baseline(300, 1000, np.random.default_rng(1), draws=999)
    assert chance.shares[0.5].median == pytest.approx(0.109, abs=0.002)
    assert chance.gini.median == pytest.approx(0.772, abs=0.002)
    assert chance.generalised_gini.median == pytest.approx(0.238, abs=0.006)
    assert chance.gini.low < chance.gini.median < chance.gini.high


def brute_baseline(weights, likelihood, rng, draws):
    """Throw one by one and measure each throw with the plain measures."""
    thrown = []
    for _ in range(draws):
        x = np.zeros(len(likelihood))
        np.add.at(x, rng.choice(len(likelihood), len(weights), p=np.array(likelihood) / sum(likelihood)), weights)
        thrown.append([gini(x), smallest_share(x, 0.5), share_curve(x)[1][len(likelihood) // 10]])
    return np.median(thrown, axis=0)


@pytest.mark.parametrize("by_length", [False, True])
@pytest.mark.parametrize("by_harm", [False, True])
def test_chance_baseline_agrees_with_brute_force(by_length, by_harm):
    rng = np.random.default_rng(7)
    likelihood = rng.lognormal(4, 0.8, 80) if by_length else np.ones(80)
    weights = rng.choice([0.5, 3.0, 60.0], 400) if by_harm else np.ones(400)
    chance = chance_baseline(weights if by_harm else 400, likelihood if by_length else 80, rng, draws=600)
    g, share, tenth = brute_baseline(weights, likelihood, rng, 600)
    assert chance.gini.median == pytest.approx(g, rel=0.03)
    assert chance.shares[0.5].median == pytest.approx(share, abs=0.0126)  # a place more or less
    assert chance.curve[8, 2] == pytest.approx(tenth, rel=0.03)
    assert chance.curve[8, 0] == pytest.approx(0.1)


def test_chance_baseline_of_equal_weights_is_that_of_counts():
    for places in (50, np.random.default_rng(2).random(50)):
        plain = chance_baseline(200, places, np.random.default_rng(5), draws=50)
        weighed = chance_baseline(np.full(200, 12.0), places, np.random.default_rng(5), draws=50)
        assert weighed.gini == pytest.approx(plain.gini)
        assert weighed.shares[0.8] == pytest.approx(plain.shares[0.8])
        assert np.allclose(weighed.curve, plain.curve)


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=30), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_chance_baseline_never_throws_where_it_cannot(lengths, seed):
    """All on one place gives G = (n - 1)/n; the places of no length get nothing."""
    if not sum(lengths):
        assert np.isnan(chance_baseline(10, lengths, np.random.default_rng(seed), draws=2).gini.median)
        return
    reachable = np.count_nonzero(lengths) / len(lengths)
    chance = chance_baseline(500, lengths, np.random.default_rng(seed), draws=5)
    assert chance.shares[0.8].high <= reachable + 1e-9
    assert np.all(np.diff(chance.curve[:, 1:], axis=0) >= -1e-12)
    assert chance.curve[-1, 1:] == pytest.approx(1)


def test_chance_baseline_follows_length():
    """Of two places, one nine times as long: it gets nine tenths."""
    chance = chance_baseline(10_000, [90.0, 10.0], np.random.default_rng(1))
    assert chance.curve[1, 2] == pytest.approx(0.9, abs=0.003)


def test_chance_baseline_is_repeatable():
    same = [chance_baseline(100, 40, np.random.default_rng(9), draws=20).as_json() for _ in range(2)]
    assert same[0] == same[1]


def test_chance_baselines_share_their_throws():
    rng = np.random.default_rng(1)
    count, risk, harm = chance_baselines([300, 120, np.ones(300)], 1000, rng)
    assert harm.gini == pytest.approx(count.gini)
    alone = chance_baseline(120, 1000, np.random.default_rng(2))
    assert risk.gini.median == pytest.approx(alone.gini.median, abs=0.003)


@pytest.mark.parametrize(("incidents", "places"), [(0, 5), (5, 0), ([0.0, 0.0], 5), (3, [0.0, 0.0])])
def test_chance_baseline_of_nothing_is_undefined(incidents, places):
    chance = chance_baseline(incidents, places, np.random.default_rng(1))
    assert np.isnan(chance.gini.median)
    assert chance.as_json()["shares"] == {"25": [None] * 3, "50": [None] * 3, "80": [None] * 3}


def test_chance_baseline_for_storage_is_short_and_plain():
    stored = chance_baseline(5000, 20_000, np.random.default_rng(1), draws=20).as_json()
    assert set(stored) == {"gini", "generalised_gini", "shares", "curve"}
    assert len(stored["curve"]) <= 101
    assert all(len(row) == 4 and low <= mid <= high for row in stored["curve"] for low, mid, high in [row[1:]])
    assert all(a[0] < b[0] for a, b in pairwise(stored["curve"]))


@pytest.mark.parametrize(("incidents", "places"), [(-1, 5), (1.5, 5), ([1.0, -1.0], 5), (5, [1.0, -1.0])])
def test_chance_baseline_of_nonsense_is_refused(incidents, places):
    with pytest.raises(ValueError, match=r"thrown|weight|likelihood"):
        chance_baseline(incidents, places, np.random.default_rng(1))


def test_chance_baselines_of_a_big_city_are_quick():
    """Six baselines of 45,000 incidents on 20,000 blocks take well under a second; one by one, ten times that."""
    rng = np.random.default_rng(1)
    lengths, harm = rng.lognormal(4.4, 0.6, 20_000), rng.choice([0.5, 3.0, 60.0], 45_000)
    started = time.process_time()
    for places in (20_000, lengths):
        chance_baselines([45_000, 40_000, harm], places, rng)
    assert time.process_time() - started < 3
