"""What the map of a batch shows, by where the batch goes."""

from datetime import date

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from notices.maps import batch_map_svg, streets_of
from notices.models import Batch
from notices.queries.maps import ground_of
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, ComplexFactory
from tests.factories.notices import BatchFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def town():
    """A street through the hot spot and past it, one a block farther north, and one far away."""
    for column in range(-1, 3):
        BlockFactory(at=(column, 0.5), name=f"{column + 16}00 block of Main St, Parsons")
        BlockFactory(at=(column, 1.5), name=f"{column + 16}00 block of Oak Ave")
    BlockFactory(at=(60, 0), name="100 block of Far Rd")
    BlockFactory(at=(0, 0.4), name="100 block of Gone St", retired_on="2020-01-01")
    AddressFactory(at=(0.5, 0.5))


def own(batch: Batch) -> list[str]:
    return [street.name for street in ground_of(batch).streets if street.own]


def test_within_a_hot_spot_its_own_streets_stand_out():
    batch = BatchFactory()
    ground = ground_of(batch)
    assert own(batch) == ["Main St"]
    assert [street.name for street in ground.streets if not street.own] == ["Main St", "Oak Ave"]
    assert ground.outline.bounds == pytest.approx((WEST, SOUTH, WEST + STEP, SOUTH + STEP))


def test_distance_widens_the_area():
    batch = BatchFactory(scope=Batch.Scope.DISTANCE, distance_m=100)
    assert own(batch) == ["Main St", "Oak Ave"]
    west, south, east, north = ground_of(batch).outline.bounds
    assert (east - west) * 111_000 * 0.795 == pytest.approx(STEP * 111_000 * 0.795 + 200, rel=0.02)
    assert (north - south) * 111_000 == pytest.approx(STEP * 111_000 + 200, rel=0.02)


def test_drawn_shape_is_the_area():
    shape = MultiPolygon(Polygon.from_bbox((WEST, SOUTH + STEP, WEST + STEP, SOUTH + 2 * STEP)), srid=4326)
    batch = BatchFactory(scope=Batch.Scope.DRAWN, shape=shape, hot_spot=None)
    assert own(batch) == ["Oak Ave"]


def test_complex_is_the_area_and_the_streets_around_name_it():
    batch = BatchFactory(scope=Batch.Scope.COMPLEX, around=ComplexFactory(at=(0, -0.7)), hot_spot=None)
    assert len(ground_of(batch).complexes) == 1
    assert own(batch) == []
    assert streets_of(batch_map_svg(batch)) == ["Main St"]


def test_hot_spot_that_starts_later_has_its_first_boundary():
    assert own(BatchFactory(hot_spot__starts_on=date(2098, 1, 1))) == ["Main St"]


@pytest.mark.parametrize("more", [0, 2])
def test_ground_takes_one_query_more_than_its_area_whatever_stands_there(django_assert_num_queries, more):
    for row in range(more):
        BlockFactory(at=(0, row + 2))
    batch = BatchFactory()
    ground_of(batch)  # knows the CRS of the city
    with django_assert_num_queries(2):
        ground_of(batch)


def test_map_is_the_same_again():
    batch = BatchFactory()
    assert batch_map_svg(batch) == batch_map_svg(batch)
    assert streets_of(batch_map_svg(batch)) == ["Main St"]
