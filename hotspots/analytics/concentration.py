"""How far incidents concentrate on few places, and how far chance alone would make them look so.

`x` are counts (or summed harm) per place, one number for each of `n` places, zeros included.

Sources: Weisburd (2015), the share of places that holds a portion of crime; Bernasco & Steenbeek (2017), the
generalised Gini for fewer incidents than places; Chalfin, Kaplan & Cuellar (2021), the same measures under chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PORTIONS = (0.25, 0.5, 0.8)  # of incidents, whose smallest share of places is reported
DRAWS = 199
CURVE_SHARES = np.concatenate(  # 101 shares of places, closest together where crime is: the first 5 %
    [np.arange(8) / 4000, 0.002 + np.arange(48) / 1000, 0.05 + np.arange(20) / 100, 0.25 + np.arange(25) / 32]
)
_ROUNDING = 1e-12  # relative, of a sum of floats


def share_curve(x: ArrayLike) -> tuple[Floats, Floats]:
    """Shares of incidents held by the places with most of them: the Lorenz curve, read from the top.

    x: (n,) not negative. Returns two (n + 1,) arrays from 0 to 1, (share of places, share of incidents).
    The share of incidents is nan where there are none.
    """
    descending = _ascending(x)[::-1]
    held = np.concatenate([[0.0], np.cumsum(descending, dtype=float)])
    places = np.arange(held.size) / max(descending.size, 1)
    return places, held / held[-1] if held[-1] > 0 else np.full(held.size, np.nan)


def thin_curve(share_of_places: ArrayLike, share_of_incidents: ArrayLike) -> tuple[Floats, Floats]:
    """At most 101 of a share curve's own points, denser at its head; a curve of up to 101 points stays whole."""
    places, incidents = np.asarray(share_of_places, dtype=float), np.asarray(share_of_incidents, dtype=float)
    kept = _kept_points(places.size - 1)
    return places[kept], incidents[kept]


def smallest_share(x: ArrayLike, portion: float) -> float:
    """Smallest share of places that holds `portion` of incidents; nan where there are none.

    x: (n,) not negative. Exact for whole counts: the portion is read as the decimal that it is written as.
    """
    ascending = _ascending(x)
    if not ascending.size or ascending[-1] <= 0:
        return np.nan
    held = np.cumsum(ascending[::-1])
    return float(np.searchsorted(held, _needed(held[-1], portion)) + 1) / ascending.size


def gini(x: ArrayLike) -> float:
    """G = 2 Σ i·x₍ᵢ₎ / (n·c) - (n + 1)/n, x ascending, c = Σx: 0 equal, (n - 1)/n all on one place; nan where c = 0."""
    ascending = _ascending(x)
    n, total = ascending.size, ascending.sum()
    if not total > 0:
        return np.nan
    # A sum of products, not a dot product: that would wake BLAS's threads, which wait for each other on a busy machine.
    ranked = np.sum(np.arange(1, n + 1) * ascending.astype(float))
    return float(2 * ranked / (n * float(total)) - (n + 1) / n)


def generalised_gini(x: ArrayLike, incidents: int | None = None) -> float:
    """G' = max(1, n/c)·(G - 1) + 1: 0 when c < n incidents lie on c different places, as far apart as they can.

    incidents: c, the number of incidents; by default Σx. Give it where x is harm or otherwise weighted: what limits
    how evenly things can lie is how many incidents there are, not how much they weigh.
    Source: Bernasco & Steenbeek (2017), J. Quant. Criminol. 33.
    """
    values = np.asarray(x)
    return _generalised(gini(values), values.size, values.sum() if incidents is None else incidents)


def unbiased_gini(x: ArrayLike, incidents: int | None = None) -> float:
    """G'·m/(m - 1), m = min(n, c): reaches 1 when all lie on one place; nan for m ≤ 1.

    incidents: as in generalised_gini.
    """
    values = np.asarray(x)
    m = min(values.size, float(values.sum() if incidents is None else incidents))
    return generalised_gini(values, incidents) * m / (m - 1) if m > 1 else np.nan


