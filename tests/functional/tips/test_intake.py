"""A resident on a small phone: without script, in both languages, with a photo that knows where it was taken, then again with
the receipt. Every request is watched: none may leave the form's own address."""

import io
from collections.abc import Callable, Iterator

import pytest
from django.contrib.gis.geos import LineString
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.factories.hotspots import BlockFactory
from tests.factories.tips import Reader, make_reader
from tests.intake import Form
from tips.models import Tip
from tips.sealing.tips import open_case_key, open_message, open_texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 320, "height": 640}
WORDS = {
    "en": {
        "send": "Send",
        "map": "Show it on a map",
        "open": "Open",
        "marked": "Marked on the map: E Oak Ave, near S 2nd St",
    },
    "es": {
        "send": "Enviar",
        "map": "Mostrarlo en un mapa",
        "open": "Abrir",
        "marked": "Marcado en el mapa: E Oak Ave, cerca de S 2nd St",
    },
}


@pytest.fixture
def context(browser: Browser, intake: Form) -> Iterator[Callable[..., BrowserContext]]:
    made, strange = [], []

    def make(**options: object) -> BrowserContext:
        opened = browser.new_context(base_url=intake.url, viewport=SMALL, **options)
        opened.set_default_timeout(15_000)
        opened.on("request", lambda asked: asked.url.startswith(intake.url) or strange.append(asked.url))
        made.append(opened)
        return opened

    yield make
    for each in made:
        assert each.cookies() == []
        each.close()
    assert strange == []


@pytest.fixture
def streets() -> None:
    """Two crossing streets of 400 meters, small enough for one tap to mark."""
    west, south, size = -95.2650, 37.3400, 0.0040
    BlockFactory(street="E OAK AVE", geometry=LineString((west, south), (west + size, south)))
    BlockFactory(
        street="S 2ND ST", geometry=LineString((west + size / 2, south - size / 2), (west + size / 2, south + size / 2))
    )


def photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (37.0, 20.0, 25.0), 3: "W", 4: (95.0, 15.0, 40.0)}
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


def fits(page: Page) -> None:
    wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= shown, f"{page.url} is {wide} px wide in a window of {shown} px"


def opened(reader: Reader) -> tuple[dict[str, str], list[bytes]]:
    tip = Tip.objects.get()
    case = open_case_key(tip.pk, reader.key, tip.copies.get(reader=reader.row).sealed)
    messages = list(tip.messages.all())
    texts = open_texts(case, tip.pk, messages[0].pk, messages[0].sealed)
    photos = [open_message(case, tip.pk, each.pk, each.sealed) for each in messages if each.kind == "photo"]
    return texts, photos


@pytest.mark.parametrize("language", ["en", "es"])
def test_resident_tells_and_comes_back_without_script(context, intake, streets, language):
    reader, words = make_reader(), WORDS[language]
    page = context(java_script_enabled=False).new_page()
    page.goto(f"/{language}/")
    page.locator("#id_what").fill("Cars stop at the back door, ñandú")
    page.get_by_role("button", name=words["map"]).click()
    page.locator("input.picture").click(position={"x": 90, "y": 150})
    expect(page.locator(".marked")).to_contain_text(words["marked"])
    expect(page.locator("#id_what")).to_have_value("Cars stop at the back door, ñandú")
    photo = {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": photo_with_place()}
    page.locator("#id_photos").set_input_files([photo])
    page.locator("#id_when").press("Enter")
    receipt = page.locator("ol.words li").all_text_contents()
    assert len(receipt) == 8

    texts, photos = opened(reader)
    assert texts["what"] == "Cars stop at the back door, ñandú"
    assert texts["point_name"].startswith("E Oak Ave")
    assert not Image.open(io.BytesIO(photos[0])).getexif()

    page.goto(f"/{language}/back/")
    page.locator("#id_receipt").fill(" ".join(receipt).upper())
    page.locator("main").get_by_role("button", name=words["open"]).click()
    page.locator("#id_more").fill("Since Tuesday")
    page.locator("main").get_by_role("button", name=words["send"]).click()
    assert [each.kind for each in Tip.objects.get().messages.all()] == ["tip", "photo", "addition"]
    assert intake.log.read_text() == ""


def test_pages_are_accessible_and_fit_small_phones(context, axe, streets):
    make_reader()
    page = context().new_page()
    for path in ("/en/", "/es/", "/en/back/", "/es/safety/", "/en/nothing-here/"):
        page.goto(path)
        axe(page)
        fits(page)
    page.goto("/en/")
    page.get_by_role("button", name="Show it on a map").click()
    axe(page)
    fits(page)
    page.locator("[name=send]").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Tell us what is going on")
    axe(page)
    page.locator("#id_what").fill("Cars")
    page.locator("[name=send]").last.click()
    expect(page.locator("ol.words li")).to_have_count(8)
    axe(page)
    fits(page)


@pytest.mark.parametrize("path", ["/es/", "/es/back/"])
def test_refused_form_shows_what_is_wrong_on_a_small_phone_without_script(context, path):
    page = context(java_script_enabled=False).new_page()
    page.goto(path)
    page.locator("main form button").last.click()
    expect(page.get_by_role("alert")).to_be_in_viewport()


def test_typed_words_survive_the_other_language(context):
    page = context(java_script_enabled=False).new_page()
    page.goto("/en/")
    page.locator("#id_what").fill("Cars stop")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("#id_what")).to_have_value("Cars stop")
