"""Stops and contacts beside incidents: what is counted, where and when."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse
from django.utils import timezone

from accounts.agency import forget_agency
from accounts.models import AgencyProfile
from hotspots.windows import Window
from tactics.catalogue import Tactic
from tactics.models import Activity, FootPatrol
from tactics.queries.evenness import of_city, of_hot_spot
from tests.factories.hotspots import (
    SOUTH,
    STEP,
    WEST,
    BlockFactory,
    HotSpotFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)
from tests.factories.tactics import ActivityFactory

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("America/Chicago")
LAST_DAY = date(2025, 3, 31)
EVENING, NOON = datetime(2025, 3, 5, 21, 30, tzinfo=ZONE), datetime(2025, 3, 5, 12, 30, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def in_parsons():
    AgencyProfile.objects.update(time_zone="America/Chicago")
    forget_agency()


@pytest.fixture
def blocks():
    return [BlockFactory(at=(n, 0)) for n in range(2)]


@pytest.fixture
def hot_spot(blocks):
    return HotSpotFactory(starts_on=date(2025, 1, 6), places=blocks)


def incident(block, when=EVENING, **more):
    return IncidentFactory(location=LocationFactory(block=block), occurred_from=when.astimezone(UTC), **more)


def stop(hot_spot, when=EVENING, kind=Tactic.VEHICLE_STOP, **more):
    return ActivityFactory(hot_spot=hot_spot, kind=kind, started_at=when.astimezone(UTC), minutes=5, **more)


def test_rates_are_for_100_incidents_that_were_reported(hot_spot, blocks):
    found_by_police = OffenseFactory(code="FOUND", enforcement_generated=True)
    for _ in range(4):
        incident(blocks[0])
    incident(blocks[0], offense=found_by_police)
    elsewhere = BlockFactory(at=(9, 9))
    for _ in range(4):
        incident(elsewhere)
    stop(hot_spot)
    stop(hot_spot)
    found = of_hot_spot(hot_spot, LAST_DAY)
    stops = found.rates[0]
    assert found.incidents == 4
    assert (stops.number, stops.per_100, stops.city_per_100) == (2, 50.0, 25.0)


def test_rates_of_the_city_are_counted_once_a_day_and_anew_on_its_own_page(hot_spot, blocks):
    incident(blocks[0])
    stop(hot_spot)
    assert of_hot_spot(hot_spot, LAST_DAY).rates[0].city_per_100 == 100
    stop(hot_spot)
    kept = of_hot_spot(hot_spot, LAST_DAY).rates[0]
    assert (kept.number, kept.city_per_100) == (2, 100)
    assert of_hot_spot(hot_spot, LAST_DAY - timedelta(days=1)).rates[0].city_per_100 == 200
    assert of_city(Window(hot_spot.starts_on, LAST_DAY)).rates[0].city_per_100 == 200


def test_contacts_on_foot_are_people_and_not_walks(hot_spot, blocks):
    incident(blocks[0])
    for contacts in (3, 4):
        walk = stop(hot_spot, kind=Tactic.FOOT_PATROL)
        FootPatrol.objects.create(activity=walk, contacts=contacts)
    rates = {rate.name: rate.number for rate in of_hot_spot(hot_spot, LAST_DAY).rates}
    assert rates["Contacts on foot patrol"] == 7


def test_hours_are_local_and_in_parts_of_three(hot_spot, blocks):
    incident(blocks[0], EVENING)
    stop(hot_spot, NOON)
    hours = of_hot_spot(hot_spot, LAST_DAY).stops_by_hour
    assert hours.incident_shares.tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert hours.shares.tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert hours.difference == 1
    assert not hours.is_enough


def test_stop_is_on_its_own_place_else_on_the_nearest_else_nowhere(hot_spot, blocks):
    incident(blocks[0])
    stop(hot_spot, place=blocks[1])
    stop(hot_spot, point=Point(WEST + STEP * 0.5, SOUTH + 0.0002, srid=4326))
    stop(hot_spot, point=Point(WEST + 0.5, SOUTH, srid=4326))
    stop(hot_spot)
    found = of_hot_spot(hot_spot, LAST_DAY)
    assert {row.pk: (row.incidents, row.stops) for row in found.places} == {blocks[0].pk: (1, 1), blocks[1].pk: (0, 1)}
    assert found.unplaced == 2


def test_records_outside_the_days_and_voided_ones_count_nowhere(hot_spot, blocks, commander):
    incident(blocks[0])
    stop(hot_spot, datetime(2025, 4, 1, 0, 5, tzinfo=ZONE))
    stop(hot_spot, datetime(2024, 12, 1, tzinfo=ZONE))
    gone = stop(hot_spot)
    Activity.objects.filter(pk=gone.pk).update(voided_at=EVENING, voided_by=commander, void_reason="by mistake")
    assert of_hot_spot(hot_spot, LAST_DAY).rates[0].number == 0


def test_hot_spot_before_its_first_day_of_data_has_nothing():
    assert of_hot_spot(HotSpotFactory(starts_on=date(2025, 4, 5)), LAST_DAY) is None


def test_city_puts_hot_spots_beside_the_rest_by_the_boundary_of_the_day(hot_spot, blocks):
    incident(blocks[0])
    incident(blocks[1])
    incident(blocks[0], datetime(2025, 1, 2, tzinfo=ZONE))  # before it was a hot spot
    incident(BlockFactory(at=(9, 9)))
    stop(hot_spot)
    stop(None, place=BlockFactory(at=(8, 8)))
    found = of_city(Window(date(2025, 1, 1), LAST_DAY))
    assert [(row.pk, row.incidents, row.stops) for row in found.places] == [(hot_spot.pk, 2, 1), (None, 2, 1)]
    assert found.stops_by_place is None  # one hot spot can be compared with none


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("evenness", 14), ("evenness_panel", 12)])
def test_pages_ask_as_often_for_three_of_everything(
    client_as, blocks, number, name, queries, django_assert_num_queries
):
    lately = timezone.now() - timedelta(days=2)
    for n in range(number):
        spot = HotSpotFactory(starts_on=date(2024, 1, 6), places=[BlockFactory(at=(n, n)), blocks[0]])
        incident(blocks[0], lately)
        stop(spot, lately)
        stop(spot, lately, kind=Tactic.KNOCK_AND_TALK)
    client = client_as("commander")
    address = reverse(name, args=[spot.pk] if name == "evenness_panel" else [])
    client.get(address)
    with django_assert_num_queries(queries):
        found = client.get(address).context["found"]
    assert found.rates[0].number == (number if name == "evenness" else 1)


def test_page_says_what_it_cannot_show(client_as, hot_spot, blocks):
    incident(blocks[0])
    stop(hot_spot)
    text = client_as("officer").get(reverse("evenness"), {"days": "364"}).content.decode()
    assert "It cannot show who was stopped" in text
    assert (
        "Too few to tell." in client_as("officer").get(reverse("evenness_panel", args=[hot_spot.pk])).content.decode()
    )
