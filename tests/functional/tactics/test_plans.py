"""A commander plans a hot spot, puts the plan in force, draws the roster and drops a visit, in a real browser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import AuditEntry
from tactics.models import Assignment, Plan
from tests.factories.hotspots import BlockFactory, HotSpotFactory, IncidentFactory, LocationFactory
from tests.factories.tactics import AssignmentFactory, PlanFactory, PlanTacticFactory, RosterFactory, UnitFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 600}
DAY = timedelta(days=1)


def hot_spot_with_evening_crime() -> object:
    block = BlockFactory()
    location = LocationFactory(block=block)
    for week in range(13):
        evening = datetime(2025, 3, 7, 1, tzinfo=UTC) - week * 7 * DAY  # Thursday 19:00 in Parsons
        IncidentFactory(location=location, occurred_from=evening)
        IncidentFactory(location=location, occurred_from=evening + timedelta(hours=1))
    return HotSpotFactory(name="Main and First", places=[block])


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_commander_plans_activates_draws_and_drops(
    signed_in: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    viewport: dict[str, int],
) -> None:
    hot_spot = hot_spot_with_evening_crime()
    UnitFactory(name="Car 12")
    page = signed_in("commander", viewport=viewport)

    def seen() -> None:
        axe(page)
        fits(page)

    page.goto(f"/hotspots/{hot_spot.pk}/")
    page.get_by_role("link", name="Plan this hot spot").click()
    expect(page.get_by_role("heading", name="Plan this hot spot")).to_be_visible()
    expect(page.get_by_text("2 hours chosen, with 100")).to_be_visible()
    assert page.get_by_role("checkbox", name="Thursday 19:00").is_checked()
    seen()
    page.get_by_label("The problem in a sentence").fill("Break-ins on Thursday evenings.")
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Tab")  # one stop for the whole grid, at the first hour chosen
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_text("3 hours chosen, with 100")).to_be_visible()
    for day in ("Monday", "Tuesday", "Wednesday", "Friday", "Saturday", "Sunday"):
        page.get_by_role("checkbox", name=f"{day} 19:00").check()
    page.get_by_text("Car 12").click()
    page.get_by_role("button", name="Propose the plan").click()

    expect(page.get_by_text("The plan is proposed.")).to_be_visible()
    seen()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("The plan is active.")).to_be_visible()
    seen()

    tomorrow = timezone.localdate() + DAY
    page.goto(f"/rosters/?day={tomorrow}")
    page.get_by_role("button", name="Draw Evenings now").click()
    expect(page.get_by_role("rowheader", name="Main and First").first).to_be_visible()
    seen()
    page.get_by_role("link", name="Change Evenings").click()
    page.get_by_role("link", name="Drop: ").first.click()
    page.get_by_role("button", name="Drop it").click()
    assert page.get_by_label("Reason").evaluate("field => field.validity.valueMissing")  # it is not sent without
    page.get_by_label("Reason").fill("Street closed for a parade")
    seen()
    page.get_by_role("button", name="Drop it").click()

    expect(page.get_by_text("The visit is dropped.")).to_be_visible()
    expect(page.get_by_role("cell", name="Street closed for a parade")).to_be_visible()
    seen()
    plan, visit = Plan.objects.get(), Assignment.objects.get()
    assert (plan.status, plan.hours) == ("active", [19, 43, 67, 91, 92, 93, 115, 139, 163])
    assert (visit.reason, visit.unit.name, visit.roster.day) == ("Street closed for a parade", "Car 12", tomorrow)
    assert AuditEntry.objects.filter(action="roster_changed", details__what="dropped").exists()


def test_visits_change_places_by_keyboard_with_one_reason(signed_in: Callable[..., Page]) -> None:
    now = timezone.now()
    roster = RosterFactory(day=timezone.localdate(), starts_at=now, ends_at=now + timedelta(hours=8))
    spots = [HotSpotFactory(name=name) for name in ("First", "Second", "Third")]
    for number, spot in enumerate(spots):
        due_at = now + timedelta(hours=1 + number)
        AssignmentFactory(roster=roster, hot_spot=spot, position=number, due_at=due_at)
    page = signed_in("commander")
    page.goto(f"/rosters/{roster.pk}/")

    def order() -> list[str]:
        return page.locator("tbody th").all_inner_texts()

    page.get_by_label("Why the order changes").fill("Soon dark")
    for expected in (["First", "Third", "Second"], ["Third", "First", "Second"]):
        page.get_by_role("button", name="Earlier:").filter(has_text="↑").nth(order().index("Third")).focus()
        page.keyboard.press("Enter")
        expect(page.locator("tbody th")).to_have_text(expected)
    expect(page.get_by_label("Why the order changes")).to_have_value("Soon dark")
    assert AuditEntry.objects.filter(details__reason="Soon dark").count() == 2


@pytest.mark.parametrize("viewport", [DESK, SMALL], ids=["desk", "320 px"])
def test_pages_work_on_every_screen_and_without_scripts(
    signed_in: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    viewport: dict[str, int],
) -> None:
    plan = PlanFactory(status="under_review", hours=[*range(18, 24), 166, 167, 0], finding="Down by half.")
    for tactic in ("foot_patrol", "knock_and_talk"):
        PlanTacticFactory(plan=plan, tactic=tactic, per="week")
    page = signed_in("commander", viewport=viewport)
    for address in (
        "/plans/",
        f"/hotspots/{plan.hot_spot_id}/plan/",
        f"/hotspots/{plan.hot_spot_id}/plan/edit/",
        "/shifts/",
    ):
        page.goto(address)
        axe(page)
        fits(page)

    still = signed_in("commander", viewport=viewport, java_script_enabled=False)
    still.goto(f"/hotspots/{plan.hot_spot_id}/plan/edit/")
    assert not still.get_by_role("button", name="Clear").is_visible()
    still.get_by_role("checkbox", name="Monday 17:00").check()
    still.get_by_role("button", name="Save the plan").click()
    plan.refresh_from_db()
    assert plan.hours == [0, *range(17, 24), 166, 167]


def test_hours_are_dragged_with_a_mouse_and_set_at_once(signed_in: Callable[..., Page]) -> None:
    hot_spot = hot_spot_with_evening_crime()
    page = signed_in("commander")
    page.goto(f"/hotspots/{hot_spot.pk}/plan/edit/")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("0 hours chosen, with 0%")).to_be_visible()

    page.get_by_role("checkbox", name="Monday 10:00").hover()
    page.mouse.down()
    for day in ("Tuesday", "Wednesday"):
        page.get_by_role("checkbox", name=f"{day} 10:00").hover()
    page.mouse.up()
    expect(page.get_by_text("3 hours chosen")).to_be_visible()
    assert page.get_by_role("checkbox", name="Tuesday 10:00").is_checked()

    page.get_by_role("button", name="Take the suggestion").click()
    expect(page.get_by_text("2 hours chosen, with 100%")).to_be_visible()
