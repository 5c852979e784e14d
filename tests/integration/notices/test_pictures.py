"""Maps for the public: of the right size, the same each time, and of nothing but streets and the rough area (P1)."""

import io

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from PIL import Image

from hotspots.queries.hotspots import outline
from notices import maps
from notices.pictures import area_picture, release_map
from notices.privacy import rough_area
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, ComplexFactory, HotSpotFactory
from tests.factories.notices import PublicProjectFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
PLACES = 8


def town() -> list:
    """A street, and as many addresses on it as an area needs."""
    BlockFactory(name="100 block of Main St, between First and Second")
    return [AddressFactory(geometry=Point(WEST + n * 1e-5, SOUTH + 1e-5, srid=4326)) for n in range(PLACES)]


def square(share: float = 1.0) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((WEST, SOUTH, WEST + share * STEP, SOUTH + share * STEP)), srid=4326)


def colors(picture: bytes) -> set:
    return {color for _count, color in Image.open(io.BytesIO(picture)).convert("RGB").getcolors(1 << 24)}


def test_area_is_drawn_at_the_size_that_pages_say_and_is_the_same_each_time():
    town()
    first, again = area_picture(square()), area_picture(square())
    picture = Image.open(io.BytesIO(first))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert first == again
    assert {(0, 0, 0), (255, 255, 255), (220, 220, 220)} <= colors(first)  # lines, ground, area
    assert area_picture(square(0.5)) != first


def test_complex_within_the_area_is_not_drawn():
    town()
    without = area_picture(square())
    ComplexFactory()
    assert area_picture(square()) == without


def test_release_shows_the_rough_area_of_the_boundary_that_holds(monkeypatch):
    here = town()
    spot = HotSpotFactory(places=here)
    asked = []
    monkeypatch.setattr(maps, "area_map", lambda **values: asked.append(values) or b"png")
    assert release_map(spot) == b"png"
    boundary = spot.boundaries.get().geometry
    rough = rough_area(boundary).area
    assert asked[0]["outline"].wkb == bytes(rough.wkb)
    assert not rough.equals(boundary)
    assert asked[0]["complexes"] == ()


def test_release_of_a_lonely_place_has_no_map():
    lonely = AddressFactory(at=(3, 3))
    spot = HotSpotFactory(places=[lonely])
    spot.boundaries.update(geometry=outline([lonely.pk]))
    assert release_map(spot) is None


@pytest.mark.parametrize("language", ["en", "es"])
def test_public_map_is_a_picture_or_is_not_there(client, language):
    town()
    PublicProjectFactory(status="public", slug="seen", area=square(), area_addresses=PLACES)
    PublicProjectFactory(status="public", slug="hidden", area=None, area_addresses=0)
    answer = client.get(f"/{language}/projects/seen/map.png")
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert client.get(f"/{language}/projects/hidden/map.png").status_code == 404


def test_staff_see_the_picture_that_the_public_sees(client_as):
    town()
    made = PublicProjectFactory(area=square(), area_addresses=PLACES)
    client = client_as("clerk")
    assert client.get(f"/public-projects/{made.pk}/map.png").content == area_picture(square())
    assert client.get(f"/media/{ReleaseFactory().pk}/map.png").status_code == 404
