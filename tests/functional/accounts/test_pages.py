"""The frame of every page, and the administrators' pages, at desk and phone width."""

import pytest
from playwright.sync_api import expect

from tests.factories.accounts import UserFactory, make_week
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/people/",
    "/people/add/",
    "/agency/",
    "/agency/partners/add/",
    "/audit/",
    "/audit/weeks/",
    "/accounts/2fa/",
    "/no/such/page/",
]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_administrators_pages_are_accessible_and_fit(signed_in, axe, fits, viewport):
    person = UserFactory(roles=["officer"])
    page = signed_in("administrator", viewport=viewport)
    week = make_week(action="sign_in_failed", subject=person.username)
    for address in [*PAGES, f"/people/{person.pk}/", f"/audit/weeks/{week}/"]:
        page.goto(address)
        axe(page)
        fits(page)


def test_weekly_review_fits_320_pixels_and_is_done_from_there(signed_in, axe, fits):
    week = make_week(action="sign_in_failed", subject="a name that does not exist")
    page = signed_in("auditor", viewport={"width": 320, "height": 640})
    page.goto(f"/audit/weeks/{week}/")
    axe(page)
    fits(page)
    page.get_by_label("Note").fill("One stranger.")
    page.get_by_role("button", name="Reviewed").click()
    expect(page.get_by_text("The week is reviewed.")).to_be_visible()
    page.get_by_label("Weeks").select_option("Reviewed")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("One stranger.")).to_be_visible()
    axe(page)
    fits(page)


def test_menu_opens_and_closes_on_a_phone(signed_in, axe):
    page = signed_in("administrator", viewport=PHONE)
    page.goto("/people/")
    expect(page.get_by_role("link", name="Map")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Map")).to_be_visible()
    page.get_by_role("button", name="Administration").click()
    expect(page.get_by_role("link", name="Audit trail")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Close the menu").click()
    expect(page.get_by_role("link", name="Map")).to_be_hidden()


def test_menu_works_by_keyboard_on_a_desk(signed_in, axe):
    page = signed_in("administrator")
    page.goto("/no/such/page/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.get_by_role("button", name="Administration").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Audit trail")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Audit trail")).to_be_hidden()


def test_time_zone_shows_its_clock_before_it_is_saved(signed_in):
    page = signed_in("administrator")
    page.goto("/agency/")
    page.get_by_label("Time zone").select_option("America/Phoenix")
    expect(page.locator("#time-there")).to_contain_text("MST")