def location_quotient(
    x: ArrayLike, sizes: ArrayLike, total: float | None = None, total_size: float | None = None
) -> Floats:
    """(xᵢ/sizeᵢ)/(X/S): incidents per size (metres, places …) in each area against the whole city; nan where undefined.

    x, sizes: (k,). total, total_size: of the whole, by default the sums over the areas.
    """
    counts, areas = np.asarray(x, dtype=float), np.asarray(sizes, dtype=float)
    whole = counts.sum() if total is None else float(total)
    whole_size = areas.sum() if total_size is None else float(total_size)
    expected = areas * whole
    return np.divide(counts * whole_size, expected, out=np.full(counts.shape, np.nan), where=expected > 0)


class Interval(NamedTuple):
    """The middle 95 % of the draws and their median."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class ChanceBaseline:
    """What the measures of concentration would be if chance alone had placed the incidents."""

    draws: int
    gini: Interval
    generalised_gini: Interval
    shares: dict[float, Interval]  # by portion of incidents
    curve: Floats  # (≤ 101, 4): share of places; low, median, high share of incidents

    def as_json(self) -> dict[str, Any]:
        """Lists and strings, with None for what is undefined, for storage."""
        return {
            "gini": _json_numbers(self.gini),
            "generalised_gini": _json_numbers(self.generalised_gini),
            "shares": {f"{portion:.0%}".rstrip("%"): _json_numbers(each) for portion, each in self.shares.items()},
            "curve": [_json_numbers(row) for row in self.curve],
        }


def chance_baseline(
    incidents: int | ArrayLike,
    places: int | ArrayLike,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> ChanceBaseline:
    """Throw the same incidents on the same places `draws` times and measure each throw.

    incidents: how many, or (c,) the weight (harm) that each one keeps wherever it falls; of these, those that weigh
        nothing take no part.
    places: how many, each as likely; or (n,) what they are drawn in proportion to, such as lengths in metres.
    Nothing to throw, or nowhere to: every figure is nan.
    Source: Chalfin, Kaplan & Cuellar (2021), J. Quant. Criminol. 37.
    """
    return chance_baselines([incidents], places, rng, draws)[0]


def chance_baselines(
    several: Sequence[int | ArrayLike],
    places: int | ArrayLike,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> list[ChanceBaseline]:
    """chance_baseline of several measures (count, risk, harm) on the same places, from the same throws.

    Each is as right as if it were thrown alone, in a fraction of the time; they are not independent of each other.
    """
    likelihood = None if np.ndim(places) == 0 else np.asarray(places, dtype=float)
    n = int(places) if likelihood is None else likelihood.size  # type: ignore[arg-type]
    if likelihood is not None and not (likelihood >= 0).all():
        raise ValueError("places cannot have a likelihood below 0")
    measures = [_CountMeasure(each, n) if np.ndim(each) == 0 else _WeightMeasure(each, n) for each in several]
    if draws < 1 or n < 0:
        raise ValueError(f"{draws} draws on {n} places cannot be made")
    reachable = n > 0 and (likelihood is None or likelihood.sum() > 0)
    thrown = [each for each in measures if each.incidents and reachable]
    if thrown:
        throw = _thrower(max(each.incidents for each in thrown), n, likelihood, rng)
        for _ in range(draws):
            positions = throw()
            for each in thrown:
                each.add(positions[: each.incidents])
    return [_baseline(each, n, draws, each in thrown) for each in measures]


def _baseline(measure: "_CountMeasure | _WeightMeasure", n: int, draws: int, thrown: bool) -> ChanceBaseline:
    kept = _kept_points(n)
    if thrown:
        ginis, shares, curves = measure.results(kept)
    else:
        ginis, shares, curves = (np.full((1, *shape), np.nan) for shape in ((), (len(PORTIONS),), (kept.size,)))
    return ChanceBaseline(
        draws=draws,
        gini=_interval(ginis),
        generalised_gini=_interval(_generalised(ginis, n, measure.incidents)),
        shares={portion: _interval(shares[:, i]) for i, portion in enumerate(PORTIONS)},
        curve=np.column_stack([kept / max(n, 1), _bounds(curves).T]),
    )


def _ascending(x: ArrayLike) -> NDArray[Any]:
    values = np.asarray(x)
    if values.ndim != 1:
        raise ValueError(f"one number for each place is needed, not an array of shape {values.shape}")
    if values.dtype.kind not in "iuf":
        values = values.astype(float)
    ascending = np.sort(values)
    if ascending.size and not ascending[0] >= 0:
        raise ValueError("counts cannot be negative")
    return ascending


def _kept_points(n: int) -> Integers:
    """Which of the n + 1 points of a curve over n places are kept."""
    if n < CURVE_SHARES.size:
        return np.arange(n + 1)
    return np.unique(np.rint(CURVE_SHARES * n).astype(np.int64))


def _needed(total: Any, portion: float) -> float:
    """How many incidents make up the portion. Floats do not add up exactly, so a rounding's worth less is enough."""
    if np.issubdtype(np.asarray(total).dtype, np.integer):
        exact = Fraction(str(portion)) * int(total)
        return max(1, -(-exact.numerator // exact.denominator))
    return float(portion * total * (1 - _ROUNDING))


def _generalised(g: Any, n: int, c: float) -> Any:
    return max(1.0, n / c) * (g - 1) + 1 if c > 0 else g * np.nan


def _thrower(c: int, n: int, likelihood: Floats | None, rng: np.random.Generator) -> Any:
    """A function that draws c places out of n, with replacement. Weighted draws go by Walker's alias tables."""
    if likelihood is None:
        narrow: Any = np.uint16 if n <= 1 << 16 else np.uint32  # narrow integers are drawn several at a time
        return lambda: rng.integers(0, n, size=c, dtype=narrow)
    keep, other = _alias_tables(likelihood)
    position = np.empty(c)

    def throw() -> Integers:
        rng.random(out=position)
        np.multiply(position, n, out=position)
        cell = position.astype(np.intp)
        np.subtract(position, cell, out=position)
        # No cell lies beyond the tables; "clip" spares the check, half the time.
        return np.where(position < keep.take(cell, mode="clip"), cell, other.take(cell, mode="clip"))

    return throw


def _alias_tables(likelihood: Floats) -> tuple[Floats, Integers]:
    """n cells of equal likelihood, each shared by its own place (the part `keep`) and one other.

    Light places are filled up by heavy ones in order; cumulated lacks and surpluses say which heavy one is at work.
    Source: Walker (1977); the sweep by prefix sums: Hübschle-Schneider & Sanders (2022), ACM TOMS 48.
    """
    n = likelihood.size
    load = likelihood * (n / likelihood.sum())
    light, heavy = np.flatnonzero(load < 1), np.flatnonzero(load >= 1)
    keep, other = np.ones(n), np.arange(n)
    if not light.size or not heavy.size:  # all alike, but for rounding
        return keep, other
    lack, surplus = np.cumsum(1 - load[light]), np.cumsum(load[heavy] - 1)
    last = heavy.size - 1
    keep[light] = load[light]
    other[light] = heavy[np.minimum(np.searchsorted(surplus, lack - (1 - load[light]), side="right"), last)]
    used_up = np.minimum(np.searchsorted(lack, surplus[:-1]), lack.size - 1)
    keep[heavy[:-1]] = np.clip(1 + surplus[:-1] - lack[used_up], 0, 1)
    other[heavy[:-1]] = heavy[1:]
    return keep, other


class _CountMeasure:
    """Measures throws of whole incidents.

    How many places got 0, 1, 2 … incidents says all that is needed, and is much shorter than the places.
    """

    def __init__(self, incidents: Any, n: int) -> None:
        if incidents < 0 or incidents != int(incidents):
            raise ValueError(f"{incidents} incidents cannot be thrown")
        self.incidents, self.n = int(incidents), n
        self.histograms: list[Integers] = []

    def add(self, thrown: Integers) -> None:
        self.histograms.append(np.bincount(np.bincount(thrown, minlength=self.n)))

    def results(self, kept: Integers) -> tuple[Floats, Floats, Floats]:
        """Gini (draws,), smallest shares (draws, portions) and curve (draws, points)."""
        n, c, draws = self.n, self.incidents, len(self.histograms)
        places = np.zeros((draws, max(each.size for each in self.histograms)), dtype=np.int64)
        for row, each in zip(places, self.histograms, strict=True):
            row[: each.size] = each
        value = np.arange(places.shape[1])
        below = np.cumsum(places, axis=1) - places
        ranks = places * (2 * below + places + 1)  # twice the sum of the ranks that places of one count take
        ginis = (ranks @ value.astype(float)) / (n * c) - (n + 1) / n

        # From the top: places and incidents down to each count, the highest count first, after a leading 0.
        top_places = np.pad(np.cumsum(places[:, ::-1], axis=1), ((0, 0), (1, 0)))
        top_incidents = np.pad(np.cumsum((places * value)[:, ::-1], axis=1), ((0, 0), (1, 0)))
        level, rows = np.append(0, value[::-1]), np.arange(draws)
        shares = np.empty((draws, len(PORTIONS)))
        for i, portion in enumerate(PORTIONS):
            needed = int(_needed(np.int64(c), portion))
            at = np.argmax(top_incidents >= needed, axis=1)
            missing = needed - top_incidents[rows, at - 1]
            shares[:, i] = (top_places[rows, at - 1] + -(-missing // level[at])) / n
        curves = [np.interp(kept, *each) / c for each in zip(top_places, top_incidents, strict=True)]
        return ginis, shares, np.array(curves)


class _WeightMeasure:
    """Measures throws of incidents that weigh differently: sums have no short histogram, so each throw is sorted.

    Sums are sorted in single precision, twice as fast; its error of 1e-7 is far below that of any number of draws.
    """

    def __init__(self, weights: ArrayLike, n: int) -> None:
        all_weights = np.asarray(weights, dtype=float)
        if all_weights.ndim != 1 or not (all_weights >= 0).all():
            raise ValueError("each incident needs one weight, not negative")
        self.weights, self.n = all_weights[all_weights > 0], n
        self.incidents, self.total = self.weights.size, float(self.weights.sum())
        self.needed = [_needed(self.total, portion) for portion in PORTIONS]
        self.kept = _kept_points(n)
        self.rows: list[tuple[float, Floats, Floats]] = []

    def add(self, thrown: Integers) -> None:
        sums = np.bincount(thrown, weights=self.weights, minlength=self.n).astype(np.float32)
        some = np.count_nonzero(sums)
        sums.sort()
        held = np.zeros(some + 1)
        np.cumsum(sums[: -some - 1 : -1], dtype=float, out=held[1:])
        held *= self.total / held[-1]
        held[-1] = self.total
        # Σ i·x₍ᵢ₎ over all n, from the sums already made: the place with most has rank n, the next n - 1 …
        ranked = held.sum() + (self.n - some) * self.total
        gini = 2 * ranked / (self.n * self.total) - (self.n + 1) / self.n
        self.rows.append(
            (gini, np.searchsorted(held, self.needed) / self.n, held[np.minimum(self.kept, some)] / self.total)
        )

    def results(self, kept: Integers) -> tuple[Floats, Floats, Floats]:
        ginis, shares, curves = zip(*self.rows, strict=True)
        return np.array(ginis), np.array(shares), np.array(curves)


def _bounds(values: Floats) -> Floats:
    return np.quantile(values, [0.025, 0.5, 0.975], axis=0)


def _interval(values: Floats) -> Interval:
    return Interval(*_bounds(values).tolist())


def _json_numbers(values: Any) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 6) for value in values]
