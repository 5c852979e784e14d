from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from hotspots.ingest.streets import SLIVER_M, make_blocks

ROADS = Path(__file__).parents[3] / "fixtures/tiger/midtown.geojson"


@pytest.fixture(scope="module")
def roads():
    return gpd.read_file(ROADS).to_crs(32615)


@pytest.fixture(scope="module")
def blocks(roads):
    return make_blocks(roads.geometry.to_numpy(), roads.FULLNAME.tolist(), roads.RTTYP.isin(["S", "U", "I", "C"]))


def test_blocks_cover_every_street_once(roads, blocks):
    lines = shapely.union_all(roads.geometry.to_numpy())
    made = shapely.union_all(blocks.geometry.to_numpy())
    assert shapely.length(blocks.geometry.to_numpy()).sum() == pytest.approx(made.length, rel=1e-3)
    lost = shapely.get_parts(lines.difference(made.buffer(0.05)))
    assert shapely.length(lost).max(initial=0) < SLIVER_M


def test_blocks_meet_only_at_their_ends(blocks):
    """But for a way without a name, which may end at the middle of a block that it does not cut."""
    named = blocks[blocks.street != ""].geometry.to_numpy()
    first, second = shapely.STRtree(named).query(named, predicate="intersects")
    pairs = first < second
    meeting = shapely.intersection(named[first[pairs]], named[second[pairs]])
    points = shapely.get_parts(meeting)
    assert set(shapely.get_type_id(points)) == {shapely.GeometryType.POINT}
    ends = shapely.union_all([shapely.get_point(named, 0), shapely.get_point(named, -1)])
    assert shapely.distance(ends, points).max() < 0.05


def test_blocks_of_a_street_with_a_highway_on_it_have_its_own_name(blocks):
    assert "State Hwy 180" not in set(blocks.street)
    assert "Dr Martin Luther King Dr" in set(blocks.street)


def test_blocks_are_as_long_as_blocks_are(blocks):
    length = shapely.length(blocks[blocks.street != ""].geometry.to_numpy())
    assert 80 < np.median(length) < 160
    assert blocks.name.is_unique
