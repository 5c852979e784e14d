import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString

from hotspots.ingest.block_names import by_hundred, name_by_addresses, shorten, tell_apart
from hotspots.ingest.street_names import normalize_street
from hotspots.ingest.streets import is_street, make_blocks


def blocks(streets, **options):
    """Blocks of (name, coordinates, …) in metres, by name."""
    lines = np.array([LineString(points) for _, points in streets])
    return make_blocks(lines, [name for name, _ in streets], **options)


def names(streets, **options):
    return sorted(blocks(streets, **options).name)


def total(table):
    return shapely.length(table.geometry.to_numpy()).sum()


MAIN = ("Main St", [(0, 0), (200, 0)])
OAK = ("Oak Ave", [(100, -100), (100, 100)])


def test_blocks_of_two_streets_that_cross_without_a_common_vertex():
    assert names([MAIN, OAK]) == [
        "Main St, dead end to Oak (east)",
        "Main St, dead end to Oak (west)",
        "Oak Ave, dead end to Main (north)",
        "Oak Ave, dead end to Main (south)",
    ]


def test_blocks_of_two_streets_that_cross_at_a_common_vertex():
    with_vertex = [("Main St", [(0, 0), (100, 0), (200, 0)]), ("Oak Ave", [(100, -100), (100, 0), (100, 100)])]
    assert names(with_vertex) == names([MAIN, OAK])


def test_blocks_run_from_intersection_to_intersection():
    elm = ("Elm St", [(30, -100), (30, 100)])
    middle = blocks([MAIN, OAK, elm]).set_index("name").loc["Main St, Elm to Oak"]
    assert shapely.length(middle.geometry) == pytest.approx(70)
    assert (middle.cross_a, middle.cross_b) == ("Elm St", "Oak Ave")


def test_blocks_at_a_t_cut_only_the_street_that_goes_on():
    table = blocks([MAIN, ("Oak Ave", [(100, 0), (100, 100)])])
    assert sorted(shapely.length(table.geometry.to_numpy()).round()) == [100, 100, 100]
    assert set(table.street) == {"Main St", "Oak Ave"}


@pytest.mark.parametrize("gap", [-0.8, 0.8])
def test_blocks_where_a_loose_end_nearly_touches(gap):
    table = blocks([MAIN, ("Oak Ave", [(100, gap), (100, 100)])])
    assert len(table) == 3
    assert sum(name.startswith("Main St") for name in table.name) == 2


def test_blocks_where_a_loose_end_is_farther_than_the_snapping_distance():
    assert len(blocks([MAIN, ("Oak Ave", [(100, 1.5), (100, 100)])])) == 2


def test_blocks_where_ends_of_two_lines_nearly_touch():
    apart = [("Main St", [(0, 0), (100, 0)]), ("Main St", [(100.6, 0.3), (200, 0)])]
    assert names(apart) == ["Main St, between dead ends"]


def test_blocks_run_on_through_a_point_where_only_the_same_street_continues():
    pieces = [("Main St", [(0, 0), (60, 0)]), ("Main St", [(60, 0), (200, 0)])]
    table = blocks(pieces)
    assert len(table) == 1
    assert total(table) == pytest.approx(200)


def test_blocks_end_where_the_street_changes_its_name():
    table = blocks([("Main St", [(0, 0), (100, 0)]), ("High St", [(100, 0), (200, 0)])])
    assert sorted(table.name) == ["High St, dead end to Main", "Main St, dead end to High"]


def test_blocks_of_a_doubled_line_stand_once():
    table = blocks([MAIN, MAIN, ("Main St", [(200, 0), (0, 0)]), OAK])
    assert total(table) == pytest.approx(400)
    assert len(table) == 4


def test_blocks_of_lines_that_partly_overlap_stand_once():
    table = blocks([("Main St", [(0, 0), (120, 0)]), ("Main St", [(80, 0), (200, 0)])])
    assert total(table) == pytest.approx(200)
    assert len(table) == 1


