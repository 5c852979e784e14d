"""How many tips a place has: on its page, on the hot spot's and on the map, for two roles, and in no score."""

import json
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hotspots.actions.concentration import compute_run
from hotspots.specs import RunSpec
from tests.factories.hotspots import AddressFactory, BlockFactory, HotSpotFactory, IncidentFactory, LocationFactory
from tests.factories.tips import make_reader, make_tip
from tips.models import TipCount

pytestmark = pytest.mark.django_db


def close() -> dict[str, object]:
    return {"status": "closed", "outcome": "solved", "closed_on": timezone.localdate()}


def test_panels_count_open_ended_and_purged(client_as: Callable[..., Client]) -> None:
    make_reader()
    block = BlockFactory()
    spot = HotSpotFactory(places=[block])
    make_tip(place=block)
    make_tip(place=AddressFactory(block=block))
    make_tip(place=block, **close())
    make_tip(place=block, quarantined=True)
    make_tip()
    TipCount.objects.create(month=date(2025, 1, 1), channel="web", outcome="arrest", place=block, number=4)
    for name, pk in (("tips_panel", spot.pk), ("place_tips_panel", block.pk)):
        for role in ("commander", "detective"):
            response = client_as(role).get(reverse(name, args=[pk]))
            numbers = response.context["numbers"]
            assert (numbers.open, numbers.ended, numbers.purged) == (2, 1, 4)
            assert (reverse("tips") in response.content.decode()) == (role == "detective")


def test_panel_without_tips_says_so(client_as: Callable[..., Client]) -> None:
    page = client_as("commander").get(reverse("place_tips_panel", args=[BlockFactory().pk])).content.decode()
    assert "No tip was linked to it." in page


def test_panels_stand_on_the_pages(client_as: Callable[..., Client]) -> None:
    spot, block = HotSpotFactory(), BlockFactory()
    for role, shown in (("commander", True), ("officer", False), ("clerk", False)):
        client = client_as(role)
        assert (reverse("tips_panel", args=[spot.pk]) in client.get(f"/hotspots/{spot.pk}/").content.decode()) == shown
        page = client.get(reverse("place", args=[block.pk])).content.decode()
        assert (reverse("place_tips_panel", args=[block.pk]) in page) == shown


def test_map_gets_a_point_with_the_number_of_open_tips(client_as: Callable[..., Client]) -> None:
    make_reader()
    block = BlockFactory(name="100 block of Main St")
    for _ in range(2):
        make_tip(place=block)
    make_tip(place=BlockFactory(), **close())
    make_tip(place=BlockFactory(), quarantined=True)
    client = client_as("commander")
    response = client.get(reverse("tips_on_map"))
    (point,) = json.loads(response.content)["features"]
    assert point["properties"] == {"name": "100 block of Main St", "count": 2}
    assert point["geometry"]["coordinates"][0] == pytest.approx(block.geometry.centroid.x, abs=1e-4)
    assert "no-store" in response.headers["Cache-Control"]
    assert client_as("officer").get(reverse("tips_on_map")).status_code == 403


def test_map_costs_the_same_for_one_and_three(client_as: Callable[..., Client]) -> None:
    make_reader()
    client = client_as("commander")
    client.get(reverse("tips_on_map"))
    numbers = []
    for _ in range(3):
        make_tip(place=BlockFactory())
        with CaptureQueriesContext(connection) as made:
            client.get(reverse("tips_on_map"))
        numbers.append(len(made))
    assert numbers[0] == numbers[2]


@pytest.mark.parametrize(("role", "offered"), [("commander", True), ("detective", True), ("officer", False)])
def test_map_offers_the_numbers_to_those_who_may(client_as: Callable[..., Client], role: str, offered: bool) -> None:
    page = client_as(role).get(reverse("map")).content.decode()
    assert (f'data-overlay="{reverse("tips_on_map")}"' in page) == offered


def test_no_run_changes_with_tips() -> None:
    make_reader()
    block = BlockFactory()
    IncidentFactory.create_batch(3, location=LocationFactory(block=block))
    spec = RunSpec("block", date(2024, 6, 15), 365)
    before = list(compute_run(by=None, spec=spec).scores.values_list("place", "count", "harm", "rank"))
    assert before
    make_tip(place=block)
    assert list(compute_run(by=None, spec=spec).scores.values_list("place", "count", "harm", "rank")) == before
