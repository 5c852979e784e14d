"""The live board and the commander's panels in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tactics.catalogue import Tactic
from tactics.models import Activity
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory, IncidentFactory, LocationFactory, PublishedRunFactory
from tests.factories.tactics import ActivityFactory, PlanFactory, PlanTacticFactory, UnitFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WITHIN_MS = 15_000  # a start has to show within 15 s


@pytest.fixture
def hot_spot():
    spot = HotSpotFactory(name="Elm lot", starts_on=timezone.localdate() - timedelta(days=40))
    plan = PlanFactory(hot_spot=spot, status="active", hours=list(range(168)))
    PlanTacticFactory(plan=plan, visits=28, per="week", minutes=15)
    ActivityFactory(hot_spot=spot, started_at=timezone.now() - timedelta(hours=9), minutes=10)
    return spot


def start(hot_spot, **more):
    officer = UserFactory(first_name="Olive", last_name="Officer", roles=["officer"])
    begun = {"started_at": timezone.now() - timedelta(minutes=2), "minutes": None}
    return ActivityFactory(hot_spot=hot_spot, officer=officer, **begun | more)


def test_board_updates_itself_and_says_when_the_connection_is_lost(signed_in, hot_spot, axe, fits):
    page = signed_in("commander")
    page.goto("/board/")
    board = page.locator("#board-now")
    expect(board).to_contain_text("No visit runs.")
    expect(board).to_contain_text("overdue by")
    axe(page)

    visit = start(hot_spot, unit=UnitFactory(name="Car 7"))
    expect(board).to_contain_text("Car 7 · Olive Officer", timeout=WITHIN_MS)
    expect(board).to_contain_text("1 there now")
    expect(page.locator("#map[data-visits='1']")).to_be_attached()
    Activity.objects.filter(pk=visit.pk).update(ended_at=timezone.now())

    page.context.set_offline(True)
    lost = page.locator("#board-lost")
    expect(lost).to_contain_text("Connection lost. This is how it was at", timeout=WITHIN_MS)
    expect(board).to_contain_text("Car 7")
    axe(page)

    page.context.set_offline(False)
    expect(lost).to_be_empty(timeout=WITHIN_MS)
    expect(board).to_contain_text("No visit runs.")
    expect(page.locator("#map[data-visits='0']")).to_be_attached()
    fits(page)


def test_board_asks_nothing_while_nobody_sees_it(signed_in, hot_spot):
    page = signed_in("officer")
    asked = []
    page.on("request", lambda request: "/board/now/" in request.url and asked.append(request.url))
    page.clock.install()
    page.goto("/board/")
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.away ?? false}); window.away = true")
    page.clock.run_for(60_000)
    assert not asked
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function("document.getElementById('board-lost').textContent === ''")
    assert len(asked) == 1


@pytest.mark.parametrize("viewport", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_board_fits_and_is_read_from_afar(signed_in, hot_spot, axe, fits, viewport):
    start(hot_spot, kind=Tactic.FOOT_PATROL)
    page = signed_in("commander", viewport=viewport)
    page.goto("/board/")
    size = "parseFloat(getComputedStyle(document.querySelector('.board-name')).fontSize)"
    plain = page.evaluate(size)
    fits(page)
    page.get_by_role("link", name="Large, for a screen on the wall").click()
    expect(page.get_by_role("link", name="Ordinary size")).to_be_visible()
    assert page.evaluate(size) > 1.15 * plain
    axe(page)
    fits(page)


@pytest.mark.parametrize("viewport", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk")])
def test_commander_sees_plan_beside_delivered_and_stops_beside_incidents(signed_in, hot_spot, axe, fits, viewport):
    boundary = hot_spot.boundaries.get()
    lately = timezone.now() - timedelta(days=3)
    IncidentFactory(location=LocationFactory(block=boundary.places.get()), occurred_from=lately)
    ActivityFactory(hot_spot=hot_spot, kind=Tactic.VEHICLE_STOP, started_at=lately, minutes=6)
    page = signed_in("commander", viewport=viewport)
    page.goto("/dosage/")
    expect(page.get_by_role("row", name="Elm lot")).to_contain_text("overdue by")
    page.get_by_role("link", name="8 weeks").click()
    assert "weeks=8" in page.url
    axe(page)
    fits(page)

    page.get_by_role("link", name="Elm lot").click()
    delivered = page.locator(".hot-spot-panel", has_text="Plan beside delivered")
    expect(delivered).to_contain_text("10 minutes each; planned 15")
    expect(delivered.get_by_role("img")).to_be_visible()
    stops = page.locator(".hot-spot-panel", has_text="Stops and contacts")
    expect(stops).to_contain_text("Too few to tell.")
    axe(page)
    fits(page)

    stops.get_by_role("link", name="All hot spots and the rest of the city").click()
    expect(page.get_by_role("heading", name="Stops and contacts beside incidents")).to_be_visible()
    axe(page)
    fits(page)


def test_board_draws_streets_in_gray_under_its_hot_spots(signed_in, hot_spot):
    PublishedRunFactory()
    page = signed_in("commander")
    with page.expect_response(lambda answer: answer.url.endswith(".mvt")) as tile:
        page.goto("/board/")
    assert tile.value.ok
    expect(page.locator("#map[data-visits='0']")).to_be_attached()
    expect(page.locator("#map[data-idle]")).to_be_attached()
    expect(page.locator("#map-trouble")).to_be_hidden()
