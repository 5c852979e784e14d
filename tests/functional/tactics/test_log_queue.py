"""What was tried to break the phone's queue: no signal, killed pages, a server that goes away, answers that get lost."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from config.settings import BASE_DIR
from hotspots.models import HotSpot
from tactics.models import Activity, SyncEntry
from tactics.views import log as log_views
from tactics.views import sync as sync_views
from tests.factories.accounts import UserFactory
from tests.functional.conftest import ARGUMENTS
from tests.functional.tactics.phone import (
    HERE,
    STREET,
    make_town,
    open_app,
    place_at,
    ready,
    sent,
    session_of,
    stop,
    tab,
    waiting,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Check = Callable[[Page], None]
FULL_DISK = """for (const method of ["add", "put"]) {
    const real = IDBObjectStore.prototype[method];
    IDBObjectStore.prototype[method] = function (...given) {
        if (window.diskIsFull) throw new DOMException("full", "QuotaExceededError");
        return real.apply(this, given);
    };
}"""

# By the app's own queue, in the time that one form takes.
NINETEEN_MORE = """(async () => {
    const queue = await import("/static/js/log/queue.js");
    const { phone, whereIs } = await import("/static/js/log/lists.js");
    const stop = { kind: "vehicle_stop", details: { violation: "speed", outcomes: ["warning"] } };
    for (let n = 0; n < 19; n += 1) {
        const at = new Date(Date.now() - n * 60_000).toISOString();
        await queue.log(phone.officer, { ...stop, at: whereIs([-95.2795, 37.33]), started_at: at, ended_at: at });
    }
})()"""


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


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """How often each entry reached the server."""
    ids: Counter = Counter()
    real = sync_views.receive

    def count(**given: object) -> list:
        ids.update(entry["id"] for entry in given["entries"])
        return real(**given)

    monkeypatch.setattr(sync_views, "receive", count)
    return ids


def give_session(context: BrowserContext, user: User, url: str) -> None:
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": url}])


def test_visits_without_signal_open_run_and_are_sent_when_it_is_back(phone, received):
    context = phone.context
    context.set_offline(True)
    phone.reload()
    ready(phone)
    expect(phone.locator("#line")).to_have_text("No signal")
    phone.get_by_role("button", name="overdue").click()
    expect(phone.get_by_role("timer")).to_be_visible()
    stop(phone)
    tab(phone, "Start")
    phone.get_by_role("button", name="Change the place").or_(
        phone.get_by_role("button", name="Choose the place")
    ).click()
    expect(phone.locator("canvas[data-drawn='2']")).to_be_visible()
    phone.get_by_label("Find a street or place").fill("oak 900")
    expect(phone.get_by_role("button", name="900 block of Oak St")).to_be_visible()
    phone.get_by_role("button", name="Close").click()
    phone.get_by_role("button", name="End", exact=True).click()
    tab(phone, "Waiting")
    expect(phone.get_by_text("3 entries are safe on this phone. No signal now")).to_be_visible()
    assert (waiting(phone), Activity.objects.count()) == (3, 0)

    context.set_offline(False)
    expect(phone.get_by_text("Everything is sent.")).to_be_visible(timeout=15_000)
    assert {each.kind: bool(each.ended_at) for each in Activity.objects.all()} == {
        "directed_patrol": True,
        "vehicle_stop": True,
    }
    assert set(received.values()) == {1}


def test_twenty_entries_arrive_once_each_though_every_answer_is_lost_twice(phone, monkeypatch):
    asked: list[int] = []
    real = sync_views.receive

    def lose(**given: object) -> list:
        answers = real(**given)
        asked.append(len(given["entries"]))
        if len(asked) <= 2:
            raise ConnectionResetError("the answer was lost after all was stored")
        return answers

    monkeypatch.setattr(sync_views, "receive", lose)
    phone.context.set_offline(True)
    stop(phone)
    phone.evaluate(NINETEEN_MORE)
    phone.context.set_offline(False)
    tab(phone, "Waiting")
    for _ in range(20):
        if len(asked) >= 2:
            break
        phone.get_by_role("button", name="Try now").click()
        phone.wait_for_timeout(200)
    expect(phone.get_by_text("The server does not answer as it should (500).").first).to_be_visible()
    assert waiting(phone) == 20 == SyncEntry.objects.count()
    sent(phone)
    assert max(asked) == 20
    assert SyncEntry.objects.count() == Activity.objects.count() == 20


def test_running_visit_and_queue_survive_a_killed_browser(browser: Browser, live_server, olive, tmp_path: Path):
    profile = tmp_path / "profile"

    def launch() -> BrowserContext:
        context = browser.browser_type.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium")
            or shutil.which("chromium-browser")
            or shutil.which("google-chrome"),
            args=ARGUMENTS,
            viewport=STREET,
            base_url=live_server.url,
        )
        context.set_default_timeout(15_000)
        return context

    context = launch()
    give_session(context, olive, live_server.url)
    place_at(context, HERE)
    page = context.new_page()
    open_app(page)
    context.set_offline(True)
    page.get_by_role("button", name="overdue").click()
    expect(page.get_by_role("timer")).to_be_visible()
    page.get_by_label("Drug activity", exact=True).check()
    stop(page)
    _kill(profile)

    context = launch()
    context.set_offline(True)
    page = context.new_page()
    page.goto("/log/")
    ready(page)
    expect(page.get_by_role("timer")).to_be_visible()
    expect(page.get_by_label("Drug activity", exact=True)).to_be_checked()
    assert (waiting(page), Activity.objects.count()) == (2, 0)
    page.get_by_role("button", name="End", exact=True).click()
    context.set_offline(False)
    # The browser forgot the sign-in when it died.
    expect(page.get_by_role("link", name="Sign in to send 3 entries")).to_be_visible()
    give_session(context, olive, live_server.url)
    sent(page)
    context.close()
    visit = Activity.objects.get(kind="directed_patrol")
    assert visit.patrol.seen == ["drug_activity"]
    assert visit.ended_at
    assert Activity.objects.count() == 2


def test_server_may_be_killed_and_started_again(browser: Browser, olive, live_server):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = serve(port)
    context = browser.new_context(base_url=address, viewport=STREET)
    try:
        give_session(context, olive, address)
        place_at(context, HERE)
        page = context.new_page()
        open_app(page)
        page.get_by_role("button", name="overdue").click()
        expect(page.get_by_role("timer")).to_be_visible()
        server.kill()
        server.wait()
        stop(page)
        page.reload()
        ready(page)
        expect(page.get_by_role("timer")).to_be_visible()
        assert waiting(page) >= 1
        server = serve(port)
        page.get_by_role("button", name="End", exact=True).click()
        sent(page)
    finally:
        context.close()
        server.kill()
        server.wait()
    assert sorted(Activity.objects.filter(ended_at__isnull=False).values_list("kind", flat=True)) == [
        "directed_patrol",
        "vehicle_stop",
    ]


def test_two_tabs_send_each_entry_once(phone, received):
    second = phone.context.new_page()
    open_app(second)
    phone.context.set_offline(True)
    for page in (phone, second, phone, second):
        page.bring_to_front()  # a page behind another is drawn seldom, and taps wait for that
        stop(page)
    phone.context.set_offline(False)
    for page in (phone, second):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    for page in (phone, second):
        expect(page.locator("#line")).to_have_text("All sent", timeout=15_000)
    assert (Activity.objects.count(), set(received.values())) == (4, {1})


def test_signed_out_meanwhile_the_queue_waits_for_the_sign_in(phone, olive, live_server, axe):
    phone.context.clear_cookies()
    stop(phone)
    call = phone.get_by_role("link", name="Sign in to send 1 entry")
    expect(call).to_be_visible()
    axe(phone)
    phone.reload()
    ready(phone)
    stop(phone)
    phone.get_by_role("link", name="Sign in to send 2 entries").click()
    expect(phone).to_have_url(re.compile(r"/accounts/(login|notice)/\?next=%2Flog%2F|next%3D%252Flog"))
    assert (waiting(phone), Activity.objects.count()) == (2, 0)
    give_session(phone.context, olive, live_server.url)
    phone.goto("/log/")
    expect(phone.locator("#line")).to_have_text("All sent")
    assert Activity.objects.count() == 2


def test_second_officer_on_the_phone_neither_sends_nor_loses_what_the_first_left(phone, olive, live_server):
    phone.context.clear_cookies()
    stop(phone)
    second = UserFactory(roles=["officer"], first_name="Sam", last_name="Rivera")
    give_session(phone.context, second, live_server.url)
    phone.goto("/log/")
    expect(phone.get_by_text("1 entry of Olive Torres wait")).to_be_visible()
    stop(phone, "Citation")
    expect(phone.locator("#line")).to_have_text("All sent")
    assert list(Activity.objects.values_list("officer", flat=True)) == [second.pk]
    tab(phone, "Mine")
    expect(phone.locator(".entry")).to_have_count(1)
    assert waiting(phone) == 1

    give_session(phone.context, olive, live_server.url)
    phone.goto("/log/")
    expect(phone.get_by_role("banner").get_by_text("Olive Torres")).to_be_visible()
    expect(phone.locator("#line")).to_have_text("All sent")
    assert waiting(phone) == 0
    assert set(Activity.objects.values_list("officer", "vehicle_stop__outcomes__0")) == {
        (olive.pk, "warning"),
        (second.pk, "citation"),
    }


def test_new_version_takes_over_without_losing_what_waits(phone, monkeypatch):
    caches = "caches.keys()"
    before = phone.evaluate(caches)
    phone.context.set_offline(True)
    stop(phone)
    monkeypatch.setattr(sync_views, "receive", lambda **given: 1 / 0)  # before the phone can send
    monkeypatch.setattr(log_views, "version", lambda: "a-newer-one")
    phone.context.set_offline(False)
    phone.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    phone.get_by_role("button", name="Update the app").click()
    phone.wait_for_function("caches.keys().then((keys) => keys.length === 1 && keys[0].endsWith('a-newer-one'))")
    ready(phone)
    assert before
    assert before != phone.evaluate(caches)
    assert waiting(phone) == 1
    monkeypatch.undo()
    sent(phone)
    assert Activity.objects.count() == 1


def test_signing_out_anywhere_takes_the_lists_off_the_phone_but_not_the_queue(phone, olive, live_server):
    kept = """() => new Promise((resolve) => {
        const opening = indexedDB.open("hot-spot-log");
        opening.onsuccess = () => {
            const asking = opening.result.transaction("keep").objectStore("keep").getAllKeys();
            asking.onsuccess = () => { opening.result.close(); resolve(asking.result); };
        };
    })"""
    assert {"state", "places", "officer"} <= set(phone.evaluate(kept))
    phone.goto("/map/")
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("button", name="Olive Torres").click()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone).to_have_url(re.compile("/accounts/(login|notice)/"))
    assert set(phone.evaluate(kept)) <= {"device", "signed_out", "offset_s", "places_etag", "places_at"}

    give_session(phone.context, olive, live_server.url)
    open_app(phone)
    phone.context.set_offline(True)
    stop(phone)
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.get_by_text("1 entry is not sent yet. They stay")).to_be_visible()
    phone.get_by_role("button", name="Sign out").last.click()
    expect(phone.get_by_text("Signing out needs signal.")).to_be_visible()
    assert waiting(phone) == 1
    phone.context.set_offline(False)
    sent(phone)


def test_full_disk_is_said_and_the_entry_is_sent_from_memory(phone):
    phone.add_init_script(FULL_DISK)
    phone.reload()
    ready(phone)
    phone.context.set_offline(True)
    phone.evaluate("window.diskIsFull = true")
    phone.get_by_role("button", name="overdue").click()
    expect(phone.get_by_text("NOT saved: the phone's storage is full.")).to_be_visible()
    expect(phone.get_by_role("timer")).to_have_count(0)
    phone.get_by_role("button", name="Vehicle stop").click()
    phone.get_by_label("Speed", exact=True).check()
    phone.get_by_label("Warning", exact=True).check()
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.get_by_text("1 entry is held only while this page is open.")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.locator("#line")).to_have_text("All sent", timeout=15_000)
    assert Activity.objects.get().kind == "vehicle_stop"


def test_wrong_clock_is_said_and_its_times_are_set_right(signed_in, olive):
    page = signed_in(olive, viewport=STREET)
    place_at(page.context, HERE)
    page.add_init_script(
        "{ const Real = Date; const fast = 20 * 60_000;"
        " Date = class extends Real { constructor(...given) { given.length ? super(...given) : super(Real.now() + fast); }"
        " static now() { return Real.now() + fast; } }; }"
    )
    open_app(page)
    expect(page.get_by_text("This phone's clock is 20 minutes fast.")).to_be_visible()
    page.get_by_role("button", name="overdue").click()
    expect(page.get_by_role("timer")).to_be_visible()
    page.get_by_role("button", name="End", exact=True).click()
    sent(page)
    visit = Activity.objects.get()
    assert visit.flags == ["clock_wrong"]
    assert abs(visit.ended_at - timezone.now()) < timedelta(seconds=60)


def test_hot_spot_that_ended_meanwhile_takes_the_visit_all_the_same(phone, spot):
    phone.context.set_offline(True)
    phone.get_by_role("button", name="overdue").click()
    expect(phone.get_by_role("timer")).to_be_visible()
    phone.get_by_role("button", name="End", exact=True).click()
    HotSpot.objects.filter(pk=spot.pk).update(ended_on=timezone.localdate())
    phone.context.set_offline(False)
    sent(phone)
    assert Activity.objects.get().flags == ["hot_spot_closed"]
    tab(phone, "Mine")
    expect(phone.get_by_text("The hot spot had ended; it was stored all the same.")).to_be_visible()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(port: int) -> subprocess.Popen:
    """A web process of its own on the test's database, so that it can really be killed."""
    environment = {**os.environ, "DB_NAME": connection.settings_dict["NAME"], "DEBUG": "true"}
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=quiet, stderr=quiet)
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return process
        time.sleep(0.1)
    raise AssertionError("The web process did not start.")


def _kill(profile: Path) -> None:
    """The browser goes as when the battery is dead: no event, no time to write anything."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"--user-data-dir={profile}".encode() in (process / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
