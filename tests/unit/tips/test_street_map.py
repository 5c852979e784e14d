"""Taps on the drawn map: what they open, what they mark, and what a form may say."""

import math

import pytest
import shapely

from tips.intake.street_map import (
    CLOSE_M,
    DEGREE_M,
    SHOWN,
    Frame,
    Near,
    Point,
    State,
    Street,
    View,
    asked,
    back_out,
    carried,
    child,
    is_asked,
    name_of,
    neighbors,
    pixel,
    read_point,
    read_state,
    read_tap,
    read_view,
    tap,
)

WEST, SOUTH = -95.30, 37.30
TOWN = Frame.around((WEST, SOUTH, WEST + 0.05, SOUTH + 0.04))
CITY = Frame.around((-90.32, 38.53, -90.17, 38.775))
VILLAGE = Frame.around((WEST, SOUTH, WEST + 0.004, SOUTH + 0.003))
STEP = 0.001


def street(name: str, *points: tuple[float, float]) -> Street:
    return Street(name, shapely.MultiLineString([[(WEST + x * STEP, SOUTH + y * STEP) for x, y in points]]))


GRID = [
    *(street(f"{row + 1}th Ave", (0, row), (10, row)) for row in range(3, 8)),
    *(street(f"{col + 1}th St", (col, 0), (col, 10)) for col in range(3, 8)),
]


