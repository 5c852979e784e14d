"""A real browser on the live server.

`page` is a browser page for somebody who has not signed in, `signed_in("commander")` one for somebody who has, and
`axe(page)` checks what is shown against WCAG 2.2 AA. Whatever a test does, it fails when a request leaves the
origin, the content security policy blocks something, a script throws, or the page scrolls sideways (`fits`).
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accounts.models import User
from config.settings import BASE_DIR
from tests.factories.accounts import UserFactory, sign_in

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu-rasterization",  # Debian switches it on, and where there is no GPU a processor plays one
    "--disable-gpu-compositing",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's own loop runs in this thread, between its calls; the database is never used from inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.fail("There is no Chromium on this machine; `make test` installs it.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def new_context(browser: Browser, live_server: object) -> Iterator[Callable[..., BrowserContext]]:
    """Make as many browsers' sessions as a test needs; all are watched."""
    origin, faults, contexts = urlsplit(live_server.url), [], []

    def watch_request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != origin.netloc:
            faults.append(f"a request left the origin: {url}")

    def watch(page: Page) -> None:
        page.on("request", lambda request: watch_request(request.url))
        page.on("pageerror", lambda error: faults.append(f"a script threw on {page.url}: {error}"))
        page.on("console", lambda message: "Content Security Policy" in message.text and faults.append(message.text))

    def make(viewport: dict[str, int] = DESK, **options: object) -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, viewport=viewport, reduced_motion="reduce", **options)
        context.set_default_timeout(15_000)
        context.on("page", watch)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


@pytest.fixture
def signed_in(new_context: Callable[..., BrowserContext], live_server: object) -> Callable[..., Page]:
    """`signed_in("officer")`, `signed_in(user, viewport=PHONE)`: a page of that person's browser."""

    def make(*who: User | str, viewport: dict[str, int] = DESK, **options: object) -> Page:
        user = who[0] if who and isinstance(who[0], User) else UserFactory(roles=list(who))
        session = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME]
        context = new_context(viewport, **options)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": live_server.url}])
        return context.new_page()

    return make


@cache
def _axe_source() -> str:
    return (BASE_DIR / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail on any violation, naming rule and element."""

    def check(page: Page) -> None:
        page.evaluate(_axe_source())
        found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}}).then(found => found.violations)")
        told = [f"{rule['id']}: {rule['help']}\n    {node['html']}" for rule in found for node in rule["nodes"]]
        assert not told, f"{page.url}\n" + "\n".join(told)

    return check


@pytest.fixture
def fits() -> Callable[[Page], None]:
    """Fail when the page scrolls sideways."""

    def check(page: Page) -> None:
        wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= shown, f"{page.url} is {wide} px wide in a window of {shown} px"

    return check
