"""A clerk answers a request for help with a meeting, walks the place with a phone, and it is followed up: in a browser."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from notices.models import HelpRequest, Meeting
from tests.factories.hotspots import ComplexFactory
from tests.factories.measures import picture
from tests.factories.notices import HelpRequestFactory, OwnershipFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Checked = Callable[[Page, str], None]


@pytest.fixture
def checked(axe: Callable[[Page], None], fits: Callable[[Page], None]) -> Checked:
    """A page is accessible, and fits on a phone and a desk; with HOTSPOTS_PICTURES set, it is kept to be looked at."""

    def check(page: Page, name: str) -> None:
        axe(page)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            fits(page)
            if folder := os.environ.get("HOTSPOTS_PICTURES"):
                page.screenshot(path=Path(folder) / f"meeting-{name}-{size['width']}.png", full_page=True)

    return check


def test_clerk_answers_a_request_with_a_meeting_that_is_followed_up(
    signed_in: Callable[..., Page], checked: Checked
) -> None:
    place = ComplexFactory(name="Railside Apartments")
    OwnershipFactory(place=place)
    HelpRequestFactory(where="Railside Apartments", message="The parking lot is dark, and doors do not lock.")
    page = signed_in("clerk", viewport=PHONE)

    plan(page, checked)
    record(page)
    page.get_by_role("link", name="Start the walk").click()
    walk(page, checked)
    expect(page.get_by_text("3 of 22 points looked at.")).to_be_visible()
    agree(page, checked)

    page.get_by_role("button", name="It was held").click()
    page.get_by_role("button", name="Make the minutes").click()
    expect(page.get_by_text("The minutes are made.")).to_be_visible()
    checked(page, "held")
    with Meeting.objects.get().minutes.open() as file:
        reader = PdfReader(file)
        text = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
        assert len({image.name for sheet in reader.pages for image in sheet.images}) == 1
    for told in ("Trim the bushes along the lot", "Manager, Railside LLC", "Pole 3", "Doors do not lock"):
        assert told in text

    follow_up(page, checked, place.name)


def plan(page: Page, checked: Checked) -> None:
    page.goto("/help-requests/")
    checked(page, "requests")
    page.get_by_role("link", name="Railside Apartments").click()
    page.get_by_role("button", name="Take it up").click()
    checked(page, "request")
    page.get_by_role("link", name="Plan a meeting").click()
    checked(page, "place")
    page.get_by_role("link", name="Railside Apartments").click()
    now = timezone.localtime() - timedelta(hours=1)
    page.get_by_label("When").fill(now.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Where").fill("At the office")
    expect(page.get_by_label("Owner or manager")).to_be_checked()
    checked(page, "plan")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("Planned. The agenda is made")).to_be_visible()
    checked(page, "planned")
    assert HelpRequest.objects.get().status == "taken"


def record(page: Page) -> None:
    opened(page, "Add who was there")
    page.get_by_label("Role").select_option("manager")
    page.get_by_label("Organization").first.fill("Railside LLC")
    page.get_by_role("button", name="Add", exact=True).first.click()
    opened(page, "Add an issue")
    page.get_by_label("Issue").fill("Doors do not lock")
    page.get_by_label("Raised by").select_option("manager")
    page.get_by_role("button", name="Add", exact=True).last.click()
    expect(page.get_by_role("button", name="Remove Doors do not lock")).to_be_visible()


def walk(page: Page, checked: Checked) -> None:
    """By thumb: an answer, a note and a photo are each kept at once."""
    lamps = page.locator("#lamps-work")
    lamps.get_by_text("Needs work", exact=True).click()
    expect(lamps.get_by_text("Saved", exact=True)).to_be_visible()
    lamps.get_by_text("Note or photo").click()
    lamps.get_by_label("Note").fill("Pole 3")
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(800, 600))}
    lamps.get_by_label("Photo").set_input_files(photo)
    expect(lamps.get_by_role("img")).to_be_visible()
    expect(lamps.get_by_label("Photo", exact=True)).to_have_value("")
    for item, answer in (("doors-lock", "Needs work"), ("trash", "Good")):
        page.locator(f"#{item}").get_by_text(answer, exact=True).click()
        expect(page.locator(f"#{item}").get_by_text("Saved", exact=True)).to_be_visible()
    checked(page, "walk")
    page.reload()
    expect(lamps.get_by_label("Note", exact=True)).to_have_value("Pole 3")
    expect(lamps.get_by_label("Needs work")).to_be_checked()
    page.get_by_role("link", name="The walk is done").click()


def agree(page: Page, checked: Checked) -> None:
    opened(page, "Agree on something")
    page.locator("#id_agree-title").fill("Trim the bushes along the lot")
    checked(page, "agree")
    page.locator("#id_agree-kind").select_option("upkeep")
    page.locator("#agreements").get_by_role("button", name="Agreed").click()
    expect(page.get_by_text("Agreed. It is a place measure now.")).to_be_visible()


def follow_up(page: Page, checked: Checked, place: str) -> None:
    """At the place it is one measure among the others, and what is done there is done here."""
    page.goto("/measures/")
    page.get_by_role("link", name="Trim the bushes along the lot").click()
    expect(page.get_by_text("Upkeep and screening").first).to_be_visible()
    checked(page, "measure")
    opened(page, "It is done")
    page.get_by_role("button", name="Done").click()
    page.goto("/meetings/agreements/?status=done")
    expect(page.get_by_role("link", name="Trim the bushes along the lot")).to_be_visible()
    checked(page, "agreements")
    page.get_by_role("link", name="meeting of").click()
    expect(page.locator("#agreements").get_by_text("Done", exact=True)).to_be_visible()
    page.get_by_role("link", name="all meetings here").click()
    expect(page.get_by_role("heading", name=place)).to_be_visible()
    checked(page, "history")
    page.goto("/meetings/")
    checked(page, "list")


def opened(page: Page, summary: str) -> None:
    page.locator("summary", has_text=summary).click()
