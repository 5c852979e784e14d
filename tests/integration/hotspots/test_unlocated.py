import uuid
from datetime import UTC, datetime

import numpy as np
import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from accounts.models import AuditEntry
from hotspots.actions.locations import CannotPlace, check_can_place, place_by_hand, refit_placed_by_hand, unplace
from hotspots.ingest.locating import City, locate
from hotspots.models import Location, Retraction
from hotspots.queries.locations import locate_point, locate_points
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import (
    SOUTH,
    STEP,
    WEST,
    AddressFactory,
    BlockFactory,
    ComplexFactory,
    ImportBatchFactory,
    IncidentFactory,
    LocationFactory,
)

pytestmark = pytest.mark.django_db
LIST = reverse("unlocated")


def at(column: float, row: float) -> Point:
    return Point(WEST + column * STEP, SOUTH + row * STEP, srid=4326)


@pytest.fixture
def clerk():
    return UserFactory(username="clerk", roles=["clerk"])


@pytest.fixture
def block():
    return BlockFactory(at=(0, 0), name="100 block of Main St", street="MAIN ST", number_low=100, number_high=198)


@pytest.fixture
def location():
    location = LocationFactory(address_text="150 MIAN STR")
    IncidentFactory.create_batch(2, location=location)
    return location


# Where a point lies


def test_locate_points_finds_what_an_import_finds():
    rng = np.random.default_rng(3)
    for column in range(4):
        BlockFactory(at=(column, 0))
        BlockFactory(at=(column, 0))  # equally near: the first counts
        AddressFactory(at=(column + 0.4, 0.02))
    ComplexFactory(at=(1, -0.5))
    ComplexFactory(at=(1.2, -0.3))
    BlockFactory(at=(2, 0.1), retired_on="2020-01-01")
    xy = np.column_stack([WEST + STEP * rng.uniform(-2, 6, 300), SOUTH + STEP * rng.uniform(-2, 2, 300)])
    xy = np.vstack([xy, [[WEST + STEP * (column + 0.4), SOUTH + STEP * 0.03] for column in range(4)]])
    located = locate(np.full(len(xy), ""), xy, 4326, City())
    fits = locate_points([Point(*point, srid=4326) for point in xy])
    assert [fit.block_id or 0 for fit in fits] == located.block.tolist()
    assert [fit.complex_id or 0 for fit in fits] == located.complex.tolist()
    assert [fit.address_id or 0 for fit in fits] == located.address.tolist()
    near = located.block > 0
    assert np.allclose([fit.distance_m for fit in fits if fit.block_id], located.distance_m[near], atol=0.01)
    assert 0 < near.sum() < len(xy)
    assert (located.complex > 0).any()
    assert (located.address > 0).sum() >= 4


def test_locate_point_in_an_empty_city():
    assert not locate_point(at(0, 0)).is_on_a_place


# Placing and taking back


def test_place_by_hand_puts_the_location_on_its_places(clerk, block, location):
    address = AddressFactory(at=(0.5, 0.1), block=block)
    place_by_hand(by=clerk, location=location, point=at(0.5, 0.1))
    location.refresh_from_db()
    assert (location.block, location.address, location.complex) == (block, address, None)
    assert (location.method, location.score, location.placed_by) == (Location.Method.HAND, 1, clerk)
    assert location.distance_m == pytest.approx(11.1, abs=0.2)
    assert location.problem == Location.Problem.NO_MATCH
    entry = AuditEntry.objects.get(action=AuditEntry.Action.LOCATION_PLACED)
    assert (entry.actor, entry.subject) == (clerk, "150 MIAN STR")
    assert entry.details["incidents"] == 2
    assert entry.details["block"] == block.pk


def test_place_by_hand_far_from_all_places_changes_nothing(clerk, block, location):
    with pytest.raises(CannotPlace, match="nearer to a street"):
        place_by_hand(by=clerk, location=location, point=at(0, 5))
    location.refresh_from_db()
    assert location.method == Location.Method.NONE
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.LOCATION_PLACED).exists()


def test_place_by_hand_again_moves_it(clerk, block, location):
    other = BlockFactory(at=(3, 0))
    place_by_hand(by=clerk, location=location, point=at(0.5, 0))
    place_by_hand(by=clerk, location=location, point=at(3.5, 0))
    location.refresh_from_db()
    assert location.block == other


def test_place_by_hand_refuses_what_located_itself(clerk, block):
    located = LocationFactory(block=block)
    with pytest.raises(CannotPlace, match="on the map already"):
        place_by_hand(by=clerk, location=located, point=at(0, 0))


def test_place_by_hand_refuses_incidents_that_share_nothing(clerk, block):
    nothing = LocationFactory(address_text="", problem=Location.Problem.NOTHING_REPORTED)
    with pytest.raises(CannotPlace, match="share nothing"):
        check_can_place(nothing)


