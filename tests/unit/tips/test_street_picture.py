"""The drawn map as a picture: small, few colors, the same each time, names that do not cover each other."""

import io
from itertools import combinations

import pytest
import shapely
from PIL import Image

from tips.intake.street_map import DEGREE_M, Frame, Point, Street, View, pixel
from tips.intake.street_picture import (
    GROUND,
    MARK,
    MOST_BYTES,
    OUTSIDE,
    PALETTE,
    SIZE,
    _in_pixels,
    draw,
    labels,
    reaches,
    styles,
    with_mark,
)

WEST, SOUTH, STEP = -95.30, 37.30, 0.001
ORDINALS = "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth".split()


def town(side: int, slant: float = 0.0) -> list[Street]:
    """A grid of `side` by `side` blocks."""
    names = [ORDINALS[each % 12] + ("" if each < 12 else f" {each // 12}") for each in range(side + 1)]
    return [
        *(
            Street(
                f"{name} Ave",
                shapely.LineString(
                    [(WEST, SOUTH + row * STEP), (WEST + side * STEP, SOUTH + (row + slant * side) * STEP)]
                ),
            )
            for row, name in enumerate(names)
        ),
        *(
            Street(
                f"{name} St",
                shapely.LineString(
                    [(WEST + col * STEP, SOUTH), (WEST + (col - slant * side) * STEP, SOUTH + side * STEP)]
                ),
            )
            for col, name in enumerate(names)
        ),
    ]


def frame_of(streets: list[Street]) -> Frame:
    return Frame.around(tuple(shapely.total_bounds([street.line for street in streets])))


def every_zoom(frame: Frame) -> list[View]:
    middle = Point(frame.longitude, frame.latitude)
    return [frame.centered(z, middle) for z in range(frame.last + 1)]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def colors(png: bytes) -> set[str]:
    found = opened(png).convert("RGB").getcolors(1000)
    assert found is not None
    return {"#{:02x}{:02x}{:02x}".format(*color) for _, color in found}


@pytest.mark.parametrize(("side", "slant"), [(3, 0.0), (20, 0.1), (60, 0.03), (160, 0.17)])
def test_picture_is_small_at_every_zoom(side: int, slant: float):
    streets = town(side, slant)
    frame = frame_of(streets)
    reach = reaches(frame, streets)
    for view in every_zoom(frame):
        png = draw(view, streets, reach)
        assert len(png) <= MOST_BYTES
        assert opened(png).size == (SIZE, SIZE)
        assert colors(png) <= set(PALETTE)


def test_same_streets_give_the_same_bytes():
    streets = town(20, 0.1)
    frame = frame_of(streets)
    reach, view = reaches(frame, streets), every_zoom(frame)[-1]
    assert draw(view, streets, reach) == draw(view, streets[::-1], reach)


@pytest.mark.parametrize("slant", [0.0, 0.1, 0.5])
def test_names_do_not_cover_each_other_and_are_whole(slant: float):
    streets = town(20, slant)
    frame = frame_of(streets)
    reach = reaches(frame, streets)
    for view in every_zoom(frame):
        lines = {street.name: _in_pixels(view, street.line) for street in streets}
        placed = labels(lines, styles(view, lines, reach)[0])
        assert len(placed) >= 4
        assert not any(one.box.intersects(other.box) for one, other in combinations(placed, 2))
        assert all(shapely.box(0, 0, SIZE, SIZE).covers(label.box) for label in placed)
        for label in placed:
            assert lines[label.text].distance(shapely.Point(label.x, label.y)) < 3
            assert -90 < label.angle <= 90


def test_streets_are_where_they_are():
    streets = town(8)
    frame = frame_of(streets)
    view = frame.centered(frame.last, Point(WEST + 4 * STEP, SOUTH + 4 * STEP))
    nameless = Street("", shapely.union_all([street.line for street in streets]))
    image = opened(draw(view, [nameless], {})).convert("RGB")
    on = pixel(view, Point(WEST + 4 * STEP, SOUTH + 4.5 * STEP), SIZE)
    off = pixel(view, Point(WEST + 4.5 * STEP, SOUTH + 4.5 * STEP), SIZE)
    assert on
    assert off
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel(on)) == "#ffffff"
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel(off)) == GROUND


def test_mark_is_where_the_point_is_and_stands_out():
    streets = town(8)
    frame = frame_of(streets)
    view = every_zoom(frame)[-1]
    plain = draw(view, streets, reaches(frame, streets))
    point = Point(WEST + 4.2 * STEP, SOUTH + 4.3 * STEP)
    marked = with_mark(plain, view, point)
    at = pixel(view, point, SIZE)
    assert at
    assert "#{:02x}{:02x}{:02x}".format(*opened(marked).convert("RGB").getpixel(at)) == MARK
    assert MARK not in colors(plain)
    assert len(marked) <= MOST_BYTES + 1500


def test_mark_elsewhere_changes_nothing():
    streets = town(8)
    frame = frame_of(streets)
    view = View(frame, frame.last, 0, 0)
    plain = draw(view, streets, reaches(frame, streets))
    assert with_mark(plain, view, Point(WEST + 8 * STEP, SOUTH)) == plain


def test_ground_outside_the_city_is_darker():
    streets = town(8)
    frame = frame_of(streets)
    view = frame.whole()
    west_half = shapely.box(WEST - 1, SOUTH - 1, WEST + 4 * STEP, SOUTH + 1)
    image = opened(draw(view, [], {}, west_half)).convert("RGB")
    left, right = image.getpixel((SIZE // 8, SIZE // 3)), image.getpixel((SIZE * 7 // 8, SIZE // 3))
    assert "#{:02x}{:02x}{:02x}".format(*left) == GROUND
    assert "#{:02x}{:02x}{:02x}".format(*right) == OUTSIDE


def test_main_street_is_the_one_that_goes_on():
    """Two carriageways are no longer than one, a small gap ends no street, a large one does."""
    east = [(WEST, SOUTH), (WEST + 10 * STEP, SOUTH)]
    twice = shapely.MultiLineString([east, [(x, y + 0.0002) for x, y in east]])
    gap = [(WEST, SOUTH), (WEST + 5 * STEP, SOUTH)], [(WEST + 6 * STEP, SOUTH), (WEST + 11 * STEP, SOUTH)]
    wide = [(WEST, SOUTH), (WEST + 5 * STEP, SOUTH)], [(WEST + 8 * STEP, SOUTH), (WEST + 13 * STEP, SOUTH)]
    streets = [
        Street("Once", shapely.LineString(east)),
        Street("Twice", twice),
        Street("Gap", shapely.MultiLineString(gap)),
        Street("Wide", shapely.MultiLineString(wide)),
        Street("", shapely.LineString(east)),
    ]
    frame = Frame.around((WEST, SOUTH, WEST + 0.02, SOUTH + 0.02))
    meters = {name: reach * DEGREE_M for name, reach in reaches(frame, streets).items()}
    assert set(meters) == {"Once", "Twice", "Gap", "Wide"}
    assert meters["Twice"] == pytest.approx(meters["Once"], rel=0.02)
    assert meters["Gap"] > meters["Once"] > 1.5 * meters["Wide"]
