"""Place measures in a real browser: a lot walked with a phone, a lease case to its outcome, cameras on the map."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tactics.catalogue import Tactic
from tactics.models import Camera, LightingItem, Measure
from tests.factories import measures as make
from tests.factories.hotspots import SOUTH, STEP, WEST, BlockFactory, ComplexFactory, HotSpotFactory
from tests.factories.tactics import MeasureFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)
IN_THE_LOT = {"longitude": WEST + STEP / 2, "latitude": SOUTH + STEP / 2, "accuracy": 5}
Checked = Callable[[Page, str], None]


@pytest.fixture
def checked(axe: Callable[[Page], None], fits: Callable[[Page], None]) -> Checked:
    """A page is accessible and fits; with HOTSPOTS_PICTURES set, it is kept to be looked at."""

    def check(page: Page, name: str) -> None:
        axe(page)
        fits(page)
        if folder := os.environ.get("HOTSPOTS_PICTURES"):
            page.screenshot(path=Path(folder) / f"measure-{name}-{page.viewport_size['width']}.png", full_page=True)

    return check


def test_officer_walks_a_parking_lot_with_a_phone(signed_in: Callable[..., Page], checked: Checked) -> None:
    lot = ComplexFactory(name="Sunset Courts", at=(0, 0))
    page = signed_in("officer", viewport=PHONE, geolocation=IN_THE_LOT, permissions=["geolocation"])

    page.goto("/measures/new/")
    page.get_by_label("Address, street or complex").fill("sunset")
    page.get_by_role("button", name="Find").click()
    checked(page, "where")
    page.get_by_role("link", name="Sunset Courts").click()
    checked(page, "kinds")
    page.get_by_role("link", name="Lighting").click()
    checked(page, "plan")
    page.get_by_role("button", name="Save and start the walk").click()
    page.get_by_text("with the owner or manager").click()
    checked(page, "survey")
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_text("Your position is saved with this light.")).to_be_visible()
    page.get_by_text("Out", exact=True).click()
    page.get_by_label("Where").fill("pole 3")
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": make.picture(size=(800, 600))}
    page.get_by_label("Photo").set_input_files(photo)
    checked(page, "light")
    page.get_by_role("button", name="Save, next light").click()

    expect(page.get_by_text("1 taken down")).to_be_visible()
    page.get_by_text("Works", exact=True).click()
    expect(page.get_by_label("Who fixes it")).to_be_hidden()
    page.get_by_role("button", name="Save, done").click()

    expect(page.get_by_text("1 light is to be fixed.")).to_be_visible()
    shown = page.get_by_role("img", name="Photo: Parking lot pole 3")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.light__photo img').naturalWidth > 0")
    checked(page, "lights")
    page.get_by_role("button", name="Fixed Parking lot pole 3").click()
    expect(page.get_by_text("every light works.")).to_be_visible()

    out, works = LightingItem.objects.order_by("added_at")
    assert out.survey.measure.place == lot
    assert out.point.coords == pytest.approx((WEST + STEP / 2, SOUTH + STEP / 2), abs=1e-6)
    assert (out.fixed_on, works.party) == (timezone.localdate(), "")


def test_photo_that_cannot_be_read_says_so_on_the_phone(signed_in: Callable[..., Page], checked: Checked) -> None:
    measure = make.make_survey()
    page = signed_in("officer", viewport=PHONE)
    page.goto(f"/measures/{measure.pk}/lights/new/")
    page.get_by_text("Out", exact=True).click()
    page.get_by_label("Where").fill("pole 3")
    heic = {"name": "IMG_1.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + b"\0" * 300}
    page.get_by_label("Photo").set_input_files(heic)
    page.get_by_role("button", name="Save, done").click()
    expect(page.get_by_text("This is a HEIC photo")).to_be_visible()
    expect(page.get_by_label("Where")).to_have_value("pole 3")
    checked(page, "heic")


def test_lease_case_goes_from_violation_to_outcome_on_a_phone(signed_in: Callable[..., Page], checked: Checked) -> None:
    place = ComplexFactory(name="Sunset Courts")
    page = signed_in("clerk", viewport=PHONE)
    today = timezone.localdate()

    page.goto(f"/measures/new/?place={place.pk}")
    page.get_by_role("link", name="Lease enforcement").click()
    page.get_by_text("Yes", exact=True).click()
    page.get_by_label("Violation").select_option("drugs")
    page.get_by_label("When it happened").fill((today - 70 * DAY).isoformat())
    page.get_by_label("Apartment or house number").fill("4B")
    checked(page, "violation")
    page.get_by_role("button", name="Record the violation").click()
    expect(page.get_by_text("Nobody may lose their home for having called the police.")).to_be_visible()
    checked(page, "called-for-help")
    assert not Measure.objects.exists()

    page.get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Record the violation").click()
    expect(page.get_by_text("the owner gives notice, by")).to_be_visible()
    checked(page, "case")

    def step(label: str, day: date) -> None:
        page.get_by_text("Record the next step").click()
        page.get_by_label("What happened").select_option(label=label)
        page.get_by_label("On", exact=True).fill(day.isoformat())
        page.get_by_role("button", name="Record the step").click()

    step("Notice given", today - 60 * DAY)
    expect(page.get_by_text("(K.S.A. 22-3902)")).to_be_visible()
    step("Eviction filed", today - 40 * DAY)
    expect(page.get_by_text("If the owner filed earlier on another ground")).to_be_visible()
    page.get_by_label("On", exact=True).fill((today - 30 * DAY).isoformat())
    page.get_by_role("button", name="Record the step").click()
    expect(page.get_by_text("ask the court for the outcome")).to_be_visible()
    step("Dismissed", today)
    expect(page.get_by_text("Dismissed", exact=False).first).to_be_visible()
    checked(page, "outcome")
    measure = Measure.objects.get()
    assert (measure.status, measure.outcome) == ("done", "Dismissed")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_camera_is_put_on_the_map_and_its_sector_follows(
    signed_in: Callable[..., Page], checked: Checked, viewport: dict[str, int]
) -> None:
    measure = MeasureFactory(kind=Tactic.CAMERAS, title="Ask about the doorbell", place=BlockFactory(at=(0, 0)))
    page = signed_in("detective", viewport=viewport)
    page.goto(f"/measures/{measure.pk}/camera/")
    page.locator("#map[data-ready]").wait_for()
    before = page.get_by_label("Longitude").input_value()
    page.locator("#map canvas").click(position={"x": 60, "y": 60})
    expect(page.get_by_label("Longitude")).not_to_have_value(before)
    page.get_by_label("Faces").select_option(label="Northeast")
    checked(page, "camera")
    page.get_by_text("The owner agreed").click()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("The camera is registered.")).to_be_visible()
    checked(page, "camera-page")
    camera = Camera.objects.get()
    assert camera.direction == 45
    page.goto("/measures/cameras/")
    page.locator("#map[data-ready]").wait_for()
    expect(page.get_by_text("Doorbell camera, faces northeast")).to_be_visible()
    page.locator("#map[data-idle]").wait_for()
    checked(page, "cameras")


def test_detective_reads_who_to_ask(signed_in: Callable[..., Page], checked: Checked) -> None:
    measure = make.make_camera(contact="Front office, 555-0100")
    page = signed_in("detective", viewport=PHONE)
    page.goto(f"/measures/{measure.pk}/")
    page.get_by_role("link", name="Who to ask").click()
    checked(page, "ask")
    page.get_by_label("What for").fill("25-0417")
    page.get_by_role("button", name="Show the contact").click()
    expect(page.get_by_text("Front office, 555-0100")).to_be_visible()
    checked(page, "contact")


@pytest.mark.parametrize("viewport", [DESK, PHONE, {"width": 320, "height": 600}], ids=["desk", "phone", "320 px"])
def test_lists_and_pages_fit_every_screen(
    signed_in: Callable[..., Page], checked: Checked, viewport: dict[str, int]
) -> None:
    today, block = timezone.localdate(), BlockFactory(name="100 block of Elm St")
    hot_spot = HotSpotFactory(name="Elm and Main", places=[block])
    MeasureFactory(place=block, due_on=today - 3 * DAY, party="utility", organization="Evergy")
    MeasureFactory(place=block, due_on=today + 2 * DAY, title="Cut the hedge that hides the lamp at the north stairs")
    MeasureFactory(place=block, due_on=None, status="reported", title="Lamp out at the corner")
    authorization = make.make_authorization(today - 350 * DAY, place=block)
    permit = make.make_permit()
    page = signed_in("clerk", viewport=viewport)

    page.goto("/measures/")
    expect(page.get_by_text("2 are overdue")).to_be_visible()
    checked(page, "list")
    page.get_by_role("link", name="2 are overdue").click()
    expect(page.get_by_label("Overdue only")).to_be_checked()
    page.reload()
    expect(page.locator(".measure-row")).to_have_count(2)
    page.goto("/measures/week/")
    checked(page, "week")
    page.goto(f"/measures/{authorization.pk}/")
    checked(page, "trespass")
    page.goto(f"/measures/{permit.program_id}/")
    checked(page, "permits")
    page.goto(f"/hotspots/{hot_spot.pk}/")
    panel = page.locator(".hot-spot-panel", has_text="Place measures")
    expect(panel.locator(".measure-row")).to_have_count(4)
    expect(panel.locator(".measure-row").first).to_contain_text("Overdue")
    checked(page, "panel")
    page.goto(f"/places/{block.pk}/")
    expect(page.locator(".measure-row")).to_have_count(4)
    checked(page, "place")


def test_week_is_printed_without_what_is_for_the_screen(signed_in: Callable[..., Page]) -> None:
    MeasureFactory(due_on=timezone.localdate(), party="city")
    page = signed_in("commander")
    page.goto("/measures/week/")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("link", name="All place measures")).to_be_hidden()
    expect(page.get_by_role("heading", name="City")).to_be_visible()