def test_unplace_restores_what_was(clerk, block, location):
    before = Location.objects.filter(pk=location.pk).values().get()
    place_by_hand(by=clerk, location=location, point=at(0.5, 0))
    unplace(by=clerk, location=location)
    assert Location.objects.filter(pk=location.pk).values().get() == before
    assert Location.objects.unlocated().filter(pk=location.pk).exists()
    assert AuditEntry.objects.filter(action=AuditEntry.Action.LOCATION_PLACED).first().details["taken_back"] is True


def test_unplace_of_a_point_far_from_places_keeps_the_point(clerk, block):
    far = LocationFactory(problem=Location.Problem.FAR_FROM_PLACES, reported=at(0, 9), point=at(0, 9), method="")
    place_by_hand(by=clerk, location=far, point=at(0.5, 0))
    assert unplace(by=clerk, location=far).point.coords == at(0, 9).coords


def test_unplace_refuses_what_was_not_placed_by_hand(clerk, location):
    with pytest.raises(CannotPlace, match="not placed by hand"):
        unplace(by=clerk, location=location)


def test_refit_attaches_what_was_placed_by_hand_to_the_places_of_today(
    clerk, block, location, django_assert_max_num_queries
):
    place_by_hand(by=clerk, location=location, point=at(0.5, 0))
    with django_assert_max_num_queries(8):
        assert refit_placed_by_hand() == 0
    block.retired_on = "2024-01-01"
    block.save()
    newer = BlockFactory(at=(0, 0))
    assert refit_placed_by_hand() == 1
    location.refresh_from_db()
    assert (location.block, location.method, location.placed_by) == (newer, Location.Method.HAND, clerk)
    newer.retired_on = "2024-01-01"
    newer.save()
    refit_placed_by_hand()
    assert Location.objects.unlocated().get() == location


# The list


@pytest.mark.parametrize("role", ["officer", "commander", "detective", "auditor"])
def test_list_is_for_clerks_and_administrators(client_as, role: str):
    assert client_as(role).get(LIST).status_code == 403


def test_list_shows_most_incidents_first(client_as, location):
    busy = LocationFactory(address_text="9 ELM ST")
    for day in (1, 2, 3):
        IncidentFactory(location=busy, occurred_from=datetime(2024, 3, day, 18, tzinfo=UTC))
    LocationFactory(address_text="NO INCIDENT HERE")
    page = client_as("clerk").get(LIST)
    assert [each.pk for each in page.context["page"]] == [busy.pk, location.pk]
    assert "2 reported locations are on no place of the map, so 5 incidents" in page.content.decode()
    assert "Mar 1, 2024" in page.content.decode()
    assert "No such address" in page.content.decode()


def test_list_leaves_out_what_was_taken_back(client_as, location):
    taken_back = Retraction.objects.create(
        source="test",
        source_id="1",
        match_key=uuid.UUID(int=1),
        occurred_from=datetime(2024, 1, 1, tzinfo=UTC),
        batch=ImportBatchFactory(),
    )
    incident = location.incident_set.first()
    incident.retraction = taken_back
    incident.save()
    assert client_as("clerk").get(LIST).context["page"][0].incidents == 1


def test_list_is_filtered_by_its_address(client_as, clerk, block, location):
    elm = LocationFactory(address_text="9 ELM ST", problem=Location.Problem.AMBIGUOUS)
    IncidentFactory(location=elm)
    client = client_as(clerk)
    assert [each.pk for each in client.get(LIST, {"q": "elm"}).context["page"]] == [elm.pk]
    assert [each.pk for each in client.get(LIST, {"problem": "no_match"}).context["page"]] == [location.pk]
    assert "Nothing matches" in client.get(LIST, {"q": "oak"}).content.decode()
    assert "Nothing has been placed by hand yet" in client.get(LIST, {"state": "hand"}).content.decode()
    place_by_hand(by=clerk, location=elm, point=at(0.5, 0))
    page = client.get(LIST, {"state": "hand"})
    assert [each.pk for each in page.context["page"]] == [elm.pk]
    assert "100 block of Main St" in page.content.decode()
    assert client.get(LIST, {"problem": "nonsense", "page": "x"}).status_code == 200


def test_list_of_an_empty_city_says_that_all_is_well(client_as):
    assert "Every incident is on the map." in client_as("clerk").get(LIST).content.decode()


def test_list_goes_by_pages_and_keeps_its_filter(client_as):
    for number in range(51):
        IncidentFactory(location=LocationFactory(address_text=f"{number} ELM ST"))
    page = client_as("clerk").get(LIST, {"q": "elm"})
    assert "?q=elm&amp;page=2" in page.content.decode()
    assert len(client_as("clerk").get(LIST, {"q": "elm", "page": 2}).context["page"]) == 1


