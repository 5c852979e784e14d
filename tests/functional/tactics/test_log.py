"""An officer's shift on the phone, from sign-in to five visits, and what each kind costs in taps."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hotspots.models import HotSpot
from tactics.models import Activity, Measure, Operation
from tests.factories.accounts import UserFactory
from tests.functional.tactics.phone import (
    ELSEWHERE,
    HERE,
    STREET,
    make_town,
    open_app,
    place_at,
    ready,
    sent,
    stop,
    tab,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Check = Callable[[Page], None]
SMALL, TERMINAL = {"width": 320, "height": 568}, {"width": 1024, "height": 600}
SCREENS = (
    *(
        "#/home",
        "#/start",
        "#/log",
        "#/record/vehicle_stop",
        "#/record/k9",
        "#/record/knock_and_talk",
        "#/record/arrest",
    ),
    *("#/operation", "#/measure", "#/measure/lighting", "#/waiting", "#/mine"),
)
LOW = """() => [...document.querySelectorAll("button, a, input, summary, select, textarea")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.height && !element.closest(".skip, [inert]") && (box.height < 56 || box.width < 56);
}).map((element) => element.outerHTML.slice(0, 120))"""

# Whether the violation of the running stop is on the disk.
KEPT = """(violation) => new Promise((resolve) => {
    const opening = indexedDB.open("hot-spot-log");
    opening.onsuccess = () => {
        const asking = opening.result.transaction("running").objectStore("running").getAll();
        asking.onsuccess = () => { opening.result.close(); resolve(asking.result[0]?.details.violation === violation); };
    };
})"""


@pytest.fixture(autouse=True)
def spot(live_server: object) -> HotSpot:
    return make_town()


@pytest.fixture
def phone(signed_in: SignedIn) -> Page:
    page = signed_in(UserFactory(roles=["officer"], first_name="Olive", last_name="Torres"), viewport=STREET)
    place_at(page.context, HERE)
    open_app(page)
    return page


@pytest.fixture
def taps(phone: Page) -> Callable[[], int]:
    """Taps since it was last asked."""
    phone.evaluate("window.taps = 0; window.addEventListener('pointerdown', () => { window.taps += 1; }, true)")
    return lambda: phone.evaluate("(() => { const told = window.taps; window.taps = 0; return told; })()")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, *names: str, group: str) -> None:
    for name in names:
        page.get_by_role("group", name=group).get_by_label(name, exact=True).check()


def test_each_kind_takes_few_taps_and_is_stored_with_its_details(phone, taps):
    told = {}
    phone.get_by_role("button", name="overdue").click()
    expect(phone.get_by_role("timer")).to_be_visible()
    told["start from the list"] = taps()
    choose(phone, "People gathering", group="Seen")
    told["what was seen"] = taps()
    press(phone, "End")
    expect(phone.get_by_text("Ended after less than a minute.")).to_be_visible()
    told["end"] = taps()

    tab(phone, "Start")
    expect(phone.get_by_text("From your position")).to_be_visible()
    press(phone, "Foot patrol")
    expect(phone.get_by_role("timer")).to_be_visible()
    told["start elsewhere"] = taps()
    phone.get_by_role("button", name="People talked with: one more").click()
    press(phone, "End")
    taps()

    stop(phone)
    told["vehicle stop"] = taps()

    press(phone, "Knock-and-talk")
    choose(phone, "Answered", group="Door")
    choose(phone, "Lighting", group="Information left")
    press(phone, "Save")
    expect(phone.get_by_text("Knock-and-talk saved.")).to_be_visible()
    told["knock-and-talk"] = taps()

    press(phone, "Narcotics K9")
    choose(phone, "Vehicle", group="What was sniffed")
    choose(phone, "No", group="Alert")
    press(phone, "Save")
    expect(phone.get_by_text("Narcotics K9 saved.")).to_be_visible()
    told["K9"] = taps()

    press(phone, "Arrest")
    choose(phone, "Simple assault", group="Offenses")
    choose(phone, "On view", group="Basis")
    press(phone, "Save")
    expect(phone.get_by_text("Arrest saved.")).to_be_visible()
    told["arrest"] = taps()

    assert told == {
        "start from the list": 1,
        "what was seen": 1,
        "end": 1,
        "start elsewhere": 2,
        "vehicle stop": 4,
        "knock-and-talk": 4,
        "K9": 4,
        "arrest": 4,
    }
    sent(phone)
    stored = {activity.kind: activity for activity in Activity.objects.all()}
    assert len(stored) == Activity.objects.count() == 6
    assert {each.hot_spot.name for each in stored.values()} == {"Maple & 5th"}
    assert not any(each.flags for each in stored.values() if each.recorded == "timed")
    assert {flag for each in stored.values() for flag in each.flags} <= {"overlaps"}
    assert stored["directed_patrol"].assignment
    assert stored["directed_patrol"].patrol.seen == ["people"]
    assert stored["directed_patrol"].point.coords == pytest.approx((HERE["longitude"], HERE["latitude"]))
    assert stored["foot_patrol"].foot_patrol.contacts == 1
    assert stored["vehicle_stop"].recorded == "typed"
    assert stored["vehicle_stop"].vehicle_stop.outcomes == ["warning"]
    assert stored["knock_and_talk"].knock_and_talk.language == "en"
    assert stored["k9"].k9.dog.name == "Rex"
    assert stored["k9"].k9.alert is False
    assert [offense.code for offense in stored["arrest"].arrest.offenses.all()] == ["13B"]


def test_form_says_what_is_missing_and_keeps_what_was_filled_in(phone, axe):
    press(phone, "Vehicle stop")
    choose(phone, "Warning", group="Outcome")
    press(phone, "Save")
    expect(phone.get_by_role("alert")).to_have_text("Choose the violation.")
    axe(phone)
    tab(phone, "Waiting")
    tab(phone, "Log")
    press(phone, "Vehicle stop")
    expect(phone.get_by_label("Warning", exact=True)).to_be_checked()
    choose(phone, "No action", group="Outcome")
    expect(phone.get_by_label("Warning", exact=True)).not_to_be_checked()


def test_end_and_start_can_be_taken_back_and_a_wrong_start_is_canceled(phone):
    phone.get_by_role("button", name="overdue").click()
    press(phone, "End")
    press(phone, "Undo")
    expect(phone.get_by_role("timer")).to_be_visible()
    press(phone, "Change times")
    phone.get_by_label("10 min ago", exact=True).check()
    press(phone, "Use this start")
    expect(phone.get_by_role("timer")).to_contain_text("10:")
    press(phone, "Started by mistake")
    press(phone, "Cancel this visit")
    expect(phone.get_by_role("timer")).to_have_count(0)
    expect(phone.get_by_role("button", name="overdue")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("button", name="overdue")).to_be_visible()
    sent(phone)
    assert not Activity.objects.counted().exists()
    assert sorted(Activity.objects.values_list("void_reason", flat=True)) == [
        "Started at another time",
        "Started by mistake",
    ]


def test_stop_with_the_clock_running_ends_with_its_form_and_stays_on_the_phone_between(phone):
    press(phone, "Vehicle stop")
    press(phone, "Start clock")
    press(phone, "End")
    expect(phone.get_by_role("heading", name="End: Vehicle stop")).to_be_visible()
    choose(phone, "Parking", group="Violation")
    phone.wait_for_function(KEPT, arg="parking")
    phone.reload()
    expect(phone.get_by_label("Parking", exact=True)).to_be_checked()
    choose(phone, "Tow", "Citation", group="Outcome")
    press(phone, "Save")
    expect(phone.get_by_text("Ended after")).to_be_visible()
    sent(phone)
    assert sorted(Activity.objects.get().vehicle_stop.outcomes) == ["citation", "tow"]


def test_operation_is_opened_joined_left_and_closed(phone, signed_in):
    tab(phone, "Log")
    press(phone, "Saturation patrol")
    press(phone, "Open and start")
    expect(phone.get_by_role("timer")).to_be_visible()
    sent(phone)
    second = signed_in("officer", viewport=STREET)
    open_app(second)
    tab(second, "Log")
    press(second, "Saturation patrol")
    press(second, "Join Maple & 5th")
    expect(second.get_by_role("timer")).to_be_visible()
    press(second, "End")
    sent(second)
    phone.goto("/log/#/operation")
    press(phone, "Close the operation")
    press(phone, "Close it")
    press(phone, "End")
    sent(phone)
    operation = Operation.objects.get()
    assert operation.ended_at
    assert operation.activities.filter(ended_at__isnull=False).count() == 2
    assert operation.activities.values("officer").distinct().count() == 2


def test_problem_of_a_place_is_reported_from_the_street(phone):
    phone.context.set_geolocation(ELSEWHERE)
    tab(phone, "Log")
    press(phone, "Report a place problem")
    press(phone, "Lighting")
    phone.evaluate("window.scrollTo(0, 0)")
    press(phone, "Street light out")
    expect(phone.get_by_text("Reported: Street light out.")).to_be_visible()
    sent(phone)
    measure = Measure.objects.get()
    assert (measure.kind, measure.status, measure.title) == ("lighting", "reported", "Street light out")


def test_route_of_a_foot_patrol_is_followed_only_while_it_is_recorded(phone):
    tab(phone, "Start")
    press(phone, "Foot patrol")
    press(phone, "Record my route")
    for step in range(4):
        phone.context.set_geolocation({**HERE, "longitude": HERE["longitude"] + step * 0.0003})
        expect(phone.get_by_text(f"Recording your route: {step + 1} points.")).to_be_visible()
    press(phone, "Stop recording the route")
    expect(phone.get_by_text("The route is not recorded.")).to_be_visible()
    phone.context.set_geolocation(ELSEWHERE)
    phone.wait_for_timeout(300)
    press(phone, "End")
    sent(phone)
    assert len(Activity.objects.get().foot_patrol.route) >= 2
    assert max(lat for _, lat in Activity.objects.get().foot_patrol.route) < HERE["latitude"] + 0.0001


def test_place_is_found_by_search_and_by_a_tap_on_the_map(phone):
    phone.context.set_geolocation(ELSEWHERE)
    tab(phone, "Start")
    phone.get_by_role("button", name="Choose the place").or_(
        phone.get_by_role("button", name="Change the place")
    ).click()
    phone.get_by_label("Find a street or place").fill("oak")
    phone.get_by_role("button", name="900 block of Oak St").click()
    expect(phone.locator(".where")).to_contain_text("900 block of Oak St")
    phone.get_by_role("button", name="Change the place").click()
    canvas = phone.locator("canvas[data-drawn]")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    use = phone.get_by_role("button", name="Use ")
    expect(use).to_be_visible()
    chosen = use.inner_text().removeprefix("Use ")
    use.click()
    expect(phone.locator(".where")).to_contain_text(chosen)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_screen_is_accessible_in_day_and_night_colors(signed_in, axe, fits, scheme):
    page = signed_in("officer", viewport=STREET)
    place_at(page.context, HERE)
    page.add_init_script(f"localStorage.setItem('log-scheme', '{scheme}')")
    open_app(page)
    assert page.evaluate("document.documentElement.dataset.scheme") == scheme
    for screen in SCREENS:
        show(page, screen)
        axe(page)
        fits(page)
        assert page.evaluate(LOW) == []
    show(page, "#/start")
    page.get_by_role("button", name="Change the place").click()
    expect(page.locator("canvas[data-drawn]")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    show(page, "#/home")
    page.get_by_role("button", name="overdue").click()
    expect(page.get_by_role("timer")).to_be_visible()
    page.get_by_role("button", name="Menu").click()
    axe(page)
    page.keyboard.press("Escape")
    axe(page)
    assert page.evaluate(LOW) == []


@pytest.mark.parametrize("viewport", [SMALL, TERMINAL], ids=["small", "terminal"])
def test_every_screen_fits_a_small_phone_and_a_car_terminal(signed_in, fits, viewport):
    page = signed_in("officer", viewport=viewport)
    place_at(page.context, HERE)
    open_app(page)
    for screen in SCREENS:
        show(page, screen)
        fits(page)
        assert page.evaluate(LOW) == []
    show(page, "#/home")
    page.get_by_role("button", name="overdue").click()
    end = page.get_by_role("button", name="End", exact=True)
    expect(end).to_be_in_viewport(ratio=1)
    fits(page)


def test_visit_is_started_and_ended_by_keyboard_alone(phone):
    phone.get_by_role("button", name="overdue").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("timer")).to_be_visible()
    phone.get_by_label("People gathering", exact=True).focus()
    phone.keyboard.press("Space")
    expect(phone.get_by_label("People gathering", exact=True)).to_be_checked()
    phone.get_by_role("button", name="End", exact=True).focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Ended after")).to_be_visible()


def test_colors_are_those_of_the_clock_until_the_officer_chooses(signed_in):
    page = signed_in("officer", viewport=STREET, color_scheme="light")
    page.clock.install(time="2025-03-05T23:00:00")
    page.goto("/log/")
    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"
    page.clock.set_fixed_time("2025-03-05T12:00:00")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.scheme") == "light"
    page.get_by_role("button", name="Menu").click()
    page.get_by_label("Night", exact=True).check()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.scheme") == "dark"


def show(page: Page, screen: str) -> None:
    page.goto(f"/log/{screen}")
    expect(page.locator(f"#screen[data-screen={screen[2:].split('/')[0]}]")).to_be_visible()
    if "home" in screen:
        ready(page)
