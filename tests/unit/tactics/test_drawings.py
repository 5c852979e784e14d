"""Small maps: what is drawn where, and which names find room."""

import math

import pytest
import shapely
from shapely import LineString, Polygon, box

from tactics.drawings import HEIGHT, WIDTH, Shape, box_around, path, readable, scale_bar, small_map

FRAME = box(-130, -85, 130, 85)  # one unit of the drawing to a meter


def town(*more: Shape) -> list[Shape]:
    return [Shape("frame", "", FRAME), Shape("outline", "", box(-50, -20, 50, 20)), *more]


MAIN = Shape("block", "Main St", LineString([(-50, 0), (50, 0)]))
OAK = Shape("street", "Oak Ave", LineString([(-130, 60), (130, 60)]))
FIFTH = Shape("street", "N 5th St", LineString([(-90, -85), (-90, 85)]))


def test_map_puts_meters_into_the_drawing_with_north_up():
    drawn = small_map(town(MAIN, OAK))
    assert drawn.blocks == ["M80.0 85.0L180.0 85.0"]
    assert drawn.streets == ["M0.0 25.0L260.0 25.0"]
    assert drawn.outline.startswith("M")
    assert drawn.outline.endswith("Z")


def test_map_names_its_own_streets_else_those_around_it():
    assert small_map(town(MAIN, OAK, FIFTH)).names == ["Main St"]
    near = Shape("street", "Elm Ave", LineString([(-130, 30), (130, 30)]))
    assert small_map(town(near, OAK, FIFTH)).names == ["Elm Ave"]


def test_labels_of_own_streets_are_strong_and_none_covers_another():
    around = [
        Shape("street", f"Street number {n}", LineString([(-130, y), (130, y)]))
        for n, y in enumerate(range(-90, 91, 6))
    ]
    labels = small_map(town(MAIN, FIFTH, *around)).labels
    assert [label.text for label in labels if label.strong] == ["Main St"]
    grounds = [box_around(float(label.x), float(label.y), float(label.angle), float(label.width)) for label in labels]
    assert len(labels) < 2 + len(around)
    assert all(box(0, 0, WIDTH, HEIGHT).covers(ground) for ground in grounds)
    assert not any(one.intersects(other) for n, one in enumerate(grounds) for other in grounds[:n])


def test_label_of_a_passing_street_stands_outside_of_the_hot_spot():
    through = Shape("street", "S 9th St", LineString([(0, -85), (0, 85)]))
    label = next(label for label in small_map(town(through)).labels)
    ground = box_around(float(label.x), float(label.y), float(label.angle), float(label.width))
    assert not ground.intersects(box(80, 65, 180, 105))


@pytest.mark.parametrize(
    ("angle", "read"),
    [(0, 0), (180, 0), (-179, 1), (45, 45), (135, -45), (90, -90), (-90, -90), (88.6, -91.4), (80, 80)],
)
def test_names_are_never_upside_down(angle, read):
    assert readable(angle) == pytest.approx(read)


def test_box_turns_as_svg_turns():
    ground = box_around(100, 50, 90, 40)
    west, south, east, north = ground.bounds
    assert math.isclose((west + east) / 2, 100)
    assert math.isclose((south + north) / 2, 50)
    assert north - south > east - west


def test_path_of_a_ground_with_a_hole_has_both_rings():
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6)]])
    assert path(ring).count("M") == path(ring).count("Z") == 2
    assert path(shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])) == "M0.0 0.0L1.0 1.0M2.0 2.0L3.0 3.0"


@pytest.mark.parametrize(("scale", "words"), [(1, "200 ft"), (0.2, "1000 ft"), (0.01, "1 mi"), (20, "50 ft")])
def test_scale_is_a_round_number_of_feet(scale, words):
    bar = scale_bar(scale)
    assert bar.words == words
    feet = 5280 if words == "1 mi" else int(words.split()[0])
    assert float(bar.end) - 8 == pytest.approx(feet * 0.3048 * scale, abs=0.1)