def test_blocks_of_a_highway_on_a_street_keep_the_street_name():
    table = blocks([MAIN, ("State Hwy 100", [(0, 0), (200, 0), (400, 0)])], is_route=[False, True])
    assert set(table.street) == {"Main St", "State Hwy 100"}
    assert table.set_index("street").geometry["Main St"].length == pytest.approx(200)


def test_blocks_of_a_cul_de_sac_loop():
    ring = [(100 + 30 * np.cos(a), 130 + 30 * np.sin(a)) for a in np.linspace(-np.pi / 2, 3 * np.pi / 2, 13)]
    table = blocks([MAIN, ("Maple Ct", [(100, 0), (100, 100)]), ("Maple Ct", ring)])
    court = table[table.street == "Maple Ct"]
    assert sorted(court.name) == ["Maple Ct, fork to Main", "Maple Ct, loop off fork"]
    assert court.loop.tolist().count(True) == 1


def test_blocks_of_a_ring_that_meets_nothing():
    table = blocks([("Oval Dr", [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])])
    assert table.name.tolist() == ["Oval Dr, ring"]
    assert total(table) == pytest.approx(400)


def test_blocks_at_a_roundabout():
    circle = [(100 + 20 * np.cos(a), 20 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 17)]
    arms = [("Main St", [(0, 0), (80, 0)]), ("Main St", [(120, 0), (200, 0)]), ("Oak Ave", [(100, 20), (100, 120)])]
    table = blocks([*arms, ("Circle", circle)])
    assert (table.street == "Circle").sum() == 3
    assert len(table) == 6


def test_blocks_take_both_carriageways_of_a_divided_road_for_one_intersection():
    divided = [("Main St", [(0, 0), (200, 0)]), ("Main St", [(0, 8), (200, 8)]), ("Oak Ave", [(100, -100), (100, 100)])]
    table = blocks(divided)
    assert shapely.length(table.geometry.to_numpy()).min() > 90  # the gap between them is no block
    assert len(table) == 6
    assert {"Main St, dead end to Oak (1 of 4)", "Oak Ave, dead end to Main (north)"} <= set(table.name)


def test_blocks_without_an_overshoot():
    table = blocks([MAIN, ("Oak Ave", [(100, -4), (100, 100)])])
    assert len(table) == 3
    assert total(table) == pytest.approx(300)


def test_blocks_keep_a_street_shorter_than_a_sliver():
    assert len(blocks([("Tiny Ln", [(0, 0), (6, 0)])])) == 1


def test_blocks_are_not_cut_by_ways_without_a_name():
    table = blocks([MAIN, ("", [(100, 0), (100, 80)])])
    assert sorted(table.name) == ["Main St, between dead ends", "Unnamed street off Main St"]


def test_blocks_without_a_name_that_meet_no_street_are_called_after_the_nearest():
    table = blocks([MAIN, ("", [(50, 40), (150, 40)])])
    assert "Unnamed street near Main St" in set(table.name)


def test_blocks_of_nothing():
    assert make_blocks(np.array([], dtype=object), []).empty


def test_blocks_do_not_depend_on_the_order_and_direction_of_lines():
    grid = [(f"{i} St", [(i * 100, -50), (i * 100, 350)]) for i in range(4)]
    grid += [(f"Avenue {j}", [(-50, j * 100), (350, j * 100)]) for j in range(4)]
    forward = blocks(grid)
    backward = blocks([(name, points[::-1]) for name, points in grid[::-1]])
    key = ["name", "street", "cross_a", "cross_b"]
    left, right = (t.sort_values("name").reset_index(drop=True) for t in (forward, backward))
    pd.testing.assert_frame_equal(left[key], right[key])
    assert shapely.equals_exact(left.geometry.to_numpy(), right.geometry.to_numpy(), 1e-9).all()
    assert len(forward) == 2 * 4 * 5
    assert total(forward) == pytest.approx(8 * 400)


def test_blocks_far_away_are_not_changed_by_a_new_street():
    before = blocks([MAIN, OAK])
    after = blocks([("First St", [(-5000, 0), (-4900, 0)]), MAIN, OAK])
    kept = set(zip(before.name, before.geometry.map(shapely.to_wkt), strict=True))
    assert kept <= set(zip(after.name, after.geometry.map(shapely.to_wkt), strict=True))


