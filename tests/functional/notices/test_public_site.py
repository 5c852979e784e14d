"""The public site in a browser without JavaScript, on the smallest phone and at a desk, in both languages."""

import pytest

from notices.models import HelpRequest
from tests.factories.public import make_site, pages
from tests.functional.conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 320, "height": 640}


@pytest.fixture
def visitor(new_context, live_server):
    """Somebody whose browser runs no script."""
    return lambda viewport, **options: new_context(viewport, java_script_enabled=False, **options).new_page()


@pytest.fixture
def audited(new_context, live_server):
    """axe is a script itself, so it needs a browser that runs some."""
    return lambda viewport, **options: new_context(viewport, **options).new_page()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("viewport", [SMALL, DESK], ids=["small", "desk"])
def test_every_page_is_for_everybody(audited, axe, fits, language, viewport):
    make_site()
    page = audited(viewport)
    for address in [*pages(language), f"/{language}/nothing/"]:
        page.goto(address)
        assert page.locator("h1").count() == 1
        fits(page)
        axe(page)


@pytest.mark.parametrize("language", ["en", "es"])
def test_dark_pages_are_for_everybody(audited, axe, language):
    make_site()
    page = audited(SMALL, color_scheme="dark")
    for address in pages(language)[:8]:
        page.goto(address)
        axe(page)


def test_refused_form_is_for_everybody(audited, axe):
    page = audited(SMALL)
    page.goto("/es/help/")
    page.get_by_role("button", name="Enviar").click()
    page.get_by_role("alert").wait_for()
    axe(page)


def test_owner_asks_for_help_without_script(visitor, fits):
    page = visitor(SMALL)
    page.goto("/es/help/")
    page.get_by_label("¿Cuál es el problema y qué ayudaría?").fill("El estacionamiento está oscuro.")
    page.get_by_role("button", name="Enviar").click()
    page.get_by_role("alert").get_by_role("link", name="Díganos dónde está el lugar.").click()
    assert page.url.endswith("#id_where")
    fits(page)
    page.get_by_label("Soy dueño o administro el lugar").check()
    page.get_by_label("¿Dónde está el lugar?").fill("100 Main St")
    page.get_by_role("button", name="Enviar").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Recibimos su solicitud"
    request = HelpRequest.objects.get()
    assert (request.message, request.language) == ("El estacionamiento está oscuro.", "es")
    assert not page.context.cookies()


def test_keyboard_skips_to_the_page_and_shows_where_it_is(visitor):
    page = visitor(DESK)
    page.goto("/en/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("link => link === document.activeElement && getComputedStyle(link).left") == "0px"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.evaluate("link => document.querySelector('main').contains(link)")
    assert focused.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"


def test_other_language_leads_to_the_same_page(visitor):
    page = visitor(SMALL)
    page.goto("/en/prevention/lighting/")
    page.get_by_role("link", name="Español").click()
    assert page.url.endswith("/es/prevention/lighting/")
    assert page.locator("html").get_attribute("lang") == "es"
