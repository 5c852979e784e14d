"""Two detectives set up their keys, one lets the other in, and both can open tips: in a browser."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import UserFactory
from tests.factories.tips import make_recovery, make_tip
from tests.functional.conftest import DESK, PHONE
from tips.models import ReaderKey

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST, SECOND, THIRD = "six quiet herons near water", "eleven calm badgers sing", "two brown otters cross"
SMALL = {"width": 320, "height": 640}
Checked = Callable[[Page, str], None]


@pytest.fixture
def checked(axe: Callable[[Page], None], fits: Callable[[Page], None]) -> Checked:
    """A page is accessible, and fits on phones and a desk; with HOTSPOTS_PICTURES set, it is kept to be looked at."""

    def check(page: Page, name: str) -> None:
        before = page.viewport_size
        axe(page)
        for size in (DESK, PHONE, SMALL):
            page.set_viewport_size(size)
            fits(page)
            if folder := os.environ.get("HOTSPOTS_PICTURES"):
                page.screenshot(path=Path(folder) / f"keys-{name}-{size['width']}.png", full_page=True)
        page.set_viewport_size(before)

    return check


def test_reviewers_set_up_their_keys_and_let_each_other_in(signed_in: Callable[..., Page], checked: Checked) -> None:
    robin = UserFactory(username="robin", roles=["detective"], last_name="Alvarez")
    casey = UserFactory(username="casey", roles=["detective"], first_name="Casey", last_name="Lindqvist")
    first = signed_in(robin)
    set_up(first, checked)
    expect(first.get_by_text("Unlocked until you sign out")).to_be_visible()
    for _ in range(3):
        make_tip()

    second = signed_in(casey, viewport=PHONE)
    digits = wait(second, checked)
    let_in(first, checked, digits)
    unlock(second, checked)

    make_recovery()
    first.goto("/tips/keys/")
    checked(first, "list")
    first.get_by_role("button", name="Catch up: 3 tips Recovery key").click()
    expect(first.get_by_text("3 earlier tips can be opened too.")).to_be_visible()
    change(second, checked)
    leave(first, checked)


def set_up(page: Page, checked: Checked) -> None:
    page.goto("/tips/keys/")
    checked(page, "none")
    page.get_by_role("link", name="Set up my key").click()
    page.get_by_label("New passphrase").fill("robin is short")
    page.get_by_label("The same again").fill("robin is short")
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_text("Your username is in it.")).to_be_visible()
    checked(page, "new")
    page.get_by_label("New passphrase").fill(FIRST)
    page.get_by_label("The same again").fill(FIRST)
    page.get_by_role("button", name="Make my key").click()


def wait(page: Page, checked: Checked) -> str:
    page.goto("/tips/keys/new/")
    page.get_by_label("New passphrase").fill(SECOND)
    page.get_by_label("The same again").fill(SECOND)
    page.get_by_role("button", name="Make my key").click()
    expect(page.get_by_text("Now another reviewer has to let you in.")).to_be_visible()
    checked(page, "list-waiting")
    page.goto("/tips/unlock/")
    checked(page, "waiting")
    return page.locator("code").inner_text()


def let_in(page: Page, checked: Checked, digits: str) -> None:
    page.goto("/tips/keys/")
    page.get_by_role("link", name="Let in Casey Lindqvist").click()
    expect(page.get_by_text(digits)).to_be_visible()
    checked(page, "let-in")
    page.get_by_text("I compared the digits").click()
    page.get_by_role("button", name="Let in").click()
    expect(page.get_by_text("Casey Lindqvist can open tips now.")).to_be_visible()
    expect(page.get_by_text("Opens 3 of 3 tips")).to_have_count(2)


def unlock(page: Page, checked: Checked) -> None:
    page.goto("/tips/keys/")
    page.get_by_role("link", name="Unlock my key").click()
    page.get_by_label("Passphrase").fill("eleven calm badgers sang")
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("This is not the passphrase.")).to_be_visible()
    checked(page, "unlock")
    page.get_by_label("Passphrase").fill(SECOND)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_text("Unlocked until you sign out")).to_be_visible()
    assert not page.evaluate("document.cookie"), "no script can read the half of the key that lies here"


def change(page: Page, checked: Checked) -> None:
    page.goto("/tips/keys/")
    page.get_by_role("link", name="Change my passphrase").click()
    checked(page, "passphrase")
    page.goto("/tips/keys/rotate/")
    checked(page, "rotate")
    page.get_by_label("New passphrase").fill(THIRD)
    page.get_by_label("The same again").fill(THIRD)
    page.get_by_role("button", name="Take the new key").click()
    expect(page.get_by_text("The old one opens nothing any more.")).to_be_visible()
    page.get_by_role("button", name="Lock now").click()
    expect(page.get_by_text("Your key is locked.")).to_be_visible()
    page.get_by_role("link", name="I lost my passphrase").click()
    checked(page, "lost")
    page.get_by_text("I cannot remember it.").click()
    page.get_by_role("button", name="Retire my key").click()
    expect(page.get_by_text("Your old key is retired.")).to_be_visible()


def leave(page: Page, checked: Checked) -> None:
    """Nobody is left who opens the tips but the recovery key; without it, the last key stays."""
    page.goto("/tips/keys/")
    page.get_by_role("link", name="Retire Robin Alvarez").click()
    checked(page, "retire")
    ReaderKey.objects.filter(kind="recovery").update(status="retired", retired_at="2026-01-05T12:00Z")
    own = ReaderKey.objects.active().get()
    for name, address in (("lost", "/tips/keys/lost/"), ("retire", f"/tips/keys/{own.pk}/retire/")):
        page.goto(address)
        expect(page.get_by_text("could be opened by nobody any more")).to_be_visible()
        checked(page, f"{name}-refused")
    page.goto("/tips/keys/")
    page.get_by_text("Retired keys").click()
    checked(page, "list-retired")
