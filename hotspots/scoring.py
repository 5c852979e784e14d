"""From a spec to what a run publishes: queries -> arrays -> analytics. Reads the database, writes nothing."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hotspots.analytics import clustering
from hotspots.analytics.change import poisson_e_test
from hotspots.analytics.concentration import (
    PORTIONS,
    ChanceBaseline,
    chance_baselines,
    generalised_gini,
    gini,
    location_quotient,
    share_curve,
    smallest_share,
    thin_curve,
    unbiased_gini,
)
from hotspots.frames import Columns
from hotspots.models import Area, Offense, Place
from hotspots.projection import city_srid
from hotspots.queries import concentration as queries
from hotspots.specs import RunSpec
from hotspots.windows import Window, windows_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WINDOWS = ("now", "before", "year_ago")
ELSEWHERE, UNLOCATED = 0, -1
SIGNIFICANT_Q = 0.05
TYPICAL_NEIGHBORS = 8
BAND_STEP_M = 50
PLACES_ASKED = 1000  # enough for a median that is rounded up to 50 m


@dataclass(frozen=True)
class Scored:
    columns: Columns  # of Score, without the run; in order of place id
    summary: dict[str, Any]


@dataclass(frozen=True)
class Offenses:
    """The offense table as arrays, in order of code."""

    codes: NDArray[np.object_]
    categories: NDArray[np.object_]
    harm: Floats
    risk: NDArray[np.bool_]

    @classmethod
    def from_database(cls) -> "Offenses":
        rows = Offense.objects.order_by("pk").values_list("pk", "category", "harm_weight", "enforcement_generated")
        codes, categories, harm, enforced = zip(*rows, strict=True) if rows else ((), (), (), ())
        # Python sorts by code point, as searchsorted does; the database may not.
        order = sorted(range(len(codes)), key=codes.__getitem__)
        return cls(
            codes=np.array(codes, dtype=object)[order],
            categories=np.array(categories, dtype=object)[order],
            harm=np.array(harm, dtype=float)[order],
            risk=~np.array(enforced, dtype=bool)[order],
        )

    def within(self, categories: tuple[str, ...]) -> list[str] | None:
        """Codes of these categories; None: no choice was made."""
        return list(self.codes[np.isin(self.categories, categories)]) if categories else None


@dataclass(frozen=True)
class Tally:
    """Incidents on the places of a run, window by window, and those that lie on none of them."""

    count: dict[str, Integers]  # by window: (places,)
    risk_count: dict[str, Integers]
    harm: Floats  # (places,) in the window itself
    by_offense: dict[str, Integers]  # by window: (offenses,), on the places
    elsewhere: int
    unlocated: int


def score(spec: RunSpec) -> Scored:
    """Compute every score and the summary of a run; nothing else may depend on how or where it was computed."""
    with queries.one_snapshot():
        version = queries.data_version()
        offenses = Offenses.from_database()
        places = queries.run_places(spec, city_srid())
        counts = queries.window_counts(spec, offenses.within(spec.categories))
        beats = dict(Area.objects.filter(pk__in=np.unique(places["beat_id"]).tolist()).values_list("pk", "name"))
    tally = tally_places(places["id"], offenses, counts)
    rng = np.random.default_rng(spec.seed)
    clusters, gi = local_clusters(places, tally)
    columns = {
        "place_id": places["id"],
        **count_columns(tally, spec.days),
        **clusters,
    }
    summary = {
        **{
            name: window_summary(window)
            for name, window in zip(("window", "before", "year_ago"), windows_of(spec), strict=True)
        },
        "places": len(places["id"]),
        "size": float(places["size"].sum()),
        "incidents": int(tally.count["now"].sum()) + tally.elsewhere + tally.unlocated,
        "located": int(tally.count["now"].sum()),
        "elsewhere": tally.elsewhere,
        "unlocated": tally.unlocated,
        "draws": chance_draws(int(tally.count["now"].sum())),
        **measures(spec, places, offenses, tally, rng),
        "beats": beat_rows(places, tally, beats),
        "categories": category_rows(offenses, tally),
        "gi": gi,
        "data_version": version,
    }
    return Scored(columns, without_nan(summary))


def tally_places(place_ids: Integers, offenses: Offenses, counts: Columns) -> Tally:
    """Sum counts by place. What lies on a place outside the run (a retired one) counts as elsewhere."""
    offense = np.searchsorted(offenses.codes, counts["offense"]) if len(offenses.codes) else np.zeros(0, dtype=int)
    # In a fixed order, because sums of floats depend on theirs in the last digit.
    order = np.lexsort((offense, counts["place_id"]))
    offense, ids = offense[order], counts["place_id"][order]
    at = np.searchsorted(place_ids, ids)
    found = np.zeros(len(ids), dtype=bool)
    inside = at < len(place_ids)
    found[inside] = place_ids[at[inside]] == ids[inside]
    place, kind = at[found], offense[found]
    incidents = {window: counts[window][order] for window in WINDOWS}

    def by_place(weights: NDArray[Any]) -> Floats:
        return np.bincount(place, weights=weights, minlength=len(place_ids)).astype(float, copy=False)

    on_places = {window: incidents[window][found] for window in WINDOWS}
    return Tally(
        count={w: by_place(n).astype(np.int64) for w, n in on_places.items()},
        risk_count={w: by_place(n * offenses.risk[kind]).astype(np.int64) for w, n in on_places.items()},
        harm=np.round(by_place(on_places["now"] * offenses.harm[kind]), 6),
        by_offense={
            w: np.bincount(kind, weights=n, minlength=len(offenses.codes)).astype(np.int64)
            for w, n in on_places.items()
        },
        elsewhere=int(incidents["now"][~found & (ids != UNLOCATED)].sum()),
        unlocated=int(incidents["now"][ids == UNLOCATED].sum()),
    )


def count_columns(tally: Tally, days: int) -> Columns:
    """Counts, ranks, cumulative shares and the test against the window before, as columns of Score."""
    columns: Columns = {"harm": tally.harm}
    for prefix, counts in (("", tally.count), ("risk_", tally.risk_count)):
        now, before = counts["now"], counts["before"]
        # Ties by harm, then by place, so that the order is the same every time.
        order = np.lexsort((np.arange(len(now)), -tally.harm, -now))
        rank = np.empty(len(now), dtype=np.int64)
        rank[order] = np.arange(1, len(now) + 1)
        share = np.zeros(len(now))
        share[order] = np.cumsum(now[order]) / max(now.sum(), 1)
        columns |= {
            f"{prefix}count": now,
            f"before_{prefix}count": before,
            f"year_ago_{prefix}count": counts["year_ago"],
            f"{prefix}change_p": poisson_e_test(now, days, before, days),
            f"{prefix}rank": rank,
            f"{prefix}share": share,
        }
    return columns


def local_clusters(places: Columns, tally: Tally) -> tuple[Columns, dict[str, Any]]:
    """Gi* and its q over all places, as columns of Score, and what the summary says of them."""
    xy = np.column_stack([places["x"], places["y"]])
    band = settings.GI_BAND_M or typical_band(xy)
    neighbors = clustering.fixed_distance_neighbors(xy, band)
    columns: Columns = {}
    significant = {}
    for prefix, counts in (("", tally.count), ("risk_", tally.risk_count)):
        z = clustering.getis_ord(counts["now"], neighbors)
        q = clustering.benjamini_hochberg(clustering.p_two_sided(z))
        columns |= {f"{prefix}z": z, f"{prefix}q": q}
        significant[f"{prefix}significant"] = int(np.count_nonzero((q <= SIGNIFICANT_Q) & (z > 0)))
    return columns, {"band_m": band, "mean_neighbors": neighbors.nnz / max(len(xy), 1), **significant}


def typical_band(xy: Floats) -> int:
    """Metres within which a typical place (the median) has eight neighbors, rounded up to 50 m.

    Ord and Getis's normal approximation wants about eight neighbors; taken from the places, the band suits blocks of a
    city, complexes miles apart and addresses door to door alike, and stays the same as long as the places do.
    """
    nearest = min(TYPICAL_NEIGHBORS, len(xy) - 1)
    if nearest < 1:
        return BAND_STEP_M
    asked = xy[:: max(1, len(xy) // PLACES_ASKED)]
    distance, _ = cKDTree(xy).query(asked, k=[nearest + 1])
    return BAND_STEP_M * max(1, int(np.ceil(np.median(distance) / BAND_STEP_M)))


def measures(
    spec: RunSpec, places: Columns, offenses: Offenses, tally: Tally, rng: np.random.Generator
) -> dict[str, dict[str, Any]]:
    """How far count, risk and harm concentrate, each beside what chance alone would give."""
    count, risk_count = tally.count["now"], tally.risk_count["now"]
    weights = np.repeat(offenses.harm, tally.by_offense["now"])
    thrown = [count.sum(), risk_count.sum(), weights]
    draws = chance_draws(int(count.sum()))
    equal = chance_baselines(thrown, len(count), rng, draws)
    by_length = chance_baselines(thrown, places["size"], rng, draws) if spec.kind == Place.Kind.BLOCK else [None] * 3
    weighing = int(np.count_nonzero(weights))
    return {
        "count": measure(count, count.sum(), equal[0], by_length[0]),
        "risk": measure(risk_count, risk_count.sum(), equal[1], by_length[1]),
        "harm": measure(tally.harm, weighing, equal[2], by_length[2]),
    }


def chance_draws(incidents: int) -> int:
    """How often to throw: each throw of many incidents says more, and 39 are the fewest with a 95 % interval."""
    least, most = settings.CHANCE_DRAWS
    return min(max(settings.CHANCE_INCIDENTS // max(incidents, 1), least), most)


def measure(
    values: NDArray[Any], incidents: int, equal: ChanceBaseline, by_length: ChanceBaseline | None
) -> dict[str, Any]:
    return {
        "total": values.sum().item(),
        "gini": gini(values),
        "generalised_gini": generalised_gini(values, incidents),
        "unbiased_gini": unbiased_gini(values, incidents),
        "shares": {f"{portion:.0%}".rstrip("%"): smallest_share(values, portion) for portion in PORTIONS},
        "curve": np.column_stack(thin_curve(*share_curve(values))).tolist(),
        "chance": {"equal": equal.as_json(), "length": by_length and by_length.as_json()},
    }


def window_summary(window: Window) -> dict[str, str]:
    return {"from": window.first_day.isoformat(), "to": window.last_day.isoformat()}


def beat_rows(places: Columns, tally: Tally, names: dict[int, str]) -> list[dict[str, Any]]:
    """Each beat against all places of the run, by its name."""
    ids = np.array(sorted(names, key=lambda pk: (names[pk], pk)), dtype=np.int64)
    member = places["beat_id"] == ids[:, None]  # (beats, places)
    size, count, risk = member @ places["size"], member @ tally.count["now"], member @ tally.risk_count["now"]
    whole = places["size"].sum()
    lq = location_quotient(count, size, tally.count["now"].sum(), whole)
    risk_lq = location_quotient(risk, size, tally.risk_count["now"].sum(), whole)
    return [
        {
            "id": int(pk),
            "name": names[pk],
            "places": int(member[i].sum()),
            "size": float(size[i]),
            "count": int(count[i]),
            "risk_count": int(risk[i]),
            "lq": float(lq[i]),
            "risk_lq": float(risk_lq[i]),
        }
        for i, pk in enumerate(ids.tolist())
    ]


def category_rows(offenses: Offenses, tally: Tally) -> list[dict[str, Any]]:
    """Incidents on the places by category; together they are `located`."""
    now = tally.by_offense["now"]
    return [
        {
            "category": category.value,
            "count": int(now[offenses.categories == category.value].sum()),
            "risk_count": int(now[(offenses.categories == category.value) & offenses.risk].sum()),
        }
        for category in Offense.Category
        if (offenses.categories == category.value).any()
    ]


def without_nan(value: Any) -> Any:
    """JSON knows no NaN: what is undefined becomes null."""
    if isinstance(value, dict):
        return {key: without_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_nan(each) for each in value]
    if isinstance(value, float) and np.isnan(value):
        return None
    return value
