"""What must not go wrong in an officer's hand: double taps, a place that is not where the phone is, clocks and zones."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.agency import agency_zone
from accounts.models import User
from hotspots.models import HotSpot
from tactics.models import Activity, SyncEntry, Unit
from tactics.views import sync as sync_views
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.tactics import AssignmentFactory
from tests.functional.tactics.phone import HERE, STREET, make_town, open_app, place_at, ready, sent, stop, tab, waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
# A disk that takes half a second for every transaction.
SLOW_DISK = """const told = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
Object.defineProperty(IDBTransaction.prototype, "oncomplete", {
    ...told, set(work) { told.set.call(this, () => setTimeout(work, 500)); },
});"""
FULL_DISK = """for (const method of ["add", "put"]) {
    const real = IDBObjectStore.prototype[method];
    IDBObjectStore.prototype[method] = function (...given) {
        if (window.diskIsFull) throw new DOMException("full", "QuotaExceededError");
        return real.apply(this, given);
    };
}"""
# A clock that is ahead by `window.ahead` milliseconds until somebody sets it right.
CLOCK_AHEAD = """window.ahead = 86_400_000;
{
    const Real = Date;
    Date = class extends Real {
        constructor(...given) { if (given.length) super(...given); else super(Real.now() + window.ahead); }
        static now() { return Real.now() + window.ahead; }
    };
}"""
TWICE_IN_ONE_BREATH = """async () => {
    const queue = await import("/static/js/log/queue.js");
    const { phone, load, ofHotSpot } = await import("/static/js/log/lists.js");
    const twice = async (work) => (await Promise.all([work(), work()])).map(Boolean);
    const now = new Date().toISOString();
    const at = ofHotSpot(phone.state.hot_spots[0]);
    const started = await twice(() => queue.start(phone.officer, { kind: "directed_patrol", at, started_at: now }));
    await load();
    const [running] = phone.running;
    const ended = await twice(() => queue.end(phone.officer, running, { ended_at: now, details: {} }));
    const canceled = await twice(() => queue.cancel(phone.officer, running, "by mistake"));
    const stop = { kind: "vehicle_stop", details: { violation: "speed", outcomes: ["warning"] } };
    const form = { ...stop, activity: crypto.randomUUID(), at, started_at: now, ended_at: now };
    const logged = await twice(() => queue.log(phone.officer, form));
    return { started, ended, canceled, logged };
}"""


@pytest.fixture(autouse=True)
def spot(live_server: object) -> HotSpot:
    return make_town()


@pytest.fixture
def olive() -> User:
    return UserFactory(roles=["officer"], first_name="Olive", last_name="Torres")


@pytest.fixture
def phone(signed_in: SignedIn, olive: User) -> Page:
    page = signed_in(olive, viewport=STREET)
    place_at(page.context, HERE)
    open_app(page)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose_oak(page: Page) -> None:
    page.locator("#change-place").click()
    page.get_by_label("Find a street or place").fill("oak")
    page.get_by_role("button", name="900 block of Oak St").click()
    expect(page.locator(".where")).to_contain_text("900 block of Oak St")


def test_double_tap_on_a_slow_disk_starts_ends_and_saves_once(phone):
    phone.add_init_script(SLOW_DISK)
    phone.reload()
    ready(phone)
    phone.get_by_role("button", name="overdue").dblclick()
    expect(phone.get_by_role("timer")).to_be_visible()
    phone.get_by_role("button", name="End", exact=True).dblclick()
    expect(phone.get_by_text("Ended after")).to_be_visible()
    press(phone, "Vehicle stop")
    phone.get_by_label("Speed", exact=True).check()
    phone.get_by_label("Warning", exact=True).check()
    phone.get_by_role("button", name="Save", exact=True).dblclick()
    expect(phone.get_by_text("Vehicle stop saved.")).to_be_visible()
    sent(phone)
    types = [entry["type"] for entry in SyncEntry.objects.order_by("pk").values_list("payload", flat=True)]
    assert sorted(types) == ["end", "log", "start"]
    assert sorted(Activity.objects.values_list("kind", flat=True)) == ["directed_patrol", "vehicle_stop"]


def test_second_press_on_a_screen_drawn_anew_meanwhile_starts_nothing(phone):
    phone.add_init_script(SLOW_DISK)
    phone.reload()
    ready(phone)
    phone.context.set_offline(True)
    drawn_anew = phone.evaluate(
        """async () => {
            const first = document.querySelector("[id^=next-]:is(button)");
            first.click();
            window.dispatchEvent(new Event("log:changed"));
            await new Promise((resolve) => setTimeout(resolve, 150));
            const second = document.getElementById(first.id);
            second.click();
            return second !== first;
        }"""
    )
    expect(phone.get_by_role("timer")).to_be_visible()
    assert drawn_anew
    phone.wait_for_timeout(700)
    expect(phone.get_by_role("dialog")).to_have_count(0)
    assert waiting(phone) == 1


def test_button_is_pressed_once_at_a_time_and_not_by_a_tap_meant_for_what_stood_there_before(phone):
    counted = phone.evaluate(
        """async () => {
            const { button } = await import("/static/js/log/dom.js");
            let pressed = 0;
            let finish = null;
            const slow = button("End", () => { pressed += 1; return new Promise((resolve) => { finish = resolve; }); });
            const tap = async (detail) => {
                slow.dispatchEvent(new MouseEvent("click", { detail }));
                await null;
                return pressed;
            };
            const counted = [await tap(2), await tap(1), await tap(1)];
            finish();
            await new Promise((resolve) => setTimeout(resolve));
            return [...counted, await tap(1)];
        }"""
    )
    assert counted == [0, 1, 1, 2]


def test_what_is_written_twice_in_one_breath_stands_once(phone):
    phone.context.set_offline(True)
    assert phone.evaluate(TWICE_IN_ONE_BREATH) == {
        "started": [True, False],
        "ended": [True, False],
        "canceled": [False, False],
        "logged": [True, False],
    }
    assert waiting(phone) == 3


def test_place_that_was_searched_for_stands_wherever_the_phone_is(phone):
    tab(phone, "Log")
    press(phone, "Vehicle stop")
    expect(phone.locator(".where")).to_contain_text("Maple & 5th")
    choose_oak(phone)
    phone.get_by_label("Speed", exact=True).check()
    phone.get_by_label("Warning", exact=True).check()
    press(phone, "Save")
    expect(phone.get_by_text("Vehicle stop saved.")).to_be_visible()
    tab(phone, "Start")
    choose_oak(phone)
    press(phone, "Foot patrol")
    expect(phone.get_by_role("timer")).to_be_visible()
    sent(phone)
    stored = {each.kind: (each.hot_spot, each.place.name, each.point) for each in Activity.objects.all()}
    there = (None, "900 block of Oak St", None)
    assert stored == {"vehicle_stop": there, "foot_patrol": there}


def test_end_is_not_taken_back_once_the_server_may_have_it(phone, monkeypatch):
    real = sync_views.receive

    def lose(**given: object) -> list:
        real(**given)
        raise ConnectionResetError("the answer was lost after all was stored")

    phone.get_by_role("button", name="overdue").click()
    expect(phone.locator("#line")).to_have_text("All sent")
    phone.get_by_label("People gathering", exact=True).check()
    monkeypatch.setattr(sync_views, "receive", lose)
    press(phone, "End")
    tab(phone, "Waiting")
    press(phone, "Try now")
    expect(phone.get_by_text("The server does not answer as it should (500).").first).to_be_visible()
    press(phone, "Undo")
    expect(phone.get_by_text("It is on its way already.")).to_be_visible()
    expect(phone.get_by_role("timer")).to_have_count(0)
    monkeypatch.undo()
    sent(phone)
    visit = Activity.objects.get()
    assert (visit.flags, visit.patrol.seen) == ([], ["people"])
    assert visit.ended_at


def test_end_that_the_full_disk_did_not_take_is_taken_back(phone):
    phone.add_init_script(FULL_DISK)
    phone.reload()
    ready(phone)
    phone.get_by_role("button", name="overdue").click()
    expect(phone.locator("#line")).to_have_text("All sent")
    phone.evaluate("window.diskIsFull = true")
    press(phone, "End")
    expect(phone.get_by_text("1 entry is held only while this page is open.")).to_be_visible()
    press(phone, "Undo")
    expect(phone.get_by_text("It is running again.")).to_be_visible()
    expect(phone.get_by_role("timer")).to_be_visible()
    phone.evaluate("window.diskIsFull = false")
    press(phone, "End")
    sent(phone)
    assert Activity.objects.get().flags == []
    assert SyncEntry.objects.count() == 2


def test_clock_set_right_before_sending_leaves_right_times(signed_in, olive):
    page = signed_in(olive, viewport=STREET)
    place_at(page.context, HERE)
    page.add_init_script(CLOCK_AHEAD)
    open_app(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="overdue").click()
    expect(page.get_by_role("timer")).to_be_visible()
    page.evaluate("window.ahead = 0")
    press(page, "End")
    expect(page.get_by_text("Ended after")).to_be_visible()
    page.context.set_offline(False)
    sent(page)
    visit = Activity.objects.get()
    assert "clock_wrong" in visit.flags
    for instant in (visit.started_at, visit.ended_at):
        assert abs(instant - timezone.now()) < timedelta(seconds=60)
    sent_entries = {payload["type"]: payload for payload in SyncEntry.objects.values_list("payload", flat=True)}
    start, end = sent_entries["start"], sent_entries["end"]
    assert start["offset_s"] == pytest.approx(-86_400, abs=5)
    assert start["clock_drift_s"] == pytest.approx(-86_400, abs=5)
    assert end["clock_drift_s"] == pytest.approx(0, abs=5)


def test_times_are_those_of_the_agency_on_a_phone_in_another_zone(signed_in, olive):
    page = signed_in(olive, viewport=STREET, timezone_id="Asia/Tokyo")
    place_at(page.context, HERE)
    open_app(page)
    due = timezone.now() + timedelta(minutes=40)
    shown = page.get_by_text("due in").inner_text()
    said = datetime.strptime(shown.rsplit(" ", 1)[1], "%H:%M").time()
    local = due.astimezone(agency_zone())
    assert abs((said.hour * 60 + said.minute) - (local.hour * 60 + local.minute)) % 1438 <= 1
    ended = timezone.now() - timedelta(hours=2)
    press(page, "Vehicle stop")
    page.get_by_label("Speed", exact=True).check()
    page.get_by_label("Warning", exact=True).check()
    page.locator("#times > summary").click()
    page.get_by_label("Or it ended at").fill(f"{ended.astimezone(agency_zone()):%H:%M}")
    press(page, "Save")
    expect(page.get_by_text("Vehicle stop saved.")).to_be_visible()
    sent(page)
    assert Activity.objects.get().ended_at == ended.replace(second=0, microsecond=0)


def test_visits_of_other_units_stand_below_until_the_unit_is_chosen(phone, spot, axe):
    roster = spot.assignments.first().roster
    AssignmentFactory(roster=roster, hot_spot=spot, unit=Unit.objects.get(), due_at=timezone.now())
    phone.reload()
    ready(phone)
    given = phone.locator("#next-others")
    expect(given).to_contain_text("Given to a unit (1)")
    expect(given.get_by_role("button")).to_have_count(0)
    given.locator("summary").click()
    expect(given.get_by_role("button", name="Car 12")).to_be_visible()
    axe(phone)
    press(phone, "Menu")
    phone.get_by_label("My unit").select_option("Car 12")
    press(phone, "Close")
    expect(given).to_have_count(0)
    phone.get_by_role("button", name="Car 12").click()
    expect(phone.get_by_role("timer")).to_be_visible()


def test_visits_of_units_show_at_once_to_who_has_no_unit_and_no_other_visit(phone, spot):
    spot.assignments.update(unit=Unit.objects.get())
    phone.reload()
    ready(phone)
    expect(phone.get_by_text("All visits that are left are given to units.")).to_be_visible()
    expect(phone.locator("#next-others").get_by_role("button", name="Car 12").first).to_be_visible()


def test_visits_whose_shift_is_over_go_from_the_list(phone):
    left = """async (minutes) => {
        const { phone, nextVisits } = await import("/static/js/log/lists.js");
        for (const visit of phone.state.next) visit.ends_at = new Date(Date.now() + minutes * 60_000).toISOString();
        return nextVisits().length;
    }"""
    assert (phone.evaluate(left, 5), phone.evaluate(left, -5)) == (2, 0)


def test_outlines_come_once_and_stay(phone):
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "/log/state/" in request.url else None)
    with phone.expect_response("**/log/state/?outlines=*") as answered:
        phone.reload()
    assert all("geometry" not in hot_spot for hot_spot in answered.value.json()["hot_spots"])
    ready(phone)
    stop(phone)
    sent(phone)
    assert Activity.objects.get().hot_spot.name == "Maple & 5th"
    assert all("?outlines=" in url for url in asked)


@pytest.mark.parametrize("page", ["account_logout", "mfa_authenticate"])
def test_lists_go_from_the_phone_on_the_other_pages_that_sign_out_too(phone, olive, live_server, settings, page):
    settings.SIGN_IN_NOTICE = False
    kept = """() => new Promise((resolve) => {
        const opening = indexedDB.open("hot-spot-log");
        opening.onsuccess = () => {
            const asking = opening.result.transaction("keep").objectStore("keep").getAllKeys();
            asking.onsuccess = () => { opening.result.close(); resolve(asking.result); };
        };
    })"""
    assert {"state", "places", "officer"} <= set(phone.evaluate(kept))
    if page == "mfa_authenticate":
        halfway = Client()
        halfway.post(reverse("account_login"), {"login": olive.username, "password": PASSWORD})
        value = halfway.cookies[settings.SESSION_COOKIE_NAME].value
        phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    phone.goto(reverse(page))
    phone.get_by_role("main").get_by_role("button", name="Cancel" if page == "mfa_authenticate" else "Sign out").click()
    expect(phone).not_to_have_url(re.compile(reverse(page)))
    assert not {"state", "places", "csrf", "officer"} & set(phone.evaluate(kept))
