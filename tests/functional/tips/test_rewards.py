"""A reward from the tip's page to the cash box, each person in a browser of their own; the tipster with the receipt."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory
from tests.factories.rewards import MadeReward, make_reward, read_codes
from tests.factories.tips import PASSPHRASE, make_reader, make_tip
from tests.functional.conftest import DESK, PHONE
from tips.models import Reward

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
                page.screenshot(path=Path(folder) / f"reward-{name}-{size['width']}.png", full_page=True)

    return check


def test_reward_goes_from_claim_to_cash(signed_in: Callable[..., Page], checked: Checked) -> None:
    people = {role: UserFactory(roles=[role]) for role in ("detective", "commander", "clerk")}
    make_reader(people["detective"])
    spot = HotSpotFactory(name="Railside lot")
    sent = make_tip(hot_spot=spot)
    detective = signed_in(people["detective"], viewport=PHONE)

    detective.goto(f"/tips/rewards/new/?tip={sent.tip.pk}")
    expect(detective.get_by_label("Hot spot")).to_have_value(str(spot.pk))
    checked(detective, "new")
    detective.get_by_role("button", name="Claim it").click()
    expect(detective.get_by_text("Its code number is R-")).to_be_visible()
    checked(detective, "claimed")
    reward = Reward.objects.get()
    record(detective)
    checked(detective, "conviction")

    commander = signed_in(people["commander"])
    vote(commander, checked, reward.code)

    detective.reload()
    detective.get_by_role("link", name="Unlock your key first").click()
    detective.get_by_label("Passphrase").fill(PASSPHRASE)
    detective.get_by_role("button", name="Unlock").click()
    checked(detective, "approved")
    detective.get_by_role("button", name="Send the second code").click()
    expect(detective.get_by_text("The second code was sent. Only the tipster")).to_be_visible()
    checked(detective, "offered")
    reward.refresh_from_db()
    number, second = read_codes(MadeReward(reward, sent.receipt, *people.values()))
    assert second not in detective.content()

    collect(signed_in(people["clerk"]), checked, number, second)

    commander.goto("/tips/rewards/approvals/")
    commander.get_by_role("button", name=f"Close it: {number}").click()
    expect(commander.get_by_text("Closed.")).to_be_visible()
    checked(commander, "closed")
    commander.goto("/tips/rewards/ledger/")
    checked(commander, "ledger")
    commander.goto("/tips/rewards/report/?first=2026-01-01")
    checked(commander, "report")


def record(page: Page) -> None:
    page.get_by_label("Arrests").fill("2")
    page.get_by_label("Date of arrest").fill("2026-03-02")
    page.get_by_text("Drugs").click()
    page.get_by_label("Its value in dollars").fill("1200")
    page.get_by_role("button", name="Record the arrest").click()
    expect(page.get_by_text("Recorded.")).to_be_visible()
    page.get_by_label("Convictions").fill("1")
    page.get_by_label("Date of conviction").fill("2026-06-01")
    page.get_by_role("button", name="Record the conviction").click()
    expect(page.get_by_text("the board votes on it")).to_be_visible()


def vote(page: Page, checked: Checked, code: str) -> None:
    page.goto("/tips/rewards/ledger/")
    checked(page, "ledger-empty")
    page.get_by_text("Add to the budget").click()
    page.get_by_label("Amount in dollars").fill("5000")
    page.get_by_label("What it is").select_option("yearly")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Added to the budget.")).to_be_visible()
    page.goto("/tips/rewards/approvals/")
    checked(page, "approvals")
    page.get_by_role("link", name=code).click()
    expect(page.get_by_text("Railside lot")).not_to_be_visible()
    checked(page, "vote")
    page.get_by_label("Amount in dollars").fill("500")
    page.get_by_role("button", name="The board approved it").click()
    expect(page.get_by_text("Approved. The money is set aside.")).to_be_visible()


def collect(page: Page, checked: Checked, number: str, second: str) -> None:
    page.goto("/tips/rewards/")
    checked(page, "list-clerk")
    page.get_by_role("main").get_by_role("link", name="Pay a reward").click()
    page.get_by_label("Code number").fill(number)
    page.get_by_label("Second code").fill("0000 0000 0000")
    page.get_by_role("button", name="Show the amount").click()
    expect(page.get_by_text("do not belong together")).to_be_visible()
    checked(page, "pay-wrong")
    page.get_by_label("Second code").fill(second)
    page.get_by_role("button", name="Show the amount").click()
    expect(page.get_by_text("$500", exact=True)).to_be_visible()
    checked(page, "pay")
    page.get_by_role("button", name="It was handed over").click()
    expect(page.get_by_text("Reward paid in cash")).to_be_visible()
    checked(page, "slip")


def test_lists_and_what_is_locked_fit_every_screen(signed_in: Callable[..., Page], checked: Checked) -> None:
    for state in ("claimed", "conviction", "paid"):
        make_reward(state)
    locked = make_reward("offered").reward
    Reward.objects.filter(pk=locked.pk).update(wrong_codes=Reward.MOST_WRONG_CODES)
    page = signed_in("commander", "detective")
    page.goto("/tips/rewards/")
    checked(page, "list")
    page.goto("/tips/rewards/approvals/")
    checked(page, "approvals-locked")
    page.goto(f"/tips/rewards/{locked.code}/")
    checked(page, "locked")
    page.get_by_role("button", name="Release it").click()
    expect(page.get_by_text("Released. Five more codes may be tried.")).to_be_visible()
