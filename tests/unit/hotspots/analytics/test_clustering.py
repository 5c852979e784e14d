import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from hotspots.analytics.clustering import (
    benjamini_hochberg,
    benjamini_yekutieli,
    fixed_distance_neighbors,
    getis_ord,
    p_two_sided,
)

POINTS = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
X = [2, 3, 3.2, 5, 8, 7]
STAR = [-1.39728, -0.28918, 0.65065, -0.28918, 1.23452, 2.02424]
PLAIN = [-1.01367, -0.04362, 1.31559, -0.31413, 1.15374, 1.77834]


@pytest.mark.parametrize(("star", "published"), [(True, STAR), (False, PLAIN)])
def test_getis_ord_matches_published(star, published):
    assert getis_ord(X, fixed_distance_neighbors(POINTS, 15), star=star) == pytest.approx(published, abs=1e-5)


def test_p_and_q_match_computed():
    p = p_two_sided(getis_ord(X, fixed_distance_neighbors(POINTS, 15)))
    assert p[-1] == pytest.approx(0.04295, abs=1e-5)
    assert benjamini_hochberg(p)[-1] == pytest.approx(0.2577, abs=1e-4)
    assert benjamini_yekutieli(p)[-1] == pytest.approx(0.6313, abs=1e-4)


def brute_getis_ord(xy, x, band, star):
    """Straight from the formula, with full matrices of distances and weights."""
    xy, x = np.array(xy, dtype=float), np.array(x, dtype=float)
    w = (np.hypot(*(xy[:, None] - xy[None]).T) <= band).astype(float)
    z = []
    for i in range(len(x)):
        keep = np.ones(len(x), dtype=bool)
        keep[i] = star
        others, weights = x[keep], w[i][keep]
        n, total, squares = len(others), weights.sum(), (weights**2).sum()
        s = others.std()
        below = s * np.sqrt((n * squares - total**2) / (n - 1)) if n > 1 else 0
        z.append((weights @ others - others.mean() * total) / below if below > 1e-9 else np.nan)
    return np.array(z)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 30)), min_size=3, max_size=30),
    st.sampled_from([1.0, 1.5, 3.0, 7.0]),
    st.booleans(),
)
def test_getis_ord_agrees_with_brute_force(rows, band, star):
    xy, x = [row[:2] for row in rows], [row[2] for row in rows]
    z = getis_ord(x, fixed_distance_neighbors(xy, band), star=star)
    assert z == pytest.approx(brute_getis_ord(xy, x, band, star), abs=1e-8, nan_ok=True)


def test_getis_ord_of_equal_counts_is_undefined():
    assert np.isnan(getis_ord([0.1] * 6, fixed_distance_neighbors(POINTS, 15))).all()


def test_getis_ord_of_a_place_that_neighbors_all_is_undefined():
    z = getis_ord([1, 2, 9], fixed_distance_neighbors([(0, 0), (-10, 0), (10, 0)], 10))
    assert np.isnan(z).tolist() == [True, False, False]


def test_getis_ord_without_the_place_itself_needs_neighbors():
    assert np.isnan(getis_ord(X, fixed_distance_neighbors(POINTS, 1), star=False)).all()
    assert not np.isnan(getis_ord(X, fixed_distance_neighbors(POINTS, 1))).any()


@pytest.mark.parametrize("n", [0, 1])
def test_getis_ord_of_hardly_any_place_is_undefined(n):
    assert np.isnan(getis_ord([3] * n, fixed_distance_neighbors(np.zeros((n, 2)), 10))).tolist() == [True] * n


def test_getis_ord_refuses_counts_of_other_places():
    with pytest.raises(ValueError, match="do not fit"):
        getis_ord([1, 2], fixed_distance_neighbors(POINTS, 15))


def test_neighbors_lie_within_the_band_and_leave_oneself_out():
    neighbors = fixed_distance_neighbors([(0, 0), (0, 0), (3, 4), (9, 9)], 5).toarray()
    assert neighbors.tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize("band", [0, -1, np.nan])
def test_neighbors_need_a_band(band):
    with pytest.raises(ValueError, match="band"):
        fixed_distance_neighbors(POINTS, band)


def brute_q(p, factor):
    """The definition: the least over all larger-or-equal p of p·m/rank."""
    m = len(p)
    return [min(1, *(b * m * factor / sum(c <= b for c in p) for b in p if b >= a)) for a in p]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=25), st.lists(st.integers(0, 24), max_size=5))
def test_q_agrees_with_brute_force_and_passes_over_missing(p, gaps):
    tests = sum(1 / i for i in range(1, len(p) + 1))
    holed = list(p)
    for gap in gaps:
        holed.insert(min(gap, len(holed)), np.nan)
    given_p = ~np.isnan(holed)
    for correct, factor in ((benjamini_hochberg, 1), (benjamini_yekutieli, tests)):
        q = correct(holed)
        assert q[given_p] == pytest.approx(brute_q(p, factor))
        assert np.isnan(q[~given_p]).all()


@given(st.floats(-30, 30))
def test_p_is_two_sided(z):
    assert p_two_sided(z) == pytest.approx(2 * norm.sf(abs(z)))


def test_p_of_undefined_is_undefined():
    assert np.isnan(p_two_sided([np.nan])).all()
    assert benjamini_hochberg([]).size == 0
