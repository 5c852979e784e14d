import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from hotspots.analytics.change import poisson_e_test


@pytest.mark.parametrize(
    ("k1", "n1", "k2", "n2", "p", "places"),
    [
        (3, 1, 0, 1, 0.0884, 4),  # Krishnamoorthy & Thomson (2004)
        (6, 1, 2, 1, 0.1749, 4),
        (20, 1, 10, 1, 0.0688, 4),
        (25, 1, 16, 1, 0.1648, 4),
        (9, 1, 4, 1, 0.1830, 4),
        (10, 1, 5, 1, 0.2062, 4),
        (15, 1, 5, 1, 0.02504, 5),
        (100, 10, 25, 5, 0.001538, 6),
        (3, 52, 4, 8, 0.0044, 4),
    ],
)
def test_e_test_matches_published(k1, n1, k2, n2, p, places):
    assert poisson_e_test(k1, n1, k2, n2) == pytest.approx(p, abs=0.6 * 10**-places)


def brute_e_test(k1, n1, k2, n2, d=0.0):
    """Every outcome with any probability, one statistic each."""
    rate = (k1 + k2) / (n1 + n2) - d * n1 / (n1 + n2)
    x1, x2 = np.meshgrid(np.arange(260), np.arange(260), indexing="ij")
    under = (x1 + x2) / (n1 + n2) - d * n1 / (n1 + n2)
    difference = np.abs(x1 / n1 - x2 / n2 - d)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(under > 1e-12, difference / np.sqrt(under), np.where(difference > 1e-12, np.inf, 0.0))
    observed = abs(k1 / n1 - k2 / n2 - d) / np.sqrt(rate)
    both = np.outer(poisson.pmf(np.arange(260), n1 * (rate + d)), poisson.pmf(np.arange(260), n2 * rate))
    return both[t >= observed * (1 - 1e-10) - 1e-12].sum()


@given(
    st.integers(0, 45), st.integers(0, 45), st.sampled_from([(1, 1), (28, 28), (1, 2), (10, 5), (52, 8), (0.3, 0.7)])
)
@settings(max_examples=150, deadline=None)
def test_e_test_agrees_with_brute_force(k1, k2, exposures):
    if k1 + k2:
        assert poisson_e_test(k1, exposures[0], k2, exposures[1]) == pytest.approx(
            brute_e_test(k1, exposures[0], k2, exposures[1]), abs=1e-9
        )


@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from([0.25, 0.5, 1.0, 2.0, 2.5]), st.sampled_from([1, 2, 4]))
@settings(max_examples=100, deadline=None)
def test_e_test_of_a_difference_agrees_with_brute_force(k1, k2, d, n1):
    p = poisson_e_test(k1, n1, k2, 3, d=d)
    if k1 + k2 <= d * n1:
        assert np.isnan(p)
    else:
        assert p == pytest.approx(brute_e_test(k1, n1, k2, 3, d), abs=1e-9)


@given(st.integers(0, 3000), st.integers(0, 3000))
@settings(deadline=None)
def test_e_test_is_symmetrical(k1, k2):
    assert poisson_e_test(k1, 1, k2, 1) == pytest.approx(poisson_e_test(k2, 1, k1, 1), abs=1e-9)


@pytest.mark.parametrize(("k1", "k2"), [(5000, 5200), (40_000, 40_500)])
def test_e_test_of_large_counts_is_near_the_normal(k1, k2):
    z = abs(k1 - k2) / np.sqrt(k1 + k2)
    assert poisson_e_test(k1, 1, k2, 1) == pytest.approx(2 * norm.sf(z), rel=0.02)


def test_e_test_of_equal_or_no_counts_is_1():
    assert poisson_e_test([0, 4, 900], 1, [0, 4, 900], 1) == pytest.approx([1, 1, 1])


def test_e_test_keeps_order_and_shape():
    k1, k2 = np.array([[3, 6, 3], [0, 20, 6]]), np.array([[0, 2, 0], [0, 10, 2]])
    p = poisson_e_test(k1, 1, k2, 1)
    assert p == pytest.approx(np.array([[0.0884, 0.1749, 0.0884], [1, 0.0688, 0.1749]]), abs=1e-4)
    assert poisson_e_test(np.array([], dtype=int), 1, np.array([], dtype=int), 1).shape == (0,)


@pytest.mark.parametrize(("k1", "n1", "k2", "n2"), [(-1, 1, 2, 1), (1.5, 1, 2, 1), (1, 0, 2, 1), (1, 1, 2, -3)])
def test_e_test_of_nonsense_is_refused(k1, n1, k2, n2):
    with pytest.raises(ValueError, match=r"whole|exposures"):
        poisson_e_test(k1, n1, k2, n2)


def test_e_test_of_a_big_city_is_quick():
    rng = np.random.default_rng(1)
    before, now = rng.poisson(rng.lognormal(2, 1.2, (2, 20_000)))
    started = time.process_time()
    poisson_e_test(now, 1, before, 1)
    assert time.process_time() - started < 1
