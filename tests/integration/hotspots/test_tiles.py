"""Vector tiles: what is in them, who gets them, how heavy they are, and what a warm one costs."""

import gzip
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from hotspots import tiles
from hotspots.models import ConcentrationRun, Place, Score
from tests.factories.hotspots import (
    SOUTH,
    WEST,
    AddressFactory,
    AreaFactory,
    BlockFactory,
    ComplexFactory,
    PublishedRunFactory,
    RunFactory,
    ScoreFactory,
)
from tests.integration.hotspots.vector_tile import layers_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_tile_cache(settings: Settings, tmp_path: Path) -> Path:
    settings.TILE_CACHE = tmp_path / "tiles"
    return settings.TILE_CACHE


def tile_at(z: int, longitude: float = WEST + 0.0005, latitude: float = SOUTH + 0.0001) -> tuple[int, int, int]:
    size = 2**z
    y = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * size
    return z, int((longitude + 180) / 360 * size), int(y)


def address(run: ConcentrationRun, z: int) -> str:
    return "/tiles/{}/{}/{}/{}.mvt".format(run.pk, *tile_at(z))


def features(run: ConcentrationRun, z: int) -> dict[str, dict[int, dict[str, Any]]]:
    """Attributes by layer and feature id."""
    return layers_of(tiles.make_tile(run.pk, run.kind, *tile_at(z)))


def test_tile_has_the_scores_of_its_run() -> None:
    block = BlockFactory(at=(0, 0), street="N MAPLE AVE")
    run = PublishedRunFactory()
    ScoreFactory(
        run=run, place=block, count=7, risk_count=5, harm=12.34, before_count=2, change_p=0.04, q=0.0499, z=3.456
    )
    ScoreFactory(place=block, count=99)

    found = features(run, 14)["blocks"][block.pk]

    assert found["count"] == 7
    assert found["risk_count"] == 5
    assert found["harm"] == pytest.approx(12.3)
    assert found["before_count"] == 2
    assert found["change_p"] == pytest.approx(0.04)
    assert found["z"] == pytest.approx(3.45)
    assert found["q"] == pytest.approx(0.049)
    assert found["name"] == block.name
    assert [each["name"] for each in features(run, 14)["streets"].values()] == ["N Maple Ave"]


def test_tile_leaves_out_zeros_and_what_chance_explains() -> None:
    block = BlockFactory(at=(0, 0))
    run = PublishedRunFactory()
    ScoreFactory(
        run=run, place=block, count=0, risk_count=0, harm=0, before_count=0, before_risk_count=0, change_p=0.3, q=0.05
    )

    assert features(run, 12)["blocks"][block.pk] == {"risk_z": 2.5, "risk_q": 0.04}


def test_tile_draws_streets_without_a_score() -> None:
    block, retired = BlockFactory(at=(0, 0)), BlockFactory(at=(1, 0), retired_on="2024-01-01")
    run = PublishedRunFactory(kind="complex")

    found = features(run, 12)["blocks"]

    assert block.pk in found
    assert retired.pk not in found


def test_tile_keeps_a_retired_place_that_its_run_counted() -> None:
    retired = BlockFactory(at=(0, 0), retired_on="2024-01-01")
    run = PublishedRunFactory()
    ScoreFactory(run=run, place=retired)

    assert retired.pk in features(run, 12)["blocks"]


def test_addresses_and_complexes_come_when_close() -> None:
    BlockFactory(at=(0, 0))
    home, apartments = AddressFactory(at=(0, 0)), ComplexFactory(at=(0, 0))
    run = PublishedRunFactory()

    assert set(features(run, 13)) == {"blocks"}
    assert apartments.pk in features(run, 14)["complexes"]
    assert "addresses" not in features(run, 14)
    assert home.pk in features(run, 16)["addresses"]


def test_run_of_addresses_shows_those_with_incidents_from_afar() -> None:
    busy, quiet = AddressFactory(at=(0, 0)), AddressFactory(at=(1, 0))
    run = PublishedRunFactory(kind="address")
    ScoreFactory(run=run, place=busy, count=4)
    ScoreFactory(run=run, place=quiet, count=0, risk_count=0)

    assert set(features(run, 10)["addresses"]) == {busy.pk}
    assert set(features(run, 16)["addresses"]) == {busy.pk, quiet.pk}


