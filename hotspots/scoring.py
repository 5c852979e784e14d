"""From a spec to what a run publishes: queries -> arrays -> analytics. Reads the database, writes nothing."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from scipy.sparse import csr_array
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
from hotspots.projection import city_srid, in_metres
from hotspots.queries import concentration as queries
from hotspots.specs import RunSpec
from hotspots.windows import Window, windows_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WINDOWS = {"now": 1, "before": 2, "year_ago": 4}  # bits
HARM_UNITS = 1_000_000  # to the unit of harm
ELSEWHERE, UNLOCATED = 0, -1
SIGNIFICANT_Q = 0.05
TYPICAL_NEIGHBORS = 8
BAND_STEP_M = 50
PLACES_ASKED = 1000  # enough for a median that is rounded up to 50 m


@dataclass(frozen=True)
class Scored:
    """What a run publishes. Its measures may still be in the making, so that the columns can be stored meanwhile."""

    columns: Columns  # of Score, without the run; in order of place id
    facts: dict[str, Any]
    measures: Future[dict[str, dict[str, Any]]]

    def summary(self) -> dict[str, Any]:
        return without_nan({**self.facts, **self.measures.result()})


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
    """Compute every score and the summary of a run; nothing else may depend on how or where it was computed.

    While the database counts and stores, a thread beside finds neighbors and throws for the chance baselines.
    """
    beside = ThreadPoolExecutor(max_workers=1)
    with queries.one_snapshot():
        version = queries.data_version()
        offenses = Offenses.from_database()
        places = queries.run_places(spec)
        neighborhood = beside.submit(find_neighbors, places["longitude"], places["latitude"], city_srid())
        incidents = queries.window_incidents(spec, offenses.codes, offenses.within(spec.categories))
        beats = dict(Area.objects.filter(pk__in=np.unique(places["beat_id"]).tolist()).values_list("pk", "name"))
    tally = tally_places(places["id"], offenses, incidents)
    measured = beside.submit(measures, spec, places["size"], offenses, tally)
    beside.shutdown(wait=False)
    clusters, gi = local_clusters(tally, *neighborhood.result())
    columns = {
        "place_id": places["id"],
        **count_columns(tally, spec.days),
        **clusters,
    }
    facts = {
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
        "beats": beat_rows(places, tally, beats),
        "categories": category_rows(offenses, tally),
        "gi": gi,
        "data_version": version,
    }
    return Scored(columns, facts, measured)


def tally_places(place_ids: Integers, offenses: Offenses, incidents: Columns) -> Tally:
    """Count incidents by place. What lies on a place outside the run (a retired one) counts as elsewhere."""
    ids, windows = incidents["place_id"], incidents["windows"]
    at = np.searchsorted(place_ids, ids)
    found = np.zeros(len(ids), dtype=bool)
    inside = at < len(place_ids)
    found[inside] = place_ids[at[inside]] == ids[inside]
    within = {name: (windows & bit) > 0 for name, bit in WINDOWS.items()}
    place = {name: at[found & chosen] for name, chosen in within.items()}
    offense = {name: incidents["offense"][found & chosen] for name, chosen in within.items()}
    # Whole numbers add up to the same in any order, which floats do not.
    harm = np.rint(offenses.harm * HARM_UNITS)[offense["now"]]
    elsewhere = ids[within["now"] & ~found]
    unlocated = int(np.count_nonzero(elsewhere == UNLOCATED))
    n, kinds = len(place_ids), len(offenses.codes)
    return Tally(
        count={w: np.bincount(place[w], minlength=n) for w in WINDOWS},
        risk_count={w: np.bincount(place[w][offenses.risk[offense[w]]], minlength=n) for w in WINDOWS},
        harm=np.bincount(place["now"], weights=harm, minlength=n) / HARM_UNITS,
        by_offense={w: np.bincount(offense[w], minlength=kinds) for w in WINDOWS},
        elsewhere=len(elsewhere) - unlocated,
        unlocated=unlocated,
    )


def count_columns(tally: Tally, days: int) -> Columns:
    """Counts, ranks, cumulative shares and the test against the window before, as columns of Score."""
    columns: Columns = {"harm": tally.harm}
    both = (tally.count, tally.risk_count)
    # At once, because places share few pairs of counts.
    change_p = poisson_e_test([each["now"] for each in both], days, [each["before"] for each in both], days)
    for prefix, counts, p in zip(("", "risk_"), both, change_p, strict=True):
        now = counts["now"]
        # Ties by harm, then by place, so that the order is the same every time.
        order = np.lexsort((np.arange(len(now)), -tally.harm, -now))
        rank = np.empty(len(now), dtype=np.int64)
        rank[order] = np.arange(1, len(now) + 1)
        share = np.zeros(len(now))
        share[order] = np.cumsum(now[order]) / max(now.sum(), 1)
        columns |= {
            f"{prefix}count": now,
            f"before_{prefix}count": counts["before"],
            f"year_ago_{prefix}count": counts["year_ago"],
            f"{prefix}change_p": p,
            f"{prefix}rank": rank,
            f"{prefix}share": share,
        }
    return columns


def find_neighbors(longitude: Floats, latitude: Floats, srid: int) -> tuple[csr_array, int]:
    """Which places are neighbors, and the metres within which they are."""
    xy = in_metres(longitude, latitude, srid)
    band = settings.GI_BAND_M or typical_band(xy)
    return clustering.fixed_distance_neighbors(xy, band), band


def local_clusters(tally: Tally, neighbors: csr_array, band: int) -> tuple[Columns, dict[str, Any]]:
    """Gi* and its q over all places, as columns of Score, and what the summary says of them."""
    columns: Columns = {}
    significant = {}
    for prefix, counts in (("", tally.count), ("risk_", tally.risk_count)):
        z = clustering.getis_ord(counts["now"], neighbors)
        q = clustering.benjamini_hochberg(clustering.p_two_sided(z))
        columns |= {f"{prefix}z": z, f"{prefix}q": q}
        significant[f"{prefix}significant"] = int(np.count_nonzero((q <= SIGNIFICANT_Q) & (z > 0)))
    return columns, {"band_m": band, "mean_neighbors": neighbors.nnz / max(neighbors.shape[0], 1), **significant}


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


def measures(spec: RunSpec, sizes: Floats, offenses: Offenses, tally: Tally) -> dict[str, dict[str, Any]]:
    """How far count, risk and harm concentrate, each beside what chance alone would give."""
    rng = np.random.default_rng(spec.seed)
    count, risk_count = tally.count["now"], tally.risk_count["now"]
    weights = np.repeat(offenses.harm, tally.by_offense["now"])
    thrown = [count.sum(), risk_count.sum(), weights]
    draws = chance_draws(int(count.sum()))
    equal = chance_baselines(thrown, len(count), rng, draws)
    by_length = chance_baselines(thrown, sizes, rng, draws) if spec.kind == Place.Kind.BLOCK else [None] * 3
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
