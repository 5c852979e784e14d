"""The map's pages: each state, the figures that stand on them, and what they cost."""

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.agency import current_agency
from hotspots.actions.concentration import RunInProgress, compute_run
from hotspots.models import ConcentrationRun
from hotspots.specs import RunSpec
from hotspots.views import map as map_views
from tests.factories.hotspots import (
    SOUTH,
    WEST,
    AreaFactory,
    BlockFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)

pytestmark = pytest.mark.django_db

LAST_DAY = date(2024, 6, 15)


def town(blocks: int = 12) -> ConcentrationRun:
    """Blocks with 1, 2, 3 … incidents on June 15, 2024, one of them found by police activity; two unlocated."""
    places = [BlockFactory(at=(n, 0)) for n in range(blocks)]
    for n, place in enumerate(places):
        location = LocationFactory(block=place)
        for _ in range(n + 1):
            IncidentFactory(location=location)
    drugs = OffenseFactory(code="Z1", category="drugs", enforcement_generated=True)
    IncidentFactory(location=location, offense=drugs)
    IncidentFactory.create_batch(2, location=LocationFactory())
    return compute_run(by=None, spec=RunSpec("block", LAST_DAY, 365), standing=True)


def get(client: Client, address: str = "/map/", **query: object) -> str:
    response = client.get(f"{address}?{urlencode(query)}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def commander(client_as: Callable[..., Client]) -> Client:
    return client_as("commander")


def test_empty_city_says_what_comes_first(client_as: Callable[..., Client]) -> None:
    assert "There are no places yet" in get(client_as("officer"))
    assert "An administrator can import them" in get(client_as("officer"))
    assert "manage.py import_places" in get(client_as("administrator"))


def test_city_without_places_of_a_kind_says_so(commander: Client) -> None:
    BlockFactory()

    assert "no places of this kind" in get(commander, kind="complex")


def test_city_without_incidents_says_so(commander: Client) -> None:
    BlockFactory()

    assert "There are no incidents yet" in get(commander)
    assert "There are no incidents yet" in get(commander, "/map/results/")


def test_map_without_a_run_asks_for_one_and_gets_it(commander: Client) -> None:
    IncidentFactory(location=LocationFactory(block=BlockFactory()))

    page = get(commander, days=28)

    assert "Counting incidents" in page
    assert 'hx-get="/map/results/?days=28"' in page
    assert not ConcentrationRun.objects.exists()
    assert "May 19 – Jun 15, 2024" in get(commander, "/map/results/", days=28)
    assert ConcentrationRun.objects.published().get().days == 28


def test_headline_carries_window_offenses_unlocated_and_chance(commander: Client) -> None:
    run = town()

    page = get(commander)

    half = run.summary["count"]["shares"]["50"]
    assert f"<strong>{100 * half:.0f}\N{NO-BREAK SPACE}%</strong> of 12 blocks" in page
    assert "chance alone:" in page
    assert "79 incidents, Jun 17, 2023 – Jun 15, 2024" in page
    assert "with those that police activity itself finds" in page
    assert "All offenses; the whole city." in page
    assert "2 more could not be located." in page


def test_risk_leaves_out_what_police_activity_finds_and_says_so(commander: Client) -> None:
    town()

    page = get(commander, measure="risk")

    assert "78 of 79 incidents" in page
    assert "without those that police activity itself finds" in page


def test_legend_counts_the_places_and_incidents_of_each_color(commander: Client) -> None:
    town()

    steps = commander.get("/map/").context["steps"]

    assert steps[0].label == "13 or more"
    assert steps[0].words.startswith("1 place (8.3")
    assert steps[-1].label == "None"
    assert steps[-1].words.startswith("0 places")


@pytest.mark.parametrize("color", ["count", "harm", "change", "significance"])
@pytest.mark.parametrize("measure", ["all", "risk"])
def test_every_color_has_a_legend_and_a_list(commander: Client, color: str, measure: str) -> None:
    town()

    response = commander.get("/map/results/", {"color": color, "measure": measure})

    assert response.status_code == 200
    assert len(response.context["rows"]) == 12
    assert response.context["map_state"]["steps"]


def test_list_is_ranked_and_counts_up_to_everything(commander: Client) -> None:
    town()

    rows = commander.get("/map/").context["rows"]

    assert [row.value for row in rows] == [13, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert [row.order for row in rows] == list(range(1, 13))
    assert rows[-1].so_far == pytest.approx(1)


def test_list_by_harm_is_ranked_by_harm(commander: Client) -> None:
    grave = OffenseFactory(code="Z2", harm_weight=100)
    IncidentFactory(location=LocationFactory(block=BlockFactory(at=(20, 0), name="Grave")), offense=grave)
    town()

    rows = commander.get("/map/", {"color": "harm"}).context["rows"]

    assert [row.value for row in rows][:2] == [100, 13]
    assert rows[0].place.name == "Grave"
    assert rows[0].so_far == pytest.approx(100 / 179)
    assert rows[-1].so_far == pytest.approx(1)


def test_list_goes_on_by_fifty(commander: Client) -> None:
    run = town(blocks=55)

    assert "50 more" in get(commander)
    more = commander.get("/map/list/", {"run": run.pk, "start": 50})
    assert [row.order for row in more.context["rows"]] == [51, 52, 53, 54, 55]
    assert "50 more" not in more.content.decode()


@pytest.mark.parametrize("address", ["/map/list/", "/map/card/1/", "/map/within/"])
@pytest.mark.parametrize("run", ["", "0", "x", "99999999999999999999", "²"])
def test_fragments_of_no_run_are_not_found(commander: Client, address: str, run: str) -> None:
    assert commander.get(address, {"run": run}).status_code == 404


def test_window_without_incidents_says_when_the_newest_was(commander: Client) -> None:
    town()

    page = get(commander, "/map/results/", as_of="2020-01-31", days=28)

    assert "No incidents in this window" in page
    assert "The newest incident here is from Jun 15, 2024." in page


def test_count_that_ends_before_the_data_says_so(commander: Client) -> None:
    town()

    page = get(commander, "/map/results/", as_of="2024-06-10")

    assert "Newer incidents are there, up to Jun 15, 2024; this count ends on Jun 10, 2024." in page


def test_other_dates_are_counted(commander: Client) -> None:
    town()

    page = get(commander, "/map/results/", days="custom", since="2024-06-15", as_of="2024-06-15")

    assert "79 incidents, Jun 15, 2024" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"days": "custom", "since": "2024-07-01", "as_of": "2024-06-01"}, "must not be after the last"),
        ({"days": "custom", "since": "1990-01-01", "as_of": "2024-06-01"}, "at most"),
        ({"as_of": "yesterday"}, "valid date"),
        ({"kind": "beat"}, "not one of the available choices"),
        ({"beat": "77"}, "not one of the available choices"),
    ],
)
def test_request_that_makes_no_sense_is_explained(commander: Client, query: dict[str, str], words: str) -> None:
    town(blocks=2)

    assert words in get(commander, "/map/results/", **query)
    assert words in get(commander, **query)


