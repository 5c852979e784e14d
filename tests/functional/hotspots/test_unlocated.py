"""A clerk places what could not be located: by clicking, by choosing, and by keyboard alone."""

import os
from pathlib import Path

import pytest
from django.contrib.gis.geos import LineString
from playwright.sync_api import Page, expect

from hotspots.models import Location
from tests.factories.hotspots import (
    SOUTH,
    STEP,
    WEST,
    AreaFactory,
    BlockFactory,
    ComplexFactory,
    IncidentFactory,
    LocationFactory,
)
from tests.functional.conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 600}


@pytest.fixture
def town() -> Location:
    """Main St with three cross streets, and one address that nobody could read."""
    AreaFactory(kind="boundary", name="Town")
    for column in range(3):
        BlockFactory(at=(column, 0), name=f"{column + 1}00 block of Main St", street="MAIN ST")
        x = WEST + column * STEP
        line = LineString((x, SOUTH), (x, SOUTH + STEP), srid=4326)
        BlockFactory(geometry=line, name=f"{column + 4}th St, Main to Oak", street=f"{column + 4}TH ST")
    ComplexFactory(at=(1, -1), name="Maple Court Apartments")
    location = LocationFactory(address_text="NR MAIN AND 5TH BY THE STORE")
    IncidentFactory.create_batch(2, location=location)
    for number in range(3):
        IncidentFactory(location=LocationFactory(address_text=f"{number} NOWHERE LN", problem="ambiguous"))
    return location


def open_map(page: Page, location: Location, query: str = "") -> None:
    page.goto(f"/unlocated/{location.pk}/{query}")
    page.locator("#map[data-ready][data-idle]").wait_for()


def picture(page: Page, name: str) -> None:
    """With HOTSPOTS_PICTURES set, keep what is shown, to be looked at."""
    if folder := os.environ.get("HOTSPOTS_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("viewport", [DESK, SMALL], ids=["desk", "small"])
def test_pages_are_accessible_and_fit(signed_in, town, axe, fits, viewport):
    page = signed_in("clerk", viewport=viewport)
    page.goto("/unlocated/")
    expect(page.get_by_role("row")).to_have_count(5)
    axe(page)
    fits(page)
    picture(page, f"list-{viewport['width']}")
    open_map(page, town, f"?q=main&lon={WEST + STEP}&lat={SOUTH + 0.0001}")
    expect(page.get_by_role("button", name="Put 2 incidents here")).to_be_visible()
    axe(page)
    fits(page)
    picture(page, f"place-{viewport['width']}")


def test_clerk_clicks_the_map_saves_and_takes_it_back(signed_in, town, axe):
    page = signed_in("clerk")
    open_map(page, town)
    page.locator("#map canvas").click()
    expect(page.locator("#fit")).to_contain_text("block of Main St")
    axe(page)
    page.get_by_role("button", name="Put 2 incidents here").click()
    expect(page.get_by_role("status")).to_contain_text("with 2 incidents")
    town.refresh_from_db()
    assert town.block.name == "200 block of Main St"
    page.get_by_label("Which").select_option("Placed by hand")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name=town.address_text).click()
    page.get_by_role("button", name="Take it off the map again").click()
    expect(page.get_by_role("status")).to_contain_text("off the map again")
    town.refresh_from_db()
    assert not town.is_located


def test_clerk_places_by_keyboard_alone(signed_in, town):
    page = signed_in("clerk")
    open_map(page, town, f"?lon={WEST + 1.5 * STEP}&lat={SOUTH - STEP / 2}")
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")  # takes the middle of the map
    expect(page.locator("#fit")).to_contain_text("Maple Court Apartments")
    page.get_by_label("Address, intersection").fill("main & fifth")
    page.keyboard.press("Enter")
    page.locator("#map[data-ready][data-idle]").wait_for()
    page.get_by_role("link", name="Main St & 5th St").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#fit")).to_contain_text("block of Main St")
    page.get_by_role("button", name="Put 2 incidents here").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("on the map now")
    town.refresh_from_db()
    assert town.point.coords == pytest.approx((WEST + STEP, SOUTH), abs=1e-6)


def test_clerk_places_without_scripts(signed_in, town):
    page = signed_in("clerk", java_script_enabled=False)
    page.goto(f"/unlocated/{town.pk}/?q=maple")
    page.get_by_role("link", name="Maple Court Apartments").click()
    page.get_by_role("button", name="Put 2 incidents here").click()
    town.refresh_from_db()
    assert town.complex.name == "Maple Court Apartments"
