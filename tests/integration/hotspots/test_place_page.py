"""The page of one place: who sees what, and what it costs."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hotspots.actions.concentration import compute_run
from hotspots.models import ConcentrationRun, Place
from hotspots.specs import RunSpec
from tests.factories.hotspots import (
    AddressFactory,
    BlockFactory,
    HotSpotFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)

pytestmark = pytest.mark.django_db

LAST_DAY = date(2024, 6, 15)


def busy_block(incidents: int = 3, **place: object) -> Place:
    block = BlockFactory(**place)
    location = LocationFactory(block=block, address_text=f"{block.pk} MAIN ST")
    IncidentFactory.create_batch(incidents, location=location, description="Window broken")
    return block


def computed(days: int = 365) -> ConcentrationRun:
    return compute_run(by=None, spec=RunSpec("block", LAST_DAY, days), standing=True)


def page_of(client: Client, place: Place, **query: object) -> str:
    response = client.get(f"/places/{place.pk}/", query)
    assert response.status_code == 200
    return response.content.decode()


def test_place_shows_count_rank_change_and_unlocated(client_as: Callable[..., Client]) -> None:
    block = busy_block(at=(0, 0))
    IncidentFactory(location=LocationFactory())
    computed()

    page = page_of(client_as("commander"), block)

    assert "<strong>3</strong> incidents" in page
    assert "1 of 1" in page
    assert "1 incidents of this window could not be located" in page
    assert "Jun 17, 2023 – Jun 15, 2024" in page


def test_place_keeps_the_run_it_was_reached_from(client_as: Callable[..., Client]) -> None:
    block = busy_block()
    computed()
    run = computed(days=28)

    assert "May 19 – Jun 15, 2024" in page_of(client_as("commander"), block, run=run.pk)
    assert "Jun 17, 2023" in page_of(client_as("commander"), block, run=run.pk + 50)


def test_place_before_any_run_says_so(client_as: Callable[..., Client]) -> None:
    page = page_of(client_as("commander"), busy_block())

    assert "has not been counted yet" in page
    assert "Window broken" in page


def test_place_without_incidents_has_its_page(client_as: Callable[..., Client]) -> None:
    busy_block()
    quiet = BlockFactory(at=(3, 0))
    computed()

    page = page_of(client_as("commander"), quiet)

    assert "<strong>0</strong> incidents" in page
    assert "No incidents of this kind in this window" in page


def test_place_that_does_not_exist_is_not_found(client_as: Callable[..., Client]) -> None:
    assert client_as("commander").get("/places/77/").status_code == 404


@pytest.mark.parametrize("role", ["officer", "commander", "detective", "clerk"])
def test_single_incidents_are_shown_to_who_works_with_them(client_as: Callable[..., Client], role: str) -> None:
    assert "Window broken" in page_of(client_as(role), busy_block())


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_single_incidents_are_kept_from_others(client_as: Callable[..., Client], role: str) -> None:
    block = busy_block()
    computed()

    page = page_of(client_as(role), block)

    assert "Window broken" not in page
    assert f"{block.pk} MAIN ST" not in page
    assert "<strong>3</strong> incidents" in page


def test_incidents_are_filtered_and_come_by_pages(client_as: Callable[..., Client]) -> None:
    block = busy_block(incidents=60)
    drugs = OffenseFactory(code="Z1", category="drugs")
    IncidentFactory(location=LocationFactory(block=block), offense=drugs, description="Bag found")
    client = client_as("commander")

    first, second = page_of(client, block), page_of(client, block, page=2)
    filtered = page_of(client, block, category="drugs")

    assert "Page 1 of 2" in first
    assert "page=2" in first
    assert first.count("Window broken") + second.count("Window broken") == 60
    assert "Bag found" in filtered
    assert "Window broken" not in filtered


def test_retracted_incident_is_not_shown(client_as: Callable[..., Client]) -> None:
    from hotspots.models import Retraction

    block = busy_block(incidents=1)
    incident = block.block_locations.get().incident_set.get()
    incident.retraction = Retraction.objects.create(
        source="test",
        source_id="r",
        match_key=uuid.UUID(int=1),
        occurred_from=incident.occurred_from,
        batch=incident.batch,
    )
    incident.save()

    assert "Window broken" not in page_of(client_as("commander"), block)


def test_neighbors_are_the_nearest_of_the_same_kind(client_as: Callable[..., Client]) -> None:
    block = busy_block(at=(0, 0))
    adjoining, far = busy_block(incidents=2, at=(1, 0), name="Adjoining"), BlockFactory(at=(4, 0), name="Farther")
    AddressFactory(at=(0, 0), name="Of another kind")
    BlockFactory(at=(0, 0), name="Gone", retired_on="2024-01-01")
    computed()

    found = client_as("commander").get(f"/places/{block.pk}/").context["neighbors"]

    assert [(each.name, each.count) for each in found] == [("Adjoining", 2), ("Farther", 0)]
    assert found[0].meters == pytest.approx(0, abs=0.01)
    assert found[1].meters == pytest.approx(265, rel=0.02)  # three steps of .001 degrees at this latitude
    assert adjoining.pk != far.pk


def test_place_names_its_hot_spots(client_as: Callable[..., Client]) -> None:
    block = busy_block()
    HotSpotFactory(name="Main and First", places=[block])

    assert "Main and First" in page_of(client_as("officer"), block)


def test_time_is_told_in_the_agencys_zone(client_as: Callable[..., Client]) -> None:
    block = BlockFactory()
    instant = datetime(2024, 6, 15, 3, 30, tzinfo=UTC)
    IncidentFactory(
        location=LocationFactory(block=block), occurred_from=instant, occurred_to=instant + timedelta(hours=2)
    )

    page = page_of(client_as("commander"), block)

    assert "Jun 14, 2024 22:30" in page
    assert "to Jun 15, 00:30" in page


def test_queries_do_not_grow_with_incidents(client_as: Callable[..., Client]) -> None:
    client, counts = client_as("commander"), []
    for number in (1, 3):
        block = busy_block(incidents=number)
        for n in range(number):
            busy_block(at=(n, 5))
        computed()
        page_of(client, block)
        with CaptureQueriesContext(connection) as queries:
            page_of(client, block)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 26
