"""The pages of what was logged, at desk and phone width, and approving with the keyboard."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tactics.models import Activity
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, HotSpotFactory
from tests.factories.tactics import OperationFactory, SyncEntryFactory
from tests.functional.conftest import DESK, PHONE
from tests.integration.tactics.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def walk():
    """A walk with a route and a contradiction."""
    phone, spot = Phone(UserFactory(roles=["officer"])), HotSpotFactory(name="Grand and Gravois Shopping Center")
    operation = OperationFactory(hot_spot=spot)
    route = [[WEST, SOUTH], [WEST + STEP, SOUTH], [WEST + STEP, SOUTH + STEP]]
    walked, joined = {"route": route, "contacts": 2}, {"operation": str(operation.pk)}
    phone.send(
        phone.log(uuid4(), kind="foot_patrol", hot_spot=spot.pk, point=route[0], details=walked, note="Quiet."),
        phone.log(uuid4(), kind="saturation_patrol", hot_spot=HotSpotFactory().pk, **joined),
    )
    return Activity.objects.get(kind="foot_patrol"), operation, SyncEntryFactory()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_are_accessible_and_fit(signed_in, axe, fits, viewport, walk):
    activity, operation, entry = walk
    page = signed_in("commander", viewport=viewport)
    pages = ["", "new/", "new/?kind=knock_and_talk", "new/?kind=arrest", "mine/", "entries/", f"entries/{entry.pk}/"]
    pages += [f"{activity.pk}/", f"{activity.pk}/correct/"]
    operations = ["/operations/", "/operations/new/", f"/operations/{operation.pk}/"]
    for address in [f"/activities/{each}" for each in pages] + operations:
        page.goto(address)
        axe(page)
        fits(page)


def test_route_is_drawn_on_the_map(signed_in, walk):
    page = signed_in("commander")
    page.goto(f"/activities/{walk[0].pk}/")
    page.locator("#map[data-ready]").wait_for()
    expect(page.locator("#map-trouble")).to_be_hidden()


def test_activities_are_ticked_and_approved_by_keyboard(signed_in, walk):
    page = signed_in("commander")
    page.goto("/activities/?state=review")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    boxes.first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Approve what is ticked").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 activity is approved.")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(1)
    assert page.url.endswith("/activities/?state=review")
