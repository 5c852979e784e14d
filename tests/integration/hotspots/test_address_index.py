import pytest

from hotspots.ingest.addresses import AddressIndex
from hotspots.models import Place
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory

pytestmark = pytest.mark.django_db


def test_from_database_reads_current_addresses_and_blocks():
    block = BlockFactory(at=(0, 0), street="MAIN ST", number_low=100, number_high=198)
    BlockFactory(at=(1, 0), street="MAIN ST", number_low=200, number_high=298)
    crossing = BlockFactory(street="5TH ST")
    x = WEST + STEP
    Place.objects.filter(pk=crossing.pk).update(geometry=f"SRID=4326;LINESTRING({x} {SOUTH}, {x} {SOUTH + STEP})")
    house = AddressFactory(at=(0.2, 0.1), street="MAIN ST", number_low=120, number_high=120, block=block)
    AddressFactory(at=(0.2, 0.1), street="MAIN ST", number_low=122, number_high=122, retired_on="2020-01-01")
    AddressFactory(at=(5, 5), street="", number_low=1, number_high=1)
    matches = AddressIndex.from_database().match(["120 Main St", "249 MAIN", "Main & Fifth", "1 NOWHERE"])
    assert (matches[0].address_id, matches[0].block_id) == (house.pk, block.pk)
    assert matches[0].point == pytest.approx(house.geometry.coords, abs=1e-8)
    assert matches[1].point == pytest.approx((WEST + 1.5 * STEP, SOUTH), abs=STEP / 50)
    assert matches[2].point == pytest.approx((x, SOUTH), abs=1e-8)
    assert matches[3].problem == "no_match"


def test_from_database_takes_few_queries(django_assert_max_num_queries):
    for number in (100, 200, 300):
        block = BlockFactory(street="MAIN ST", number_low=number, number_high=number + 98)
        AddressFactory(at=(0, 0), street="MAIN ST", number_low=number, number_high=number, block=block)
    with django_assert_max_num_queries(8):
        AddressIndex.from_database()
