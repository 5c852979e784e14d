"""The commander's map in a real browser: from the first look to a designated hot spot, and back."""

import re
import struct
import zlib
from collections.abc import Callable
from datetime import date
from math import asinh, pi, radians, tan
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.agency import forget_agency
from accounts.models import AgencyProfile
from hotspots.actions.concentration import compute_run
from hotspots.models import HotSpot, Place
from hotspots.specs import RunSpec
from tests.factories.hotspots import (
    SOUTH,
    WEST,
    AreaFactory,
    BlockFactory,
    HotSpotFactory,
    IncidentFactory,
    LocationFactory,
)
from tests.functional.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[..., Page]
Check = Callable[[Page], None]
LAST_DAY = date(2024, 6, 15)


@pytest.fixture(autouse=True)
def town(live_server: object, settings: Settings, tmp_path: Path) -> list[Place]:
    """Twelve blocks in three rows with 1 to 12 incidents, the busiest last, in two windows that are counted already."""
    settings.TILE_CACHE = tmp_path / "tiles"
    AreaFactory(name="Main beat")
    blocks = [BlockFactory(at=(n % 4, n // 4), name=f"{n + 1}00 block of Main St", street="MAIN ST") for n in range(12)]
    for n, block in enumerate(blocks):
        IncidentFactory.create_batch(n + 1, location=LocationFactory(block=block))
    for days in (28, 365):
        compute_run(by=None, spec=RunSpec("block", LAST_DAY, days), standing=True)
    return blocks


def open_map(page: Page, query: str = "") -> None:
    page.goto(f"/map/{query}")
    ready(page)


def ready(page: Page) -> None:
    expect(page.locator("#map")).to_have_attribute("data-idle", "true", timeout=20_000)


def position(page: Page, place: Place) -> tuple[float, float]:
    """Where the middle of a place is on the screen, with the whole town fitted into the map by its hash."""
    box = page.locator("#map canvas").bounding_box()
    zoom, latitude, longitude = map(float, page.evaluate("location.hash").lstrip("#").split("/")[:3])
    size = 512 * 2**zoom
    middle = place.geometry.centroid

    def world(lon: float, lat: float) -> tuple[float, float]:
        return (lon + 180) / 360 * size, (1 - asinh(tan(radians(lat))) / pi) / 2 * size

    x, y = world(middle.x, middle.y)
    x0, y0 = world(longitude, latitude)
    return box["x"] + box["width"] / 2 + x - x0, box["y"] + box["height"] / 2 + y - y0


AT_TOWN = f"#16/{SOUTH + 0.001:.5f}/{WEST + 0.002:.5f}"


def test_commander_goes_from_the_map_to_a_hot_spot(
    signed_in: SignedIn, town: list[Place], axe: Check, fits: Check
) -> None:
    page = signed_in("commander")
    open_map(page, AT_TOWN)
    expect(page.get_by_text("78 incidents, Jun 17, 2023 – Jun 15, 2024")).to_be_visible()
    axe(page)
    fits(page)

    page.get_by_label("Window").select_option("28")
    expect(page.get_by_text("78 incidents, May 19 – Jun 15, 2024")).to_be_visible()
    page.get_by_label("Color by").select_option("significance")
    expect(page.get_by_role("heading", name="Where incidents cluster beyond chance")).to_be_visible()
    assert "days=28" in page.url
    assert "color=significance" in page.url

    page.reload()
    expect(page.get_by_label("Color by")).to_have_value("significance")
    page.go_back()
    expect(page.get_by_label("Color by")).to_have_value("count")
    expect(page.get_by_text("78 incidents, May 19")).to_be_visible()

    page.get_by_role("link", name="1200 block of Main St").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1200 block of Main St")
    axe(page)
    page.go_back()
    ready(page)

    page.get_by_label("Select 1200 block of Main St").check()
    page.get_by_role("button", name="Draw around places").click()
    (left, top), (right, bottom) = position(page, town[4]), position(page, town[5])
    page.mouse.move(left - 30, top - 30)
    page.mouse.down()
    for x, y in ((right + 30, top - 30), (right + 30, bottom + 30), (left - 30, bottom + 30)):
        page.mouse.move(x, y, steps=4)
    page.mouse.up()
    expect(page.get_by_text("3 places selected, 23 incidents")).to_be_visible()
    axe(page)

    page.get_by_role("button", name="Designate a hot spot").click()
    expect(page.get_by_role("heading", name="3 selected places")).to_be_visible()
    page.get_by_label("Name").fill("Main and First")
    axe(page)
    page.get_by_label("Reason").fill("Half of the town's thefts.")
    page.get_by_role("button", name="Designate").click()
    expect(page.get_by_text("Main and First is designated.")).to_be_visible()
    axe(page)
    fits(page)
    assert HotSpot.objects.get().boundaries.get().places.count() == 3

    page.get_by_role("link", name="All hot spots").click()
    expect(page.get_by_role("link", name="Main and First")).to_be_visible()
    axe(page)
    open_map(page, AT_TOWN)
    expect(page.locator("#selection")).to_be_hidden()
    drawn = page.request.get("/map/hot-spots.geojson").json()
    assert [each["properties"]["name"] for each in drawn["features"]] == ["Main and First"]


def test_list_and_map_point_at_each_other(signed_in: SignedIn, town: list[Place]) -> None:
    page = signed_in("officer")
    open_map(page, AT_TOWN)

    x, y = position(page, town[9])
    page.mouse.move(x, y)
    expect(page.locator(f'.ranked__row[data-place="{town[9].pk}"]')).to_have_class(re.compile("is-marked"))
    page.mouse.click(x, y)
    expect(page.locator(".card")).to_contain_text("1000 block of Main St")
    expect(page.locator(".card")).to_contain_text("10 incidents · rank 3 of 12")

    row = page.locator(f'.ranked__row[data-place="{town[0].pk}"]')
    row.get_by_text("12").first.click()
    expect(page).to_have_url(re.compile(rf"#\d+(\.\d+)?/{SOUTH:.2f}"))


def test_list_works_by_keyboard(signed_in: SignedIn) -> None:
    page = signed_in("officer")
    open_map(page)

    page.get_by_role("link", name="1200 block of Main St").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="1100 block of Main St")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1200 block of Main St")


def test_tabs_show_list_or_charts(signed_in: SignedIn, axe: Check) -> None:
    page = signed_in("officer")
    open_map(page)

    page.get_by_role("tab", name="Ranked list").focus()
    page.keyboard.press("ArrowRight")

    expect(page.get_by_role("heading", name="By month")).to_be_visible()
    expect(page.get_by_role("link", name="1200 block of Main St")).to_be_hidden()
    axe(page)


def test_search_finds_a_place_and_shows_it(signed_in: SignedIn, town: list[Place], axe: Check) -> None:
    page = signed_in("officer")
    open_map(page)

    page.get_by_role("combobox", name="Find a place").press_sequentially("700 block")
    expect(page.get_by_role("option", name="700 block of Main St")).to_be_visible()
    axe(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.locator(".card")).to_contain_text("700 block of Main St")


def test_officer_reads_only(signed_in: SignedIn, axe: Check) -> None:
    HotSpotFactory(name="Main and First")
    page = signed_in("officer")
    open_map(page)

    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(page.get_by_role("button", name="Draw around places")).to_have_count(0)
    axe(page)
    page.get_by_role("link", name="Hot spots").click()
    page.get_by_role("link", name="Main and First").click()
    expect(page.get_by_text("The counts are high.")).to_be_visible()
    expect(page.get_by_text("End it")).to_have_count(0)
    axe(page)


def test_phone_has_the_map_first_and_all_of_it(signed_in: SignedIn, town: list[Place], axe: Check, fits: Check) -> None:
    hot_spot = HotSpotFactory(name="Main and First", places=town[:2])
    page = signed_in("commander", viewport=PHONE | {"width": 320})
    open_map(page)

    assert page.locator("#map").bounding_box()["y"] < 200
    fits(page)
    page.get_by_text("What to show").click()
    page.get_by_label("Window").select_option("28")
    expect(page.get_by_text("78 incidents, May 19 – Jun 15, 2024")).to_be_visible()
    fits(page)
    axe(page)
    for address in (
        f"/places/{town[11].pk}/",
        "/hotspots/",
        f"/hotspots/{hot_spot.pk}/",
        f"/hotspots/new/?places={town[1].pk}",
    ):
        page.goto(address)
        fits(page)
        axe(page)


def test_map_is_printed_on_one_page_with_its_picture(signed_in: SignedIn) -> None:
    page = signed_in("commander")
    open_map(page)

    pdf = page.pdf(format="Letter", print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert b"/Subtype /Image" in pdf or b"/Subtype/Image" in pdf


def test_list_and_charts_work_where_the_map_cannot_be_drawn(signed_in: SignedIn) -> None:
    page = signed_in("officer")
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto("/map/")

    expect(page.get_by_text("This browser cannot draw the map")).to_be_visible()
    page.get_by_label("Window").select_option("28")
    expect(page.get_by_text("78 incidents, May 19 – Jun 15, 2024")).to_be_visible()
    expect(page.get_by_role("link", name="1200 block of Main St")).to_be_visible()


def test_server_that_does_not_answer_is_said_and_nothing_is_lost(signed_in: SignedIn) -> None:
    page = signed_in("officer")
    open_map(page)
    page.route("**/map/results/**", lambda route: route.abort())

    page.get_by_label("Window").select_option("28")

    expect(page.get_by_text("This could not be counted.")).to_be_visible()
    expect(page.get_by_role("link", name="1200 block of Main St")).to_be_visible()


def test_new_question_is_counted_while_the_page_says_so(signed_in: SignedIn) -> None:
    page = signed_in("officer")
    page.goto("/map/?days=91")

    expect(page.get_by_text("78 incidents, Mar 17 – Jun 15, 2024")).to_be_visible()
    ready(page)


def test_redraw_starts_from_the_places_of_today(signed_in: SignedIn, town: list[Place], axe: Check) -> None:
    hot_spot = HotSpotFactory(name="Main and First", places=town[:2])
    page = signed_in("commander")
    page.goto(f"/hotspots/{hot_spot.pk}/")
    page.get_by_role("link", name="Other places, on the map").click()
    ready(page)

    expect(page.get_by_text("2 places selected")).to_be_visible()
    page.get_by_label("Select 1200 block of Main St").check()
    axe(page)
    page.get_by_role("button", name="New boundary of Main and First").click()
    page.get_by_role("button", name="Change the places").click()

    expect(page.get_by_text("Main and First has other places now.")).to_be_visible()
    assert hot_spot.boundaries.latest_version().places.count() == 3


def test_basemap_of_the_agencys_own_is_drawn_from_its_file(
    signed_in: SignedIn, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "basemap").mkdir()
    (tmp_path / "basemap" / "city.pmtiles").write_bytes(one_picture())
    agency = AgencyProfile.objects.get()
    agency.basemap_url = "/basemap/city.pmtiles"
    agency.save()
    forget_agency()
    page = signed_in("officer")
    asked: list[str] = []
    page.on("request", lambda request: "/basemap/" in request.url and asked.append(request.headers.get("range", "")))

    open_map(page, AT_TOWN)

    assert len(asked) > 1
    assert all(part.startswith("bytes=") for part in asked)
    shown = page.evaluate(CORNER_OF_THE_MAP)
    assert shown[0] < shown[2]  # the blue of the picture shines through


CORNER_OF_THE_MAP = """
async () => {
  window.dispatchEvent(new Event("beforeprint"));
  const picture = document.getElementById("map-picture");
  await picture.decode();
  const copy = new OffscreenCanvas(1, 1).getContext("2d");
  copy.drawImage(picture, -30, 30 - picture.naturalHeight);
  return [...copy.getImageData(0, 0, 1, 1).data];
}
"""


def one_picture() -> bytes:
    """A PMTiles archive (version 3) whose only tile, of zoom 0, is a blue picture."""
    rows = (b"\x00" + bytes((0, 60, 255)) * 256) * 256

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    size = struct.pack(">2I5B", 256, 256, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", size), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    tile = b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    def varint(number: int) -> bytes:
        out = b""
        while number > 127:
            out, number = out + bytes([number & 127 | 128]), number >> 7
        return out + bytes([number])

    directory = b"".join(map(varint, (1, 0, 1, len(tile), 1)))  # one entry: id 0, run of 1, its length, offset 0
    metadata = b"{}"
    at_metadata = 127 + len(directory)
    at_tiles = at_metadata + len(metadata)
    places = (127, len(directory), at_metadata, len(metadata), at_tiles, 0, at_tiles, len(tile), 1, 1, 1)
    kinds = bytes([1, 1, 1, 2, 0, 0])  # clustered, nothing compressed, PNG, zoom 0 to 0
    corners = struct.pack("<4i", -1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
    header = b"PMTiles" + bytes([3]) + struct.pack("<11Q", *places) + kinds + corners + struct.pack("<B2i", 0, 0, 0)
    return header + directory + metadata + tile
