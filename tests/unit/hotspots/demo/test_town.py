import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from hotspots.actions.demo import demo_town
from hotspots.demo.town import PARK, STREET_GAP, build

METRES = pyproj.Transformer.from_crs(4326, 32615, always_xy=True)


def in_metres(shapes):
    return shapely.transform(np.asarray(shapes), lambda xy: np.column_stack(METRES.transform(*xy.T)))


@pytest.fixture(scope="module")
def town():
    return demo_town()


def test_town_has_the_size_of_the_town_that_the_tests_expect(town):
    assert 2800 < len(town.addresses) < 3300
    assert 700 < len(town.blocks) < 900
    assert (len(town.complexes), len(town.beats)) == (8, 2)


def test_town_is_the_same_from_the_same_seed(town):
    again = demo_town()
    for table in ("blocks", "addresses", "complexes", "beats"):
        pd.testing.assert_frame_equal(getattr(town, table), getattr(again, table))


def test_town_of_another_seed_has_other_addresses_on_the_same_streets(town):
    other = build(town.boundary, np.random.default_rng(2))
    assert other.blocks.id.tolist() == town.blocks.id.tolist()
    assert set(other.addresses.id) != set(town.addresses.id)


@pytest.mark.parametrize("table", ["blocks", "addresses", "complexes"])
def test_town_lies_inside_its_boundary(town, table):
    shapes = getattr(town, table).geometry.to_numpy()
    assert shapely.covers(town.boundary, shapes).all()


@pytest.mark.parametrize("table", ["blocks", "addresses", "complexes", "beats"])
def test_town_names_everything_once(town, table):
    rows = getattr(town, table)
    assert rows.id.is_unique
    assert shapely.is_valid(rows.geometry.to_numpy()).all()


def test_addresses_lie_in_the_range_of_their_block_and_beside_it(town):
    block = town.blocks.iloc[town.addresses.block.to_numpy()].reset_index(drop=True)
    houses = (town.addresses.complex < 0).to_numpy()
    assert (town.addresses.street == block.street).all()
    assert ((town.addresses.number >= block.low) & (town.addresses.number <= block.high)).all()
    metres = shapely.distance(in_metres(town.addresses.geometry), in_metres(block.geometry))[houses]
    assert metres.max() < 25


def test_even_and_odd_numbers_stand_on_opposite_sides(town):
    houses = town.addresses[(town.addresses.unit == "") & (town.addresses.complex < 0)]
    line = town.blocks.geometry.to_numpy()[houses.block.to_numpy()]
    start, end = (shapely.get_coordinates(shapely.get_point(line, at)) for at in (0, -1))
    at = shapely.get_coordinates(houses.geometry.to_numpy())
    along, beside = end - start, at - start
    left = along[:, 0] * beside[:, 1] - along[:, 1] * beside[:, 0] > 0
    straight = ~houses.street.isin(["Prairie Dr"]).to_numpy()
    assert (left == (houses.number.to_numpy() % 2 == 0))[straight].all()


def test_units_lie_in_their_apartments(town):
    apartments = np.flatnonzero(town.complexes.use == "apartments")
    units = town.addresses[town.addresses.unit != ""]
    assert units.complex.value_counts().reindex(apartments).tolist() == [48] * len(apartments)
    inside = shapely.covers(town.complexes.geometry.to_numpy()[units.complex], units.geometry.to_numpy())
    assert inside.all()


def test_beats_fill_the_boundary_and_do_not_overlap(town):
    north, south = town.beats.geometry
    assert shapely.area(shapely.intersection(north, south)) == pytest.approx(0, abs=1e-9)
    assert shapely.area(town.boundary) == pytest.approx(north.area + south.area, rel=1e-5)


def test_most_streets_end_at_the_railroad_and_none_lies_in_the_park(town):
    lines = in_metres(town.blocks.geometry)
    ends = pd.DataFrame(
        np.round(shapely.get_coordinates(shapely.get_point(np.repeat(lines, 2), np.tile([0, -1], len(lines)))))
    )
    assert (ends.value_counts() == 1).sum() > 20
    assert PARK.area > (2 * STREET_GAP) ** 2
    assert "pine-ave-900" not in set(town.blocks.id)
    assert "pine-ave-1200" in set(town.blocks.id)