def test_features_lie_where_web_mercator_puts_them() -> None:
    """Tiles are cut in degrees; at the middle of a tile, where that is off most, it must not show."""
    run = PublishedRunFactory()
    for z in (8, 10, 12, 16):
        _z, x, y = tile_at(z)
        west, south, east, north = tiles.tile_bounds(z, x, y)
        latitude, longitude = (south + north) / 2, (west + east) / 2
        exact = ((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**z - y) * 4096
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ST_Y(ST_AsMVTGeom(ST_Point(%s, %s), ST_MakeBox2D(ST_Point(%s, %s), ST_Point(%s, %s))))",
                [longitude, latitude, west, south, east, north],
            )
            pixels = abs(cursor.fetchone()[0] - exact) / 8  # 4096 units on 512 pixels
        assert pixels < (1.1 if z == 8 else 0.3)
    assert run


def test_no_tile_of_a_big_city_is_heavier_than_500_kb(big_city: ConcentrationRun) -> None:
    for z in range(8, 17):
        tile = tiles.make_tile(big_city.pk, "block", *tile_at(z, WEST + 0.06, SOUTH + 0.06))

        assert 0 < len(tile) <= 500_000


def test_heavy_tile_keeps_what_matters_first(big_city: ConcentrationRun) -> None:
    shown = features(big_city, 9)["blocks"]
    most = big_city.scores.order_by("-count")[:2000]

    assert len(shown) < Place.objects.count()
    assert {score.place_id for score in most} <= set(shown)