def views(frame: Frame) -> list[View]:
    """Corners and middles of every zoom."""
    ends = {z: {0, frame.steps_at(z) // 2, frame.steps_at(z)} for z in range(frame.last + 1)}
    return [View(frame, z, col, row) for z, some in ends.items() for col in sorted(some) for row in sorted(some)]


@pytest.mark.parametrize(("frame", "last"), [(VILLAGE, 0), (TOWN, 2), (CITY, 3)])
def test_a_smaller_town_needs_fewer_taps(frame: Frame, last: int):
    assert frame.last == last


def test_last_zoom_shows_blocks_that_a_thumb_can_hit():
    for frame in (TOWN, CITY):
        assert View(frame, frame.last, 0, 0).meters == pytest.approx(CLOSE_M)


def test_frame_is_as_wide_as_high_on_the_ground():
    west, south, east, north = CITY.whole().bounds
    across = (east - west) * math.cos(math.radians((south + north) / 2))
    assert across == pytest.approx(north - south)
    assert west < -90.32 < -90.17 < east
    assert south < 38.53 < 38.775 < north


@pytest.mark.parametrize("frame", [VILLAGE, TOWN, CITY])
def test_point_of_a_tap_lies_in_the_pixel_that_was_touched(frame: Frame):
    close = [View(frame, frame.last, col, row) for col, row in ((0, 0), (frame.steps_at(frame.last),) * 2)]
    for view in close:
        for x, y in ((0, 1), (SHOWN - 1, SHOWN - 1), (137, 42), (SHOWN // 2, 3)):
            assert pixel(view, tap(view, x, y)) == (x, y)


def test_tap_is_exact_to_the_pixel_in_degrees():
    view = CITY.whole()
    west, _, _, north = view.bounds
    a, b = tap(view, 0, 0), tap(view, 10, 10)
    meters = view.meters / SHOWN
    assert (a.latitude - b.latitude) * DEGREE_M == pytest.approx(10 * meters, abs=2)
    assert (b.longitude - a.longitude) * CITY.squeeze * DEGREE_M == pytest.approx(10 * meters, abs=2)
    assert (north - a.latitude) * DEGREE_M == pytest.approx(meters / 2, abs=1)
    assert (a.longitude - west) * CITY.squeeze * DEGREE_M == pytest.approx(meters / 2, abs=1)


@pytest.mark.parametrize("frame", [TOWN, CITY])
def test_what_a_tap_opens_holds_the_place_that_was_touched(frame: Frame):
    for view in views(frame):
        for x in range(0, SHOWN, 37):
            for y in range(0, SHOWN, 37):
                opened = child(view, x, y)
                assert opened.z == min(view.z + 1, frame.last)
                assert pixel(opened, tap(view, x, y))


def test_taps_in_the_middle_open_the_middle():
    opened = child(CITY.whole(), SHOWN // 2, SHOWN // 2)
    x, y = pixel(opened, tap(CITY.whole(), SHOWN // 2, SHOWN // 2)) or (0, 0)
    assert 0.25 * SHOWN <= x <= 0.75 * SHOWN
    assert 0.25 * SHOWN <= y <= 0.75 * SHOWN


def test_parts_cover_the_city_to_its_edges_and_no_more():
    west, south, east, north = CITY.whole().bounds
    for z in range(1, CITY.last + 1):
        end = CITY.steps_at(z)
        first, last = View(CITY, z, 0, 0).bounds, View(CITY, z, end, end).bounds
        assert (first[0], first[3]) == pytest.approx((west, north))
        assert (last[2], last[1]) == pytest.approx((east, south))


def test_neighbors_share_half_the_picture_and_end_at_the_edge():
    corner = View(CITY, 2, 0, 0)
    assert set(neighbors(corner)) == {"south", "east"}
    east = neighbors(corner)["east"]
    assert 0.4 * corner.side <= (east.bounds[0] - corner.bounds[0]) * CITY.squeeze <= 0.5 * corner.side + 1e-9
    assert neighbors(east)["west"] == corner
    assert neighbors(CITY.whole()) == {}


def test_backing_out_holds_what_was_seen():
    for view in views(CITY):
        out = back_out(view)
        assert out.z == max(view.z - 1, 0)
        assert shapely.box(*out.bounds).buffer(1e-9).covers(shapely.box(*view.bounds))


def test_a_tap_zooms_in_until_it_marks_and_the_form_carries_it():
    data: dict[str, str] = {}
    for z in range(1, CITY.last + 1):
        state = asked(CITY, data | {"map.x": "150", "map.y": "140"})
        assert (state.view.z, state.point) == (z, None)
        data = carried(state)
    marked = asked(CITY, data | {"map.x": "20", "map.y": "30"})
    assert marked == State(state.view, tap(state.view, 20, 30))
    assert read_state(CITY, carried(marked)) == marked


def test_buttons_move_back_out_and_take_the_point_away():
    point = tap(View(CITY, 3, 4, 5), 10, 10)
    data = carried(State(View(CITY, 3, 4, 5), point))
    assert asked(CITY, data | {"map-go": "north"}) == State(View(CITY, 3, 4, 4), point)
    assert asked(CITY, data | {"map-go": "out"}) == State(back_out(View(CITY, 3, 4, 5)), point)
    assert asked(CITY, data | {"map-go": "whole"}) == State(CITY.whole(), point)
    assert asked(CITY, data | {"map-go": "take-away"}) == State(View(CITY, 3, 4, 5), None)
    assert asked(CITY, data | {"map-go": "nowhere"}) == State(View(CITY, 3, 4, 5), point)
    assert asked(CITY, data) == State(View(CITY, 3, 4, 5), point)


def test_north_of_the_edge_stays_where_it_is():
    data = carried(State(View(CITY, 3, 4, 0), None))
    assert asked(CITY, data | {"map-go": "north"}).view == View(CITY, 3, 4, 0)


def test_map_chosen_by_keyboard_is_no_tap():
    """Browsers then send 0,0, which would be the northwest corner."""
    assert read_tap("0", "0") is None
    data = carried(State(View(CITY, 1, 1, 1), None))
    assert is_asked(data | {"map.x": "0", "map.y": "0"})
    assert asked(CITY, data | {"map.x": "0", "map.y": "0"}) == State(View(CITY, 1, 1, 1), None)


def test_form_that_is_sent_asks_nothing_of_the_map():
    assert not is_asked(carried(State(CITY.whole(), None)) | {"words": "by the school"})
    assert is_asked({"map-go": "out"})


@pytest.mark.parametrize(
    "x", ["", "-1", "300", "12345", "1e2", "nan", "inf", "٣", "1,5", "1\n", " 1"], ids=lambda value: repr(value)
)
def test_tap_that_makes_no_sense_is_none(x: str):
    assert read_tap(x, "5") is None
    assert read_tap("5", x) is None


def test_tap_with_a_fraction_is_the_pixel():
    assert read_tap("12.75", "7") == (12, 7)


@pytest.mark.parametrize(
    "numbers",
    [
        ("", "", ""),
        ("9", "0", "0"),
        ("1", "999", "0"),
        ("1", "0", "-1"),
        ("x", "0", "0"),
        ("1", "0", "0\n"),
        ("٣", "0", "0"),
    ],
)
def test_part_that_makes_no_sense_is_the_whole_city(numbers: tuple[str, str, str]):
    assert read_view(CITY, *numbers) == CITY.whole()


@pytest.mark.parametrize(
    "numbers",
    [
        ("", ""),
        ("nan", "38.6"),
        ("-90.2", "inf"),
        ("-90.2", "99.0"),
        ("0", "0"),
        ("-90.2e0", "38.6"),
        ("-90.2", "38.6\n"),
    ],
)
def test_point_that_makes_no_sense_or_lies_elsewhere_is_none(numbers: tuple[str, str]):
    assert read_point(CITY, *numbers) is None


def test_point_is_read_to_the_meter():
    assert read_point(CITY, "-90.2345678", "38.6") == Point(-90.23457, 38.6)


def test_point_is_called_after_its_street_and_the_nearest_that_crosses_it():
    here = Point(WEST + 5.3 * STEP, SOUTH + 5.04 * STEP)
    assert name_of(here, GRID) == Near("6th Ave", "6th St")
    assert str(name_of(here, GRID)) == "6th Ave near 6th St"
    assert name_of(here, reversed(GRID)) == name_of(here, GRID)


def test_nearest_crossing_is_one_of_the_own_street():
    """A street that is nearer to the point but does not meet its street is no crossing."""
    main, far = street("Main St", (0, 0), (6, 0)), street("Far St", (4, 0), (4, 2))
    beside = street("Beside St", (0, 0.5), (3, 0.5))
    assert name_of(Point(WEST + 1 * STEP, SOUTH + 0.1 * STEP), [main, far, beside]) == Near("Main St", "Far St")


def test_lone_street_is_named_alone():
    assert str(name_of(Point(WEST, SOUTH), [street("Main St", (0, 0), (5, 0))])) == "Main St"


def test_point_far_from_any_street_has_no_name():
    assert name_of(Point(WEST, SOUTH - 0.0060), GRID) is None
    assert name_of(Point(WEST, SOUTH), []) is None


def test_street_without_a_name_names_nothing():
    nameless, main = street("", (0, 0), (5, 0)), street("Main St", (0, 1), (5, 1))
    assert name_of(Point(WEST + STEP, SOUTH), [nameless, main]) == Near("Main St", "")
