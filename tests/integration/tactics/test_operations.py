"""Saturation patrols: started, joined, ended, and who was present when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tactics.models import Operation
from tactics.queries.operations import LINE, presence
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory
from tests.factories.tactics import NOON, ActivityFactory, OperationFactory, UnitFactory, VisitImportFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def local(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S")


def test_operation_is_started_and_ended_by_its_coordinator(client_as, officer):
    client, spot = client_as(officer), HotSpotFactory()
    future = client.post("/operations/new/", {"hot_spot": spot.pk, "started_at": local(timezone.now() + 60 * MINUTE)})
    assert future.context["form"].errors.keys() == {"started_at"}
    begun = timezone.now() - 30 * MINUTE
    client.post("/operations/new/", {"hot_spot": spot.pk, "name": "Friday", "started_at": local(begun)})
    operation = Operation.objects.get()
    assert (operation.coordinator, operation.name) == (officer, "Friday")
    address = f"/operations/{operation.pk}/"
    assert "Friday" in client.get("/operations/").content.decode()

    other = client_as("officer")
    assert "coordinator or a commander ends it" in other.get(address).content.decode()
    assert other.post(f"{address}end/", {"ended_at": local(timezone.now())}).status_code == 422
    early = client.post(f"{address}end/", {"ended_at": local(begun - 60 * MINUTE)})
    assert early.context["form"].errors.keys() == {"ended_at"}
    assert Operation.objects.get().ended_at is None
    client.post(f"{address}end/", {"ended_at": local(begun + 20 * MINUTE)})
    assert Operation.objects.get().ended_at == (begun + 20 * MINUTE).replace(microsecond=0)
    assert client.post(f"{address}end/", {"ended_at": local(begun + 20 * MINUTE)}).status_code == 422


def test_commander_ends_what_somebody_else_coordinates(client_as, commander):
    operation = OperationFactory()
    client_as(commander).post(f"/operations/{operation.pk}/end/", {"ended_at": local(NOON + MINUTE)})
    assert Operation.objects.get().ended_at == NOON + MINUTE


def test_hot_spot_that_ended_is_not_offered(client_as):
    ended = HotSpotFactory(ended_on=NOON.date())
    response = client_as("officer").post("/operations/new/", {"hot_spot": ended.pk, "started_at": local(NOON)})
    assert response.context["form"].errors.keys() == {"hot_spot"}


def test_presence_is_a_bar_per_unit_on_one_line_of_time(client_as, commander):
    operation = OperationFactory(ended_at=NOON + 100 * MINUTE)
    car, walker = UnitFactory(name="Car 7"), UserFactory(first_name="Kim", last_name="Walker")
    first = UserFactory(first_name="Alex", last_name="Driver")

    def stay(officer, start, minutes, **more):
        begun = NOON + start * MINUTE
        ActivityFactory(
            officer=officer, started_at=begun, minutes=minutes, operation=operation, kind="saturation_patrol", **more
        )

    stay(first, 0, 50, unit=car)
    stay(first, 60, 40, unit=car)
    stay(walker, 45, 10)
    stay(walker, 90, 5, voided_at=NOON, voided_by=commander, void_reason="Mistake")
    present, most, hours = presence(operation, NOON + 500 * MINUTE)
    assert [(each.name, [(stay.x, stay.width) for stay in each.stays]) for each in present] == [
        ("Car 7, Alex Driver", [(0, LINE / 2), (600, 400)]),
        ("Kim Walker", [(450, 100)]),
    ]
    assert most == 2
    assert [(x, hour.astimezone(NOON.tzinfo)) for x, hour in hours] == [(600, NOON + 60 * MINUTE)]
    page = client_as(commander).get(f"/operations/{operation.pk}/").content.decode()
    assert 'x="450" y="3" width="100"' in page


@pytest.mark.parametrize("people", [0, 1])
def test_operation_that_nobody_joined_or_that_goes_on_is_shown(client_as, people):
    operation = OperationFactory(started_at=timezone.now() - MINUTE)
    for _person in range(people):
        ActivityFactory(operation=operation, minutes=None, started_at=timezone.now())
    page = client_as("officer").get(f"/operations/{operation.pk}/").content.decode()
    assert ("No unit has joined yet" in page) == (people == 0)


def test_page_takes_the_same_queries_for_any_number_of_units(client_as, django_assert_max_num_queries):
    client, operation = client_as("commander"), OperationFactory()
    ActivityFactory(operation=operation, unit=UnitFactory())
    with django_assert_max_num_queries(20) as one:
        client.get(f"/operations/{operation.pk}/")
    for _more in range(2):
        ActivityFactory(operation=operation, unit=UnitFactory())
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(f"/operations/{operation.pk}/")


def test_presence_counts_units_whose_officers_are_not_known():
    operation = OperationFactory(ended_at=NOON + 60 * MINUTE)
    for name in ("Car 1", "Car 2"):
        ActivityFactory(
            operation=operation,
            hot_spot=operation.hot_spot,
            unit=UnitFactory(name=name),
            officer=None,
            recorded="imported",
            batch=VisitImportFactory(),
        )
    ActivityFactory(operation=operation, hot_spot=operation.hot_spot)
    rows, most, _hours = presence(operation, NOON)
    assert most == 3
    assert {"Car 1", "Car 2"} < {row.name for row in rows}