def test_block_numbers_of_a_line_cut_in_two_are_read_off_in_proportion():
    ranges = np.array([[401, 599, 400, 598], [np.nan] * 4])
    table = blocks([MAIN, OAK], ranges=ranges)
    main = table[table.street == "Main St"].sort_values("low")
    assert main.low.tolist() == [400, 499]
    assert main.high.tolist() == [500, 599]
    assert table[table.street == "Oak Ave"].low.isna().all()


def test_blocks_with_house_numbers_are_named_by_the_hundred():
    streets = [("Main St", [(0, 0), (100, 0)]), ("Main St", [(100, 0), (200, 0)]), OAK]
    ranges = np.array([[401, 499, 400, 498], [501, 599, 500, 598], [np.nan] * 4])
    table = blocks(streets, ranges=ranges)
    assert {"400 block of Main St", "500 block of Main St"} <= set(table.name)


def test_blocks_of_one_hundred_that_is_cut_in_two_keep_their_cross_streets():
    streets = [("Main St", [(0, 0), (100, 0)]), ("Main St", [(100, 0), (200, 0)]), OAK]
    ranges = np.array([[401, 449, 400, 448], [451, 499, 450, 498], [np.nan] * 4])
    assert "400 block of Main St, dead end to Oak (west)" in set(blocks(streets, ranges=ranges).name)


def test_name_of_blocks_over_several_hundreds():
    named = by_hundred(pd.Series(["Main St"] * 3), pd.Series([401.0, 5, np.nan]), pd.Series([699.0, 98, np.nan]))
    assert named.tolist() == ["400 to 600 blocks of Main St", "0 block of Main St", ""]


def test_shorten_keeps_the_suffix_where_another_street_has_the_same_name():
    short = shorten(pd.Series(["Park Ave", "Park Pl", "Grand Blvd", "N Grand Blvd", "North St", "Broadway", ""]))
    assert short == {
        "Park Ave": "Park Ave",
        "Park Pl": "Park Pl",
        "Grand Blvd": "Grand",
        "N Grand Blvd": "N Grand",
        "North St": "North St",
        "Broadway": "Broadway",
    }


def test_tell_apart_counts_from_the_north_or_west():
    rows = pd.Series([LineString([(0, y), (10, y)]) for y in (0, 50, 100)])
    assert tell_apart(pd.Series(["A"] * 3), rows).tolist() == ["A (3 of 3)", "A (2 of 3)", "A (1 of 3)"]
    assert tell_apart(pd.Series(["A", "B", "A"]), rows).tolist() == ["A (south)", "B", "A (north)"]


def test_name_by_addresses_leaves_names_that_are_no_street():
    table = pd.DataFrame(
        {
            "source": "test",
            "source_name": ["Main St, Elm to Oak", "Main St, Oak to Park", "Main St, Park to Vine", "Segment 12"],
            "street": ["MAIN ST", "MAIN ST", "MAIN ST", "MAIN ST"],
            "low": [101.0, 150, np.nan, 300],
            "high": [149.0, 198, np.nan, 398],
        }
    )
    assert name_by_addresses(table, normalize_street).tolist() == [
        "100 block of Main St, Elm to Oak",
        "100 block of Main St, Oak to Park",
        "Main St, Park to Vine",
        "Segment 12",
    ]


@pytest.mark.parametrize(
    ("feature_class", "name", "kept"),
    [
        ("S1400", "Maple Ave", True),
        ("S1200", "State Hwy 100", True),
        ("S1100", "I- 70", False),
        ("S1630", "", False),
        ("S1730", "Mississippi Aly", False),
        ("S1780", "", False),
        ("", "I-70", False),
        ("", "Exit Ramp", False),
        ("", "Katy Trail", False),
        ("", "Maple Ave", True),
        ("", "", True),
    ],
)
def test_street_by_class_or_name(feature_class, name, kept):
    assert is_street(pd.Series([feature_class]), pd.Series([name])).tolist() == [kept]


def test_street_by_name_where_the_file_has_no_classes():
    assert is_street(None, pd.Series(["Interstate 70", "Ash St"])).tolist() == [False, True]
