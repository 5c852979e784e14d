"""An officer's phone in a real browser: a town to work in, and what the tests of `/log/` do with it."""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Error, Page, expect

from accounts.models import User
from hotspots.models import HotSpot
from tactics.catalogue import Tactic
from tactics.models import Dog
from tests.factories.accounts import sign_in
from tests.factories.hotspots import SOUTH, STEP, WEST, BlockFactory, HotSpotFactory, OffenseFactory
from tests.factories.tactics import AssignmentFactory, PlanFactory, PlanTacticFactory, RosterFactory, UnitFactory

STREET = {"width": 360, "height": 740}
# In the boundary of "Maple & 5th", on its block.
HERE = {"latitude": SOUTH + STEP / 4, "longitude": WEST + STEP / 2, "accuracy": 12}
# On another block of the town, in no hot spot.
ELSEWHERE = {"latitude": SOUTH + 3 * STEP, "longitude": WEST + 3.5 * STEP, "accuracy": 15}


def make_town() -> HotSpot:
    """One hot spot with a plan and two visits to make, one of them overdue; a street beside it; a dog."""
    now = timezone.now()
    block = BlockFactory(at=(0, 0), name="500 block of Maple St", street="MAPLE ST")
    BlockFactory(at=(3, 3), name="900 block of Oak St", street="OAK ST")
    spot = HotSpotFactory(name="Maple & 5th", places=[block])
    plan = PlanFactory(hot_spot=spot, status="active", starts_on=timezone.localdate() - timedelta(days=9))
    PlanTacticFactory(plan=plan)
    roster = RosterFactory(
        day=timezone.localdate(), starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=6)
    )
    AssignmentFactory(roster=roster, hot_spot=spot, due_at=now - timedelta(minutes=25))
    AssignmentFactory(roster=roster, hot_spot=spot, tactic=Tactic.FOOT_PATROL, due_at=now + timedelta(minutes=40))
    Dog.objects.create(name="Rex")
    UnitFactory(name="Car 12")
    for code, name in (("35A", "Drug violations"), ("13B", "Simple assault"), ("290", "Vandalism")):
        OffenseFactory(code=code, name=name)
    return spot


def open_app(page: Page) -> None:
    """Until the lists are there and the app can open without signal."""
    page.goto("/log/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def ready(page: Page) -> None:
    expect(page.locator("#screen[data-ready=true]")).to_be_attached()
    expect(page.get_by_role("heading", name="Next visits")).to_be_visible()


def waiting(page: Page) -> int:
    """Entries on the phone's disk that the server has not answered for."""
    return int(
        page.evaluate(
            """() => new Promise((resolve, reject) => {
                const opening = indexedDB.open("hot-spot-log");
                opening.onerror = () => reject(opening.error);
                opening.onsuccess = () => {
                    const counting = opening.result.transaction("queue").objectStore("queue").count();
                    counting.onsuccess = () => { opening.result.close(); resolve(counting.result); };
                };
            })"""
        )
    )


def sent(page: Page) -> None:
    """Without waiting for the seconds in which an end can be undone."""
    tab(page, "Waiting")
    told, button = page.get_by_text("Everything is sent."), page.get_by_role("button", name="Try now")
    expect(told.or_(button)).to_be_visible()
    for _ in range(20):
        if told.is_visible():
            break
        with suppress(Error):  # it goes when everything is sent
            button.click(timeout=500)
    expect(told).to_be_visible()
    assert waiting(page) == 0


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name).click()


def stop(page: Page, outcome: str = "Warning") -> None:
    """A vehicle stop from the first screen, by the quickest way."""
    page.get_by_role("button", name="Vehicle stop").click()
    page.get_by_label("Speed", exact=True).check()
    page.get_by_label(outcome, exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Vehicle stop saved.")).to_be_visible()


def place_at(context: BrowserContext, where: dict[str, float]) -> None:
    context.grant_permissions(["geolocation"])
    context.set_geolocation(where)


def session_of(user: User) -> str:
    return str(sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value)