@pytest.mark.parametrize("state", ["unlocated", "hand"])
@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_as_many_queries_for_many_locations(
    client_as, clerk, block, django_assert_num_queries, number: int, state: str
):
    for _ in range(number):
        location = LocationFactory()
        IncidentFactory(location=location)
        if state == "hand":
            place_by_hand(by=UserFactory(), location=location, point=at(0.5, 0))
    client = client_as(clerk)
    client.get(LIST)
    with django_assert_num_queries(8):
        assert len(client.get(LIST, {"state": state}).context["page"]) == number


# The page of one


def test_page_suggests_places_for_the_address(client_as, block, location):
    page = client_as("clerk").get(reverse("place_location", args=[location.pk]), {"q": "main"})
    assert [each.name for each in page.context["suggestions"]] == ["100 block of Main St"]
    assert "2 incidents" not in page.content.decode()  # nothing is chosen yet


def test_page_suggests_intersections(client_as, block, location):
    crossing = BlockFactory(at=(1, 0), street="5TH ST", name="5th St")
    crossing.geometry = f"SRID=4326;LINESTRING({WEST + STEP} {SOUTH}, {WEST + STEP} {SOUTH + STEP})"
    crossing.save()
    page = client_as("clerk").get(reverse("place_location", args=[location.pk]), {"q": "main & fifth"})
    met = page.context["suggestions"][0]
    assert (met.name, met.lon, met.lat) == ("Main St & 5th St", pytest.approx(WEST + STEP), pytest.approx(SOUTH))


def test_page_shows_what_a_chosen_point_lies_on_and_saves_it(client_as, block, location):
    client, address = client_as("clerk"), reverse("place_location", args=[location.pk])
    chosen = {"lon": WEST + STEP / 2, "lat": SOUTH}
    shown = client.get(address, chosen)
    assert "100 block of Main St" in shown.content.decode()
    assert "Put 2 incidents here" in shown.content.decode()
    answer = client.post(address, chosen)
    assert answer.url == LIST
    assert "“150 MIAN STR” is on the map now, with 2 incidents" in client.get(LIST).content.decode()
    location.refresh_from_db()
    assert location.block == block


def test_page_says_why_a_point_cannot_be_taken(client_as, block, location):
    address = reverse("place_location", args=[location.pk])
    answer = client_as("clerk").post(address, {"lon": WEST, "lat": SOUTH + 0.1})
    assert "Choose one nearer to a street" in answer.content.decode()
    location.refresh_from_db()
    assert not location.is_located


@pytest.mark.parametrize("point", [{}, {"lon": "x", "lat": "y"}, {"lon": 181, "lat": 0}, {"lon": "nan", "lat": 0}])
def test_page_survives_points_that_are_none(client_as, block, location, point: dict[str, object]):
    client = client_as("clerk")
    assert client.post(reverse("place_location", args=[location.pk]), point).status_code == 200
    assert client.get(reverse("location_fit", args=[location.pk]), point).status_code == 404
    location.refresh_from_db()
    assert not location.is_located


def test_page_takes_a_placed_location_off_the_map_again(client_as, clerk, block, location):
    place_by_hand(by=clerk, location=location, point=at(0.5, 0))
    client, address = client_as(clerk), reverse("place_location", args=[location.pk])
    assert "Take it off the map again" in client.get(address).content.decode()
    answer = client.post(reverse("unplace_location", args=[location.pk]))
    assert answer.url == address
    assert "“150 MIAN STR” is off the map again." in client.get(address).content.decode()
    location.refresh_from_db()
    assert not location.is_located


def test_page_of_nothing_reported_explains_itself(client_as, block):
    nothing = LocationFactory(address_text="", problem=Location.Problem.NOTHING_REPORTED)
    IncidentFactory(location=nothing)
    page = client_as("clerk").get(reverse("place_location", args=[nothing.pk]))
    assert "share nothing else" in page.content.decode()
    assert b"map-script" not in page.content


def test_page_of_what_located_itself_is_not_here(client_as, block):
    located = LocationFactory(block=block)
    IncidentFactory(location=located)
    assert client_as("clerk").get(reverse("place_location", args=[located.pk])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_as_many_queries_for_many_suggestions(client_as, location, django_assert_num_queries, number: int):
    BlockFactory.create_batch(number, name="Elm St", street="ELM ST")
    client, address = client_as("clerk"), reverse("place_location", args=[location.pk])
    client.get(address, {"q": "elm"})
    with django_assert_num_queries(11):
        assert len(client.get(address, {"q": "elm"}).context["suggestions"]) == number


def test_streets_of_a_window_of_the_map(client_as, block):
    BlockFactory(at=(50, 50))
    box = {"west": WEST - 0.01, "south": SOUTH - 0.01, "east": WEST + 0.01, "north": SOUTH + 0.01}
    shapes = client_as("clerk").get(reverse("location_streets"), box).json()
    assert [feature["properties"] for feature in shapes["features"]] == [
        {"kind": "block", "name": "100 block of Main St", "street": "Main St"}
    ]
    assert client_as("clerk").get(reverse("location_streets"), {"west": "x"}).status_code == 404
