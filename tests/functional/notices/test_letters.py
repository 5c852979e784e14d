"""A clerk goes from a hot spot to a batch of letters, a commander approves, and the clerk prints, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from notices import tasks
from notices.models import Batch
from tests.factories.notices import VersionFactory
from tests.functional.conftest import DESK, PHONE
from tests.integration.notices.letters import draft, households

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_clerk_writes_commander_approves_clerk_prints(
    signed_in: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    monkeypatch: pytest.MonkeyPatch,
    viewport: dict[str, int],
) -> None:
    queued: list[int] = []
    monkeypatch.setattr(tasks.make_letters, "delay", queued.append)
    hot_spot, _places = households(3)
    version = VersionFactory()
    page = signed_in("clerk", viewport=viewport)

    def seen(which: Page) -> None:
        axe(which)
        fits(which)

    page.goto(f"/hotspots/{hot_spot.pk}/")
    page.get_by_role("link", name="New letter").click()
    seen(page)
    page.get_by_role("link", name=version.template.name).click()
    page.get_by_label("Area, English").fill("Main Street")
    page.get_by_label("Area, Spanish").fill("la calle Main")
    seen(page)
    page.get_by_role("button", name="Keep, and see who gets one").click()
    expect(page.locator("#count")).to_contain_text("3 letters")
    page.get_by_text("Within a distance of the hot spot", exact=True).click()
    page.get_by_label("Distance, feet").fill("800")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Within 800 feet (244 m)")).to_be_visible()
    page.wait_for_load_state("networkidle")  # an answer that is still to come would draw the list anew
    page.locator("label", has_text="102 MAIN ST").click()
    expect(page.locator("input[name=who]:checked")).to_have_count(1)
    page.get_by_label("Reason").fill("Is the station")
    page.get_by_role("button", name="Leave out who is checked").click()
    expect(page.locator("#count")).to_contain_text("2 letters; 1 left out")
    seen(page)
    page.get_by_role("link", name="Go on").click()
    seen(page)
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.get_by_text("A second person must approve")).to_be_visible()
    batch = Batch.objects.get()

    desk = signed_in("commander", viewport=viewport)
    desk.goto(f"/letters/{batch.pk}/")
    seen(desk)
    desk.get_by_role("link", name="All addresses").click()
    desk.get_by_role("link", name="Left out").click()
    expect(desk.get_by_text("Is the station").first).to_be_visible()
    seen(desk)
    desk.goto(f"/letters/{batch.pk}/")
    desk.get_by_role("button", name="Approve").click()
    expect(desk.get_by_role("progressbar")).to_be_visible()
    seen(desk)
    assert queued == [batch.pk]
    tasks.make_letters(batch.pk)
    expect(desk.get_by_role("link", name="Letters, PDF")).to_be_visible()  # by itself

    page.goto(f"/letters/{batch.pk}/")
    seen(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Letters, PDF").click()
    text = "".join(sheet.extract_text() for sheet in PdfReader(download.value.path()).pages)
    assert "100 MAIN ST" in text
    assert "104 MAIN ST" in text
    assert "102 MAIN ST" not in text
    page.get_by_text("Mark as mailed", exact=True).first.click()
    page.get_by_role("button", name="Mark as mailed").click()
    expect(page.get_by_text("Marked as mailed.")).to_be_visible()
    page.goto("/letters/returned/")
    page.get_by_label("Codes").fill(batch.letters.get(number=1).code)
    seen(page)
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("1 letter is recorded as come back.")).to_be_visible()
    page.goto("/letters/?status=mailed")
    expect(page.get_by_role("link", name=batch.name)).to_be_visible()
    seen(page)


def test_clerk_draws_the_area_on_the_map(signed_in: Callable[..., Page]) -> None:
    batch = draft(2)  # the second in the very middle of the hot spot
    page = signed_in("clerk")
    page.goto(f"/letters/{batch.pk}/recipients/")
    page.wait_for_selector("#map[data-ready]")
    expect(page.locator("#count")).to_contain_text("2 letters")
    page.get_by_role("button", name="Draw another area").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y, size = box["x"] + box["width"] / 2 - 8, box["y"] + box["height"] / 2 - 8, 16
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in ((size, 0), (size, size), (0, size), (0, 1)):
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    expect(page.get_by_text("Within the shape drawn on the map.")).to_be_visible()
    expect(page.locator("#count")).to_contain_text("1 letter")
    expect(page.get_by_label("Within a shape drawn on the map")).to_be_checked()
