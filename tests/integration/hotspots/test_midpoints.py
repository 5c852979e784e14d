"""The midpoint of each place, which the database keeps, and where it lies in metres."""

import numpy as np
import pytest
from django.contrib.gis.geos import LineString, Point

from hotspots.models import Place
from hotspots.projection import in_metres, utm_srid
from tests.factories.hotspots import AddressFactory, BlockFactory, ComplexFactory

pytestmark = pytest.mark.django_db

# 200 m east, then 300 m north: half-way is 50 m up the second leg, which is not half-way in degrees.
BENT = [(0, 0), (200, 0), (200, 300)]
HALF_WAY = (200, 50)


def bent_block(longitude: float, latitude: float) -> LineString:
    srid = utm_srid(longitude, latitude)
    corner = Point(longitude, latitude, srid=4326).transform(srid, clone=True)
    return LineString([(corner.x + x, corner.y + y) for x, y in BENT], srid=srid).transform(4326, clone=True)


@pytest.mark.parametrize("where", [(-95.3, 37.3), (151.2, -33.8), (-179.99, 51.9), (179.99, -16.5)])
def test_midpoint_of_a_bent_block_is_half_way_in_metres(where: tuple[float, float]) -> None:
    line = bent_block(*where)

    place = Place.objects.get(pk=BlockFactory(geometry=line).pk)

    srid = utm_srid(*where)
    middle = in_metres(np.array([place.midpoint.x]), np.array([place.midpoint.y]), srid)[0]
    corner = line.transform(srid, clone=True)[0]
    assert middle - corner == pytest.approx(HALF_WAY, abs=1e-4)


def test_midpoint_follows_a_changed_geometry() -> None:
    place = BlockFactory()

    place.geometry = bent_block(-95.2, 37.2)
    place.save()

    assert Place.objects.get(pk=place.pk).midpoint.x == pytest.approx(-95.2, abs=0.01)


def test_midpoint_of_an_address_is_the_address() -> None:
    place = AddressFactory()

    assert Place.objects.get(pk=place.pk).midpoint.equals(place.geometry)


def test_midpoint_of_a_complex_is_its_centroid() -> None:
    place = ComplexFactory()

    assert Place.objects.get(pk=place.pk).midpoint.equals_exact(place.geometry.centroid, 1e-7)


def test_points_in_metres_equal_those_of_gdal() -> None:
    place = AddressFactory(geometry=Point(-90.2, 38.6, srid=4326))

    metres = in_metres(np.array([-90.2]), np.array([38.6]), 32615)

    expected = place.geometry.transform(32615, clone=True)
    assert metres[0] == pytest.approx((expected.x, expected.y), abs=1e-6)
