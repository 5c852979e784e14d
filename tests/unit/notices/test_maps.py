"""Maps of an area: streets and names, no dots, the same bytes, legible without color."""

import io
import re
from collections import Counter

import numpy as np
import pytest
import shapely
from PIL import Image
from shapely import LineString

from notices.maps import LETTER, MEDIA, alt_text, area_map, street_names, streets_of
from notices.queries.maps import Ground, Street

SRID = 32615
METER = 1 / 111_000


def there(geometry: shapely.Geometry) -> shapely.Geometry:
    """From meters to degrees near Parsons."""
    return shapely.transform(geometry, lambda xy: xy * [METER / 0.795, METER] + [-95.26, 37.34])


OUTLINE = there(shapely.box(-120, -60, 120, 60))
STREETS = (
    Street("Main St", there(LineString([(-120, 0), (120, 0)])), own=True),
    Street("Main St", there(LineString([(-900, 0), (-120, 0)]))),
    Street("Oak & Elm", there(LineString([(-900, 80), (900, 80)]))),
    Street("N 17th St", there(LineString([(90, -900), (90, 900)]))),
)
COMPLEX = there(shapely.box(-100, 10, -40, 50))


def drawn(kind: str = "svg", size: tuple[int, int] = LETTER) -> bytes:
    return area_map(outline=OUTLINE, streets=STREETS, complexes=[COMPLEX], srid=SRID, size=size, kind=kind)


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_same_ground_gives_the_same_bytes(kind):
    assert drawn(kind) == drawn(kind)


def test_drawing_has_no_dots_and_no_script_and_asks_nobody():
    svg = drawn().decode()
    assert svg.startswith("<svg ")
    assert not re.search(r"<(circle|ellipse|image|script|foreignObject)\b", svg)
    assert not re.search(r"""(href|src)=["'](?!#)""", svg)
    assert "20" + "26" not in svg


def test_drawing_has_grays_only():
    colors = set(re.findall(r"#([0-9a-f]{6})\b", drawn().decode()))
    assert colors
    assert all(color[:2] == color[2:4] == color[4:] for color in colors)


def test_description_names_the_streets_of_the_area():
    assert streets_of(drawn().decode()) == ["Main St"]
    none_own = [Street("Oak & Elm", STREETS[2].geometry)]
    svg = area_map(outline=OUTLINE, streets=none_own, complexes=[], srid=SRID).decode()
    assert streets_of(svg) == ["Oak & Elm"]
    assert street_names(Ground(OUTLINE, tuple(none_own), (), SRID)) == ["Oak & Elm"]


def test_area_without_streets_is_still_a_map():
    svg = area_map(outline=OUTLINE, streets=[], complexes=[], srid=SRID).decode()
    assert streets_of(svg) == []
    assert "<title>Map of the area</title>" in svg


def test_alternative_text_is_in_the_language_of_the_reader():
    assert alt_text(["Main St", "Oak Ave"], "en") == "Map of the area: Main St, Oak Ave"
    assert alt_text([], "en") == "Map of the area"
    assert alt_text(["Main St"], "es") == "Mapa de la zona: Main St"


def test_picture_for_media_is_1200_by_630():
    with Image.open(io.BytesIO(drawn("png", MEDIA))) as picture:
        assert picture.size == (1200, 630)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 2  # gray
    grays = Counter(pixels[:, :, 0].ravel().tolist())
    assert grays[220] > 10_000  # the ground of the area
    assert grays[0] > 3_000  # its outline and its streets


def test_north_is_up_although_the_projection_leans():
    """The street runs north: drawn upright, all its black lies in few columns."""
    street = Street("", there(LineString([(0, -55), (0, 55)])), own=True)
    with Image.open(
        io.BytesIO(area_map(outline=OUTLINE, streets=[street], complexes=[], srid=SRID, size=MEDIA, kind="png"))
    ) as picture:
        gray = np.asarray(picture.convert("L"))
    middle = gray[240:390, 590:610] < 60
    columns = np.flatnonzero(middle.any(axis=0))
    assert 0 < np.ptp(columns) <= 7