@pytest.fixture
def big_city(db: None) -> ConcentrationRun:
    """22,500 blocks, each with incidents of its own and all that a tile can hold, as in no real city."""
    run = PublishedRunFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO hotspots_place (kind, source, source_id, name, source_name, geometry, length_m, street, unit)
            SELECT 'block', 'grid', x || ' ' || y, (x * 100) || ' block of ' || y || 'th St', '',
                ST_SetSRID(ST_MakeLine(ST_Point(%(west)s + x * .0008, %(south)s + y * .0008),
                    ST_Point(%(west)s + (x + 1) * .0008, %(south)s + y * .0008 + .0002 * ((x + y) %% 3))), 4326),
                80 + (x + y) %% 50, y || 'TH ST', ''
            FROM generate_series(0, 149) AS x, generate_series(0, 149) AS y
            """,
            {"west": WEST, "south": SOUTH},
        )
        cursor.execute(
            """
            INSERT INTO hotspots_score (run_id, place_id, count, risk_count, harm, before_count, before_risk_count,
                year_ago_count, year_ago_risk_count, change_p, risk_change_p, rank, risk_rank, share, risk_share,
                z, q, risk_z, risk_q)
            SELECT %(run)s, id, 1 + n * 7919 %% 400, n * 7919 %% 400, n * 1.37, n %% 90, n %% 80, 1, 1,
                (n %% 50) / 1000.0, (n %% 47) / 1000.0, n, n, 1, 1, n / 999.0, (n %% 49) / 1000.0, n / 888.0, (n %% 43) / 1000.0
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM hotspots_place) AS numbered
            """,
            {"run": run.pk},
        )
    return run


def test_tile_is_kept_for_ever_by_who_may_see_it(client_as: Callable[..., Client]) -> None:
    run = ScoreFactory(place=BlockFactory(at=(0, 0))).run

    response = client_as("officer").get(address(run, 14), headers={"Accept-Encoding": "gzip"})

    assert response.status_code == 200
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == tiles.make_tile(run.pk, "block", *tile_at(14))


def test_tile_comes_plain_to_a_client_without_gzip(client_as: Callable[..., Client]) -> None:
    run = ScoreFactory(place=BlockFactory(at=(0, 0))).run

    response = client_as("officer").get(address(run, 14))

    assert "Content-Encoding" not in response
    assert "blocks" in layers_of(response.content)


def test_tile_is_refused_to_strangers(client: Client) -> None:
    run = PublishedRunFactory()

    assert client.get(address(run, 12)).status_code == 302


@pytest.mark.parametrize("where", ["7/30/49", "17/30000/50000", "12/4096/0", "12/0/4096", "12/-1/5", "a/1/2"])
def test_tile_off_the_map_is_not_found(client_as: Callable[..., Client], where: str) -> None:
    run = PublishedRunFactory()

    assert client_as("officer").get(f"/tiles/{run.pk}/{where}.mvt").status_code == 404


def test_run_that_is_not_published_has_no_tiles(client_as: Callable[..., Client]) -> None:
    run = RunFactory()
    client = client_as("commander")

    assert client.get(address(run, 12)).status_code == 404
    assert client.get(f"/tiles/{run.pk + 100}/12/0/0.mvt").status_code == 404
    # The refusal is not remembered: the run may be published in the next second.
    run.status, run.published_at = "published", run.started_at
    run.save()
    assert client.get(address(run, 12)).status_code == 200


def test_warm_tile_asks_the_database_only_who_is_asking(client_as: Callable[..., Client]) -> None:
    run = ScoreFactory(place=BlockFactory(at=(0, 0))).run
    client = client_as("officer")
    cold = client.get(address(run, 14))

    with CaptureQueriesContext(connection) as queries:
        warm = client.get(address(run, 14))

    assert warm.content == cold.content
    assert [query["sql"] for query in queries if "hotspots_" in query["sql"]] == []
    assert len(queries) <= 4


@pytest.mark.parametrize("places", [1, 3])
def test_cold_tile_is_one_query_whatever_is_in_it(client_as: Callable[..., Client], places: int) -> None:
    run = PublishedRunFactory()
    for n in range(places):
        ScoreFactory(run=run, place=BlockFactory(at=(n, 0)))
    client = client_as("officer")
    client.get("/healthz/")

    with CaptureQueriesContext(connection) as queries:
        client.get(address(run, 14))

    assert len([query for query in queries if "hotspots_" in query["sql"]]) == 2  # is it published; the tile


def test_run_made_anew_under_an_old_number_gets_its_own_tiles(own_tile_cache: Path) -> None:
    """As after a restored backup."""
    block = BlockFactory(at=(0, 0))
    run = ScoreFactory(place=block, count=3).run
    before = tiles.gzipped_tile(run.pk, *tile_at(14))
    ConcentrationRun.objects.filter(pk=run.pk).update(published_at="2025-01-01T00:00Z")
    Score.objects.filter(run=run).delete()
    ScoreFactory(run=run, place=block, count=8)
    caches["local"].clear()

    assert block.pk in layers_of(gzip.decompress(before))["blocks"]
    assert tiles.gzipped_tile(run.pk, *tile_at(14)) != before


def test_tiles_work_where_nothing_can_be_kept(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.TILE_CACHE = tmp_path / "file"
    run = ScoreFactory(place=BlockFactory(at=(0, 0))).run

    assert tiles.gzipped_tile(run.pk, *tile_at(14))


def test_tiles_of_old_runs_make_room(own_tile_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "KEPT_RUNS", 2)
    runs = [ScoreFactory(place=BlockFactory(at=(n, 0))).run for n in range(4)]
    for run in runs:
        tiles.gzipped_tile(run.pk, *tile_at(14))

    kept = {folder.name.split("-")[0] for folder in own_tile_cache.iterdir()}

    assert str(runs[-1].pk) in kept
    assert len(kept) == 2


def test_areas_are_drawn_with_their_names(client_as: Callable[..., Client]) -> None:
    AreaFactory(name="North beat")
    AreaFactory(name="Boundary", kind="boundary")
    client = client_as("officer")
    page = client.get("/map/")

    response = client.get(page.context["page_state"]["areas"])

    assert [each["properties"]["name"] for each in response.json()["features"]] == ["North beat", "Boundary"]
    assert "immutable" in response["Cache-Control"]


def test_areas_get_another_address_when_they_change(client_as: Callable[..., Client]) -> None:
    client = client_as("officer")
    before = client.get("/map/").context["page_state"]["areas"]
    AreaFactory()

    assert client.get("/map/").context["page_state"]["areas"] != before


def test_random_tiles_never_fail(client_as: Callable[..., Client]) -> None:
    run = ScoreFactory(place=BlockFactory(at=(0, 0))).run
    client = client_as("officer")
    rng = random.Random(5)
    for _ in range(20):
        z = rng.randint(8, 16)
        response = client.get(f"/tiles/{run.pk}/{z}/{rng.randrange(2**z)}/{rng.randrange(2**z)}.mvt")
        assert response.status_code == 200