def test_beat_and_category_narrow_the_count(commander: Client) -> None:
    beat = AreaFactory(name="North beat")
    BlockFactory(at=(30, 0), beat=beat)
    town()

    page = get(commander, "/map/results/", category="drugs", beat=beat.pk)

    assert "Drugs; North beat." in page


def test_data_that_came_since_is_counted_anew(commander: Client) -> None:
    town(blocks=2)
    OffenseFactory(code="NEW")

    before = get(commander)

    assert "This is the last whole count" in before
    assert 'hx-trigger="load delay:1s"' in before
    assert "This is the last whole count" not in get(commander, "/map/results/")
    assert ConcentrationRun.objects.published().count() == 2


def test_run_in_progress_shows_the_last_whole_one(commander: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    run = town(blocks=2)
    OffenseFactory(code="NEW")

    def busy(*, by: object, spec: RunSpec) -> ConcentrationRun:
        raise RunInProgress(spec)

    monkeypatch.setattr(map_views, "obtain_run", busy)

    page = get(commander, "/map/results/")

    assert "This is the last whole count" in page
    assert f"/tiles/{run.pk}/" in page
    assert "Being counted" in get(commander, "/map/results/", days=28)


def test_card_tells_of_one_place(commander: Client) -> None:
    run = town()
    top = run.scores.get(rank=1).place_id

    card = get(commander, f"/map/card/{top}/", run=run.pk)

    assert "<strong>13</strong> incidents · rank 1 of 12" in card
    assert "Select" in card
    assert "Not part of this count" in get(commander, f"/map/card/{BlockFactory().pk}/", run=run.pk)


def test_officer_sees_the_map_and_selects_nothing(client_as: Callable[..., Client]) -> None:
    town(blocks=2)

    page = get(client_as("officer"))

    assert "Ranked list" in page
    assert "ranked__select" not in page
    assert "selection" not in page
    assert "Draw around places" not in page


def ring(west: float, south: float, east: float, north: float) -> str:
    return " ".join(f"{x},{y}" for x, y in ((west, south), (east, south), (east, north), (west, north)))


def test_lasso_finds_the_places_whose_middle_lies_inside(commander: Client) -> None:
    run = town()
    drawn = ring(WEST - 0.0001, SOUTH - 0.001, WEST + 0.0021, SOUTH + 0.001)

    answer = commander.get("/map/within/", {"run": run.pk, "ring": drawn}).json()

    assert [place["count"] for place in answer["places"]] == [2, 1]


def test_lasso_around_too_many_says_so(commander: Client, settings: Settings) -> None:
    settings.MOST_HOT_SPOT_PLACES = 3
    run = town()

    response = commander.get("/map/within/", {"run": run.pk, "ring": ring(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)})

    assert response.status_code == 400
    assert "more than 3 places" in response.json()["error"]


@pytest.mark.parametrize("drawn", ["", "1,2", "1,2 3,4", "a,b c,d e,f", "1 2 3", "nan,nan 1,1 2,2", "inf,1 2,2 3,3"])
def test_lasso_that_is_no_ring_is_refused(commander: Client, drawn: str) -> None:
    run = town(blocks=2)

    response = commander.get("/map/within/", {"run": run.pk, "ring": drawn})

    assert response.status_code == 400
    assert response.json()["error"]


def test_lasso_that_crosses_itself_is_mended(commander: Client) -> None:
    run = town()
    west, south, east, north = WEST - 0.001, SOUTH - 0.001, WEST + 0.004, SOUTH + 0.001
    bow = f"{west},{south} {east},{north} {east},{south} {west},{north}"

    assert commander.get("/map/within/", {"run": run.pk, "ring": bow}).status_code == 200


def policy(response: object) -> str:
    return response["Content-Security-Policy"]


def use_basemap(address: str) -> None:
    agency = current_agency()
    agency.basemap_url = address
    agency.save()
    caches["local"].clear()


def test_map_asks_nothing_of_another_origin(commander: Client) -> None:
    assert "http" not in policy(commander.get("/map/"))


def test_basemap_of_another_origin_needs_the_installers_word(commander: Client, settings: Settings) -> None:
    use_basemap("https://tiles.example.gov/{z}/{x}/{y}.png")

    refused = commander.get("/map/")
    assert "https://tiles.example.gov" not in policy(refused)
    assert refused.context["page_state"]["basemap"] is None
    assert "is not in BASEMAP_ORIGINS" in refused.content.decode()

    settings.BASEMAP_ORIGINS = ["https://tiles.example.gov"]
    allowed = commander.get("/map/")
    assert "connect-src 'self' https://tiles.example.gov" in policy(allowed)
    assert allowed.context["page_state"]["basemap"]["type"] == "xyz"
    assert "tiles.example.gov" not in policy(commander.get("/hotspots/"))


@pytest.mark.parametrize("address", ["ftp.example.gov/x.pmtiles", "/tiles/one.png", "javascript:alert(1)"])
def test_basemap_that_is_none_is_explained(commander: Client, address: str) -> None:
    use_basemap(address)

    assert "The basemap" in commander.get("/map/").context["basemap_problem"]


@pytest.mark.parametrize("address", ["/map/", "/map/results/", "/map/list/"])
def test_queries_do_not_grow_with_the_places(commander: Client, address: str) -> None:
    counts = []
    for blocks in (1, 3):
        run = town(blocks)
        commander.get(address, {"run": run.pk})
        with CaptureQueriesContext(connection) as queries:
            assert commander.get(address, {"run": run.pk}).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 25
