"""A clerk writes for the public, a commander approves, and what was approved stands on the public pages."""

from collections.abc import Callable

import pytest
from django.contrib.gis.geos import Point
from playwright.sync_api import BrowserContext, Page, expect

from notices.models import PublicProject, Release
from tests.factories.hotspots import SOUTH, WEST, AddressFactory, HotSpotFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_clerk_writes_commander_approves_public_reads(
    new_context: Callable[..., BrowserContext],
    signed_in: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    viewport: dict[str, int],
) -> None:
    places = [AddressFactory(geometry=Point(WEST + n * 1e-5, SOUTH + 1e-5, srid=4326)) for n in range(8)]
    spot = HotSpotFactory(name="Main Street", places=places)
    clerk, commander = (signed_in(role, viewport=viewport) for role in ("clerk", "commander"))

    def seen(page: Page) -> None:
        axe(page)
        fits(page)

    write_project(clerk, spot.pk, seen)
    project = PublicProject.objects.get()
    commander.goto(f"/public-projects/{project.pk}/")
    expect(clerk.get_by_text("A commander must approve it")).to_be_visible()
    expect(clerk.get_by_role("button", name="Approve")).to_have_count(0)
    approve(commander, seen)

    write_release(clerk, seen)
    release = Release.objects.get()
    expect(clerk.get_by_role("button", name="Approve")).to_have_count(0)
    expect(clerk.get_by_text("It must not be given away.")).to_be_visible()
    seen(clerk)
    commander.goto(f"/media/{release.pk}/")
    approve(commander, seen)

    clerk.reload()
    publish_on_the_site(clerk, seen)
    clerk.goto("/en/news/")
    clerk.get_by_role("link", name="Police spend more time around Main Street").click()
    picture = clerk.locator("figure img")
    picture.evaluate("image => image.decode()")  # it may still be on its way
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1200, 630]
    expect(clerk.get_by_role("listitem").filter(has_text="Officers walk through")).to_be_visible()
    seen(clerk)

    withdraw_both(commander, project, release, seen)
    somebody = new_context(viewport).new_page()  # a browser that has kept nothing of these pages
    somebody.goto("/en/news/")
    expect(somebody.get_by_role("link", name="Police spend more time around Main Street")).to_have_count(0)
    assert somebody.goto(f"/en/projects/{project.slug}/").status == 404


def write_project(page: Page, hot_spot: int, seen: Callable[[Page], None]) -> None:
    page.goto(f"/hotspots/{hot_spot}/")
    page.get_by_role("link", name="Make public").click()
    expect(page.get_by_label("Name, Spanish")).to_have_value("")  # nobody has named it in Spanish yet
    page.get_by_text("Foot patrol", exact=True).click()
    page.get_by_label("Name, Spanish").fill("La calle Main")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft waits for a second person.")).to_be_visible()


def write_release(page: Page, seen: Callable[[Page], None]) -> None:
    page.goto("/media/")
    seen(page)
    page.get_by_label("A new release about").select_option("Main Street")
    page.get_by_role("button", name="Write it").click()
    expect(page.get_by_label("Headline, Spanish")).to_have_value(
        "La policía pasa más tiempo en la zona de La calle Main"
    )
    page.get_by_label("Headline, Spanish").fill("La policía pasa más tiempo en la calle Main")
    page.locator("label", has_text="With a map").click()
    seen(page)
    page.get_by_label("Post, Spanish").fill("Los agentes pasan más tiempo en la calle Main.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("The draft waits for a second person.")).to_be_visible()


def approve(page: Page, seen: Callable[[Page], None]) -> None:
    seen(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("It is approved.")).to_be_visible()


def publish_on_the_site(page: Page, seen: Callable[[Page], None]) -> None:
    page.get_by_label("Where", exact=True).select_option("site")
    page.get_by_label("Language").select_option("en")
    seen(page)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("It is recorded.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="The public pages here")).to_be_visible()
    seen(page)


def withdraw_both(page: Page, project: PublicProject, release: Release, seen: Callable[[Page], None]) -> None:
    page.goto("/public-review/")
    expect(page.locator(".media-lines > li")).to_have_count(2)
    for what in (str(release), str(project)):
        line = page.locator(".media-lines > li").filter(has=page.get_by_role("heading", name=what, exact=True))
        line.locator("summary").click()
        line.get_by_label("Why").fill("A street is wrong.")
        seen(page)
        line.get_by_role("button", name="Withdraw it now").click()
        expect(page.get_by_text("It is withdrawn.")).to_be_visible()
    expect(page.get_by_text("Nothing is public.")).to_be_visible()
    seen(page)
