"""The made-up incidents hold what was planted in them, and the analysis finds it."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import rankdata

import hotspots.demo
from hotspots.analytics.change import poisson_e_test
from hotspots.analytics.clustering import benjamini_hochberg, fixed_distance_neighbors, getis_ord, p_two_sided
from hotspots.analytics.concentration import chance_baseline, gini, smallest_share
from hotspots.analytics.timing import aoristic
from hotspots.demo.crime import (
    APARTMENTS,
    BARS,
    COLUMNS,
    DAYS,
    KINDS,
    NOWHERE,
    RETRACTED,
    SHOP,
    TRAFFIC_STOPS,
    Draws,
    draw,
    tell,
    write_incidents,
)
from hotspots.demo.town import Town, build

LAST_DAY = date(2026, 6, 30)
LAST_YEAR, THIS_YEAR, AFTER = (np.datetime64(f"{year}-07-01") for year in (2024, 2025, 2026))
METRES = np.array([88_500, 111_000])  # of a degree here


@pytest.fixture(scope="module")
def town() -> Town:
    outline = json.loads((Path(hotspots.demo.__file__).parent / "parsons.geojson").read_text())
    shapes = [shapely.geometry.shape(each["geometry"]) for each in outline.get("features", [outline])]
    return build(shapely.MultiPolygon([part for shape in shapes for part in shapely.get_parts(shape)]), _rng())


@pytest.fixture(scope="module")
def draws(town: Town) -> Draws:
    return draw(town, _rng(), LAST_DAY)


@pytest.fixture(scope="module")
def table(town: Town, draws: Draws) -> pd.DataFrame:
    return tell(draws, town, _rng(), LAST_DAY)


def _rng():
    return np.random.default_rng(67357)


def counts(town, draws, since=THIS_YEAR, until=AFTER, codes=None):
    chosen = (draws.start >= since) & (draws.start < until)
    if codes:
        chosen &= np.isin(np.array([kind.code for kind in KINDS])[draws.kind], codes)
    return np.bincount(draws.block[chosen], minlength=len(town.blocks))


def rows_of(town, planted):
    return np.flatnonzero(town.blocks.id.isin(planted.blocks))


def in_complex(town, draws, planted):
    row = int(np.flatnonzero(town.complexes.id == planted.complex)[0])
    return (draws.address >= 0) & (town.addresses.complex.to_numpy()[draws.address] == row)


def gi_star(town, x):
    middle = shapely.line_interpolate_point(town.blocks.geometry.to_numpy(), 0.5, normalized=True)
    z = getis_ord(x, fixed_distance_neighbors(shapely.get_coordinates(middle) * METRES, 150))
    return z, benjamini_hochberg(p_two_sided(z))


def test_draw_makes_two_years_for_a_town_of_ten_thousand(draws):
    assert 6000 <= len(draws.kind) <= 8000
    assert draws.start.min().astype("datetime64[D]") - np.datetime64("2024-06-30") <= np.timedelta64(1, "D")
    assert draws.start.max() < AFTER


def test_draw_concentrates_as_real_towns_do_and_beyond_chance(town, draws):
    x = counts(town, draws)
    chance = chance_baseline(int(x.sum()), len(x), _rng())
    assert 0.005 <= smallest_share(x, 0.25) <= 0.025
    assert 0.03 <= smallest_share(x, 0.5) <= 0.10
    assert smallest_share(x, 0.5) < chance.shares[0.5].low / 3
    assert gini(x) > chance.gini.high + 0.2


def test_planted_blocks_are_among_the_top(town, draws):
    rank = rankdata(-counts(town, draws), method="min")
    assert (rank[rows_of(town, BARS)] <= 10).all()
    assert (rank[rows_of(town, TRAFFIC_STOPS)] <= 10).all()
    assert (rank[town.blocks.id == "main-st-1800"] <= 10).all()  # where the shop is


def test_planted_bars_are_a_cluster_beyond_chance(town, draws):
    z, q = gi_star(town, counts(town, draws))
    bars = rows_of(town, BARS)
    assert (z[bars] > 0).all()
    assert (q[bars] < 0.05).all()


def test_planted_apartments_lead_the_complexes_and_are_up(town, draws):
    inside = in_complex(town, draws, APARTMENTS)
    now = int((inside & (draws.start >= THIS_YEAR)).sum())
    before = int((inside & (draws.start < THIS_YEAR) & (draws.start >= LAST_YEAR)).sum())
    assert now > 2.5 * before
    assert poisson_e_test(now, 365, before, 365) < 1e-6
    complexes = np.append(town.addresses.complex.to_numpy(), -1)[draws.address]
    apartments = town.complexes.use.to_numpy() == "apartments"
    each = np.bincount(complexes[(complexes >= 0) & (draws.start >= THIS_YEAR)], minlength=len(town.complexes))
    assert each[apartments].max() == now


def test_planted_apartments_begin_in_month_14(town, draws):
    starts = draws.start[in_complex(town, draws, APARTMENTS)]
    month = (starts.astype("datetime64[D]") - (AFTER - DAYS)).astype(int) * 24 // DAYS + 1
    by_month = np.bincount(month, minlength=25)[1:25]
    assert by_month[APARTMENTS.from_month - 1 :].mean() > 2 * by_month[: APARTMENTS.from_month - 1].mean()


def test_places_without_a_plant_are_rarely_up(town, draws):
    now = counts(town, draws)
    before = counts(town, draws, LAST_YEAR, THIS_YEAR)
    planted = np.isin(np.arange(len(now)), rows_of(town, BARS)) | town.blocks.id.isin(["garfield-ave-600"]).to_numpy()
    q = benjamini_hochberg(poisson_e_test(now[~planted], 365, before[~planted], 365))
    assert (q < 0.05).mean() < 0.01


def test_traffic_stops_are_found_by_police_alone(town, draws):
    """The block is near the top by count and holds nothing that anybody reported."""
    row = rows_of(town, TRAFFIC_STOPS)
    assert counts(town, draws)[row] > 60
    assert counts(town, draws, codes=list(TRAFFIC_STOPS.monthly))[row] == counts(town, draws)[row]


def test_shop_thefts_come_from_one_address(town, draws):
    inside = in_complex(town, draws, SHOP)
    assert len(set(draws.address[inside])) == 1
    codes = np.array([kind.code for kind in KINDS])[draws.kind[inside & (draws.start >= THIS_YEAR)]]
    assert np.isin(codes, ["23C", "23H"]).mean() > 0.5


def test_hours_of_the_week_show_the_night(town, table):
    found = table[table.status == "RECORDED"]
    starts, ends = found.occurred_from.to_numpy(), found.occurred_to.to_numpy()
    night = aoristic(starts, ends).by_day[:, [22, 23, 0, 1]].sum()
    morning = aoristic(starts, ends).by_day[:, [5, 6, 7, 8]].sum()
    assert night > 2 * morning


def test_bars_are_busy_on_weekend_nights(town, draws):
    starts = draws.start[np.isin(draws.block, rows_of(town, BARS))]
    week = aoristic(starts, np.full(len(starts), np.datetime64("NaT"))).weights
    weekend_nights = np.concatenate([week[4 * 24 + 21 : 5 * 24 + 3], week[5 * 24 + 21 : 6 * 24 + 3]])
    assert weekend_nights.sum() > 0.6 * week.sum()


def test_nights_hide_when_cars_were_stolen(table):
    thefts = table[table.nibrs.isin(["240", "23F"])]
    spans = thefts.dropna(subset="occurred_to")
    assert 0.6 < len(spans) / len(thefts) < 0.8
    assert (spans.occurred_to.dt.normalize() > spans.occurred_from.dt.normalize()).mean() > 0.95


def test_summer_is_busier_than_winter(draws):
    month = draws.start.astype("datetime64[M]").astype(int) % 12
    assert np.isin(month, [5, 6, 7]).sum() > 1.15 * np.isin(month, [11, 0, 1]).sum()


def test_table_has_the_faults_of_real_files(table):
    assert tuple(table.columns) == COLUMNS
    recorded = table[table.status == "RECORDED"]
    assert 0.01 < recorded.longitude.isna().mean() < 0.025
    misspelt = recorded[recorded.address.isin(NOWHERE)]
    assert 5 <= len(misspelt) <= 50
    assert misspelt.longitude.isna().all()
    assert recorded.report.is_unique


def test_table_takes_a_few_cases_back(table):
    unfounded = table[table.status == "UNFOUNDED"]
    assert len(unfounded) == RETRACTED
    earlier = table[table.status == "RECORDED"].set_index("case_number").loc[unfounded.case_number]
    assert (earlier.reported.to_numpy() < unfounded.reported.to_numpy()).all()
    assert table.report.is_unique


def test_table_is_in_order_and_no_span_runs_backwards(table):
    assert table.reported.is_monotonic_increasing
    spans = table.dropna(subset="occurred_to")
    assert (spans.occurred_to >= spans.occurred_from).all()
    assert (table.reported >= table.occurred_from).all()


def test_no_time_falls_into_the_hour_that_spring_skips(table):
    for column in ("occurred_from", "occurred_to", "reported"):
        table[column].dropna().dt.tz_localize("America/Chicago", ambiguous=np.ones(table[column].count(), dtype=bool))


def test_write_incidents_is_repeatable(town, tmp_path):
    for name in ("one.csv", "two.csv"):
        write_incidents(tmp_path / name, town, _rng(), LAST_DAY)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert (tmp_path / "one.csv").read_text().splitlines()[0] == ",".join(COLUMNS)
