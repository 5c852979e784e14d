"""Where high or low counts lie together: Getis-Ord Gi and Gi*, corrected for looking at every place.

Source: Ord & Getis (1995), Geographical Analysis 27, with binary weights; Benjamini & Hochberg (1995), Benjamini &
Yekutieli (2001) for the false discovery rate.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree
from scipy.special import ndtr

Floats = NDArray[np.float64]

_ROUNDING = 1e-12


def fixed_distance_neighbors(xy_m: ArrayLike, band_m: float) -> csr_array:
    """Which places lie within `band_m` metres of each other, themselves left out.

    xy_m: (n, 2) in metres, in a projected CRS. Returns an (n, n) sparse array of ones, symmetric.
    """
    xy = np.asarray(xy_m, dtype=float).reshape(-1, 2)
    if not band_m > 0:
        raise ValueError(f"the distance band must be more than 0 m, not {band_m}")
    pairs = cKDTree(xy).query_pairs(band_m, output_type="ndarray") if len(xy) else np.empty((0, 2), dtype=int)
    one_way = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))
    return (one_way + one_way.T).tocsr()


def getis_ord(x: ArrayLike, neighbors: csr_array, star: bool = True) -> Floats:
    """z of Gi* (a place with its neighbors; `star`) or Gi (its neighbors alone) against the whole city.

    x: (n,) counts. neighbors: (n, n) binary, symmetric, zero diagonal, as fixed_distance_neighbors makes it.
    Returns (n,): nan where it says nothing (all counts equal, or a place that neighbors all others).

        z = (Σw·x - x̄·W) / (s·√((n·S₁ - W²)/(n - 1))),  s² = Σ(x - x̄)²/n,  W = Σw,  S₁ = Σw²  (= W: binary)

    For Gi, x̄, s and n are those of the other places.
    """
    values = np.asarray(x, dtype=float)
    if values.ndim != 1 or neighbors.shape != (values.size, values.size):
        raise ValueError(f"{values.shape} counts do not fit neighbors of shape {neighbors.shape}")
    if values.size < 2 or np.ptp(values) == 0:
        return np.full(values.size, np.nan)
    deviation = values - values.mean()  # Gi is the same for shifted counts, and small numbers sum exactly
    weight = np.diff(neighbors.indptr).astype(float)
    nearby = neighbors @ deviation
    n: Any
    if star:
        n, weight, nearby = values.size, weight + 1, nearby + deviation
        mean: Any = 0.0
        variance: Any = np.full(values.size, (deviation @ deviation) / n)
    else:
        n = values.size - 1
        mean = -deviation / n
        variance = (deviation @ deviation - deviation**2) / n - mean**2
        variance[variance <= _ROUNDING * (deviation @ deviation) / n] = 0
    spread = variance * (n * weight - weight**2) / max(n - 1, 1)
    return np.divide(nearby - mean * weight, np.sqrt(spread), out=np.full(values.size, np.nan), where=spread > 0)


def p_two_sided(z: ArrayLike) -> Floats:
    """Two-sided p of a standard normal z; nan stays nan."""
    return 2 * ndtr(-np.abs(np.asarray(z, dtype=float)))


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """q: the false discovery rate at which each place would be called significant, over all places that have a p.

    p: (n,), nan where there was no test (it stays nan and does not count). Tests independent or positively dependent.
    """
    return _step_up(np.asarray(p, dtype=float), 1.0)


def benjamini_yekutieli(p: ArrayLike) -> Floats:
    """As benjamini_hochberg, valid under any dependence between tests, and stricter by Σ 1/i."""
    values = np.asarray(p, dtype=float)
    tests = np.count_nonzero(~np.isnan(values))
    return _step_up(values, float(np.sum(1 / np.arange(1, tests + 1))))


def _step_up(p: Floats, factor: float) -> Floats:
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    descending = tested[np.argsort(p[tested])[::-1]]
    rank = np.arange(tested.size, 0, -1)
    q[descending] = np.minimum(np.minimum.accumulate(p[descending] * (factor * tested.size / rank)), 1)
    return q
