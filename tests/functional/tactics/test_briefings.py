"""The briefing in a browser: read on a phone, made and printed at a desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tactics.catalogue import Tactic
from tactics.models import Briefing, Shift
from tests.factories.hotspots import BlockFactory, HotSpotFactory, IncidentFactory, LocationFactory
from tests.factories.tactics import ActivityFactory, BriefingFactory, MeasureFactory, PlanFactory, PlanTacticFactory
from tests.functional.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tomorrow():
    return timezone.localdate() + timedelta(days=1)


@pytest.fixture
def shift():
    return Shift.objects.get(name="Evenings")


@pytest.fixture
def plan():
    block = BlockFactory(name="900 block of Main St", at=(1, 0))
    BlockFactory(name="1000 block of Main St", at=(2, 0))
    BlockFactory(name="100 block of S 9th St", at=(1, 1))
    spot = HotSpotFactory(name="Main Street", places=[block], starts_on=timezone.localdate() - timedelta(days=30))
    plan = PlanFactory(hot_spot=spot, status="active", hours=list(range(168)), problem="Fights when the bars close.")
    PlanTacticFactory(plan=plan)
    PlanTacticFactory(plan=plan, tactic=Tactic.VEHICLE_STOP, visits=5, per="week", minutes=10)
    now = timezone.now()
    location = LocationFactory(block=block)
    IncidentFactory(location=location, occurred_from=now - timedelta(hours=30))
    ActivityFactory(hot_spot=spot, started_at=now - timedelta(hours=20))
    MeasureFactory(place=block, due_on=timezone.localdate() - timedelta(days=3))
    return plan


def test_commander_makes_a_briefing_from_the_list_and_reprints_it(signed_in, plan, shift, tomorrow, axe, fits):
    page = signed_in("commander")
    page.goto("/briefings/")
    axe(page)
    fits(page)
    page.get_by_role("link", name=f"Evenings {tomorrow:%B} {tomorrow.day}", exact=True).click()
    page.get_by_role("heading", name="Main Street").wait_for()
    assert "No roster is drawn" in page.inner_text("main")
    axe(page)
    page.get_by_role("button", name="Make this briefing").click()
    page.get_by_text("The briefing is made").wait_for()
    assert page.get_by_role("heading", name="Visits in their order").is_visible()
    axe(page)
    fits(page)
    address = page.get_by_role("link", name="PDF of").get_attribute("href")
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body() == bytes(Briefing.objects.get().pdf)
    page.goto("/briefings/")
    page.get_by_role("link", name=f"Evenings {tomorrow:%B} {tomorrow.day}").filter(has_text="PDF").wait_for()


def test_printing_the_page_leaves_out_what_is_not_the_briefing(signed_in, plan, shift, tomorrow):
    page = signed_in("commander")
    page.goto(f"/briefings/{tomorrow}/{shift.pk}/")
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Make this briefing").is_visible()
    assert not page.locator(".house-header").is_visible()
    assert not page.locator(".house-footer").is_visible()
    assert page.locator(".briefing__map").is_visible()


def test_officer_reads_it_on_a_phone(signed_in, plan, shift, tomorrow, axe, fits):
    BriefingFactory(shift=shift, day=tomorrow)
    page = signed_in("officer", viewport=PHONE)
    page.goto(f"/briefings/{tomorrow}/{shift.pk}/")
    page.get_by_role("heading", name="Main Street").wait_for()
    assert page.get_by_role("img", name="Map of Main Street: Main St").is_visible()
    axe(page)
    fits(page)
    page.set_viewport_size({"width": 320, "height": 640})
    fits(page)
    page.goto("/briefings/")
    axe(page)
    fits(page)
