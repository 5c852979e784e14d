"""The two views of streets and outline, their queries, and the map that is made of them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
import shapely
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange

from hotspots.models import Area
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, AreaFactory, BlockFactory
from tips.intake import city_map
from tips.intake.street_map import Near, Point
from tips.queries.streets import extent_of_streets, outline, streets_in

pytestmark = pytest.mark.django_db
EVERYWHERE = (WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)


@pytest.fixture(autouse=True)
def fresh_map():
    city_map.forget_city()
    yield
    city_map.forget_city()


def main_and_crossing() -> None:
    """Main St of three blocks eastward, and N 5th St across it at the end of the first."""
    corners = [WEST + column * STEP for column in range(4)]
    for here, there in pairwise(corners):
        BlockFactory(geometry=f"SRID=4326;LINESTRING({here} {SOUTH}, {there} {SOUTH})", street="MAIN ST")
    BlockFactory(
        geometry=f"SRID=4326;LINESTRING({WEST + STEP} {SOUTH - STEP}, {WEST + STEP} {SOUTH})", street="N 5TH ST"
    )
    BlockFactory(
        geometry=f"SRID=4326;LINESTRING({WEST + STEP} {SOUTH}, {WEST + STEP} {SOUTH + STEP})", street="N 5TH ST"
    )


def test_streets_are_current_blocks_joined_by_name():
    main_and_crossing()
    BlockFactory(at=(9, 9), street="OLD ST", retired_on=date(2020, 1, 1))
    AddressFactory(at=(0, 0), street="MAIN ST")
    found = dict(streets_in(EVERYWHERE, 0.0))
    assert set(found) == {"Main St", "N 5th St"}
    assert found["Main St"].equals(shapely.LineString([(WEST, SOUTH), (WEST + 3 * STEP, SOUTH)]))
    assert found["Main St"].geom_type == "LineString"


def test_corners_of_the_compass_are_written_in_capitals():
    BlockFactory(at=(0, 0), street="NE 10TH ST")
    BlockFactory(at=(0, 1), street="NEWTON AVE SW")
    assert [name for name, _ in streets_in(EVERYWHERE, 0.0)] == ["NE 10th St", "Newton Ave SW"]


def test_streets_are_cut_to_the_window():
    main_and_crossing()
    window = (WEST + 1.5 * STEP, SOUTH - STEP / 2, WEST + 2.5 * STEP, SOUTH + STEP / 2)
    [(name, line)] = streets_in(window, 0.0)
    assert name == "Main St"
    assert line.bounds == pytest.approx((WEST + 1.5 * STEP, SOUTH, WEST + 2.5 * STEP, SOUTH))


def test_lines_are_simplified_to_a_pixel():
    wiggle = ", ".join(f"{WEST + n * STEP / 10} {SOUTH + (n % 2) * 1e-6}" for n in range(11))
    BlockFactory(geometry=f"SRID=4326;LINESTRING({wiggle})", street="MAIN ST")
    [(_, fine)], [(_, coarse)] = streets_in(EVERYWHERE, 1e-8), streets_in(EVERYWHERE, 1e-4)
    assert shapely.get_num_coordinates(fine) == 11
    assert shapely.get_num_coordinates(coarse) == 2


def test_outline_is_the_boundary_that_holds_today():
    today = date.today()
    old, now, beat = (
        MultiPolygon(Polygon.from_bbox((WEST, SOUTH, WEST + size, SOUTH + size)), srid=4326) for size in (0.1, 0.2, 0.3)
    )
    boundary = {"kind": Area.Kind.BOUNDARY, "source_id": "city"}
    AreaFactory(**boundary, geometry=old, valid=DateRange(date(2000, 1, 1), today - timedelta(days=30)))
    assert outline(0.0) is None
    AreaFactory(**boundary, geometry=now, valid=DateRange(today - timedelta(days=30), None))
    AreaFactory(kind=Area.Kind.BEAT, geometry=beat)
    shape = outline(1e-6)
    assert shape is not None
    assert shape.bounds == pytest.approx((WEST, SOUTH, WEST + 0.2, SOUTH + 0.2))


def test_city_without_streets_has_no_map():
    AreaFactory(kind=Area.Kind.BOUNDARY)
    assert extent_of_streets() is None
    assert streets_in(EVERYWHERE, 0.0) == []
    assert city_map.city_frame() is None
    assert city_map.near(Point(WEST, SOUTH)) is None


def test_map_of_a_town_is_drawn_at_every_zoom():
    main_and_crossing()
    frame = city_map.city_frame()
    assert frame is not None
    point = Point(WEST + 1.1 * STEP, SOUTH)
    for z in range(frame.last + 1):
        view = frame.centered(z, point)
        plain, marked = city_map.picture(view), city_map.picture(view, point)
        assert plain
        assert plain.startswith(b"\x89PNG")
        assert marked != plain


def test_point_is_named_after_the_streets():
    main_and_crossing()
    assert city_map.near(Point(WEST + 1.3 * STEP, SOUTH + 0.00002)) == Near("Main St", "N 5th St")


def test_whole_city_is_read_once(django_assert_num_queries):
    main_and_crossing()
    frame = city_map.city_frame()
    assert frame is not None
    with django_assert_num_queries(0):
        assert city_map.picture(frame.whole()) == city_map.picture(frame.whole())


def test_no_trace_of_a_part_that_was_looked_at_is_kept(django_assert_num_queries):
    """What was seen before must not come faster: that would tell where somebody has looked."""
    for column in range(20):
        BlockFactory(at=(column, 0), street="MAIN ST")
    frame = city_map.city_frame()
    assert frame is not None
    part = frame.centered(1, Point(WEST, SOUTH))
    assert part.z == 1
    city_map.picture(part)
    with django_assert_num_queries(1):
        city_map.picture(part)


def test_flood_of_pictures_is_turned_away_and_ends():
    main_and_crossing()
    frame = city_map.city_frame()
    assert frame is not None
    for _ in range(city_map.WAITING):
        assert city_map._room.acquire(blocking=False)
    try:
        assert city_map.picture(frame.whole()) is None
    finally:
        city_map._room.release(city_map.WAITING)
    assert city_map.picture(frame.whole())
