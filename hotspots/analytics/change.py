"""Is a place up or down? Two Poisson counts compared exactly.

Source: Krishnamoorthy & Thomson (2004), J. Statist. Plann. Inference 119: the e-test, here in its score form, where the
variance in the statistic is that under the hypothesis.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TIE = 1e-9  # relative: outcomes as extreme as the observed one must count in spite of rounding
_CELLS = 2_000_000  # of the largest array made at once


def poisson_e_test(k1: ArrayLike, n1: float, k2: ArrayLike, n2: float, d: float = 0.0) -> Floats:
    """Two-sided p that k₁ in exposure n₁ and k₂ in n₂ have rates differing by d.

    k1, k2: whole counts, broadcast against each other. n1, n2: exposures in one unit (days, windows).
    λ̂ = (k₁ + k₂)/(n₁ + n₂) - d·n₁/(n₁ + n₂);  T = |k₁/n₁ - k₂/n₂ - d|/√λ̂;  p = P(T(X₁, X₂) ≥ T(k₁, k₂)) for
    X₁ ~ Poisson(n₁(λ̂ + d)), X₂ ~ Poisson(n₂λ̂). Absolute error below 1e-9 at any count.
    Both counts 0 with d = 0: p = 1. Rates estimated below 0 (large |d|): nan.
    """
    first, second = np.broadcast_arrays(np.asarray(k1), np.asarray(k2))
    if not (n1 > 0 and n2 > 0):
        raise ValueError("exposures must be more than 0")
    if first.size and (min(first.min(), second.min()) < 0 or np.any(first % 1) or np.any(second % 1)):
        raise ValueError("counts must be whole numbers, not negative")
    first, second = first.astype(np.int64), second.astype(np.int64)
    # Places share few pairs of counts, and pairs of one total share their distributions.
    width = int(second.max(initial=0)) + 1
    pairs, where = np.unique(first.ravel() * width + second.ravel(), return_inverse=True)
    pair1, pair2 = pairs // width, pairs % width
    order = np.argsort(pair1 + pair2, kind="stable")
    totals, starts = np.unique((pair1 + pair2)[order], return_index=True)
    ends = np.append(starts, pairs.size)[1:]
    p = np.empty(pairs.size)
    for total, start, end in zip(totals.tolist(), starts, ends, strict=True):
        members = order[start:end]
        p[members] = _p_of_one_total(total, pair1[members], pair2[members], float(n1), float(n2), float(d))
    return p[where].reshape(first.shape)


def _p_of_one_total(total: int, k1: Integers, k2: Integers, n1: float, n2: float, d: float) -> Floats:
    """p of the pairs with k₁ + k₂ = total, which share λ̂ and so both distributions."""
    rate = (total - d * n1) / (n1 + n2)
    if total == 0 and d == 0:
        return np.ones(k1.size)
    if rate <= 0 or rate + d < 0:
        return np.full(k1.size, np.nan)
    statistic = (k1 / n1 - k2 / n2 - d) ** 2 / rate
    x1, pmf1 = _poisson(n1 * (rate + d))
    x2, pmf2 = _poisson(n2 * rate)
    below1 = np.append(0.0, np.cumsum(pmf1))  # below1[i] = P(X₁ < x1[0] + i)
    p = np.empty(k1.size)
    step = max(1, _CELLS // x2.size)
    for start in range(0, k1.size, step):
        part = slice(start, start + step)
        low, high = _extreme_bounds(x2, statistic[part, None], n1, n2, d)
        at_most = np.clip(low - x1[0] + 1, 0, x1.size).astype(np.int64)
        less_than = np.clip(high - x1[0], at_most, x1.size).astype(np.int64)
        p[part] = (below1[at_most] + below1[-1] - below1[less_than]) @ pmf2
    # (d·n₁, 0) has no spread and no difference, so it is not extreme unless everything is.
    if x2[0] == 0 and (d * n1) % 1 == 0 and x1[0] <= d * n1 <= x1[-1]:
        p[statistic > 0] -= pmf1[int(d * n1) - x1[0]] * pmf2[0]
    return np.clip(p, 0, 1)


def _extreme_bounds(x2: Integers, statistic: Floats, n1: float, n2: float, d: float) -> tuple[Floats, Floats]:
    """For each x₂ the outcomes x₁ ≤ low and x₁ ≥ high whose statistic is at least the observed one.

    (x₁/n₁ - x₂/n₂ - d)² ≥ T²·(x₁ + x₂ - d·n₁)/(n₁ + n₂) opens upwards in u = x₁ - n₁(x₂/n₂ + d), so it holds outside
    its two roots; where it has none, everywhere.
    """
    middle = n1 * (x2 / n2 + d)
    slope = statistic * n1**2 / (n1 + n2)  # u² - slope·u - slope·constant ≥ 0
    constant = x2 * (n1 + n2) / n2
    half = np.sqrt(np.maximum(slope**2 / 4 + slope * constant, 0))
    tie = _TIE * (1 + middle + half)
    return np.floor(middle + slope / 2 - half + tie), np.ceil(middle + slope / 2 + half - tie)


def _poisson(mean: float) -> tuple[Integers, Floats]:
    """Values and probabilities of a Poisson variable, but for tails of less than 1e-11."""
    reach = 8 * np.sqrt(mean) + 25
    values = np.arange(max(0, int(mean - reach)), int(mean + reach) + 2)
    if mean == 0:
        return values, (values == 0).astype(float)
    return values, np.exp(values * np.log(mean) - mean - gammaln(values + 1))
