"""Shapes to small maps: what the map template draws, already in the coordinates of its drawing. Pure: no database.

Made to be read on paper without color: a hot spot is gray ground within a thick line, its own blocks are the blackest
lines, other streets are thin. Coordinates are text, so that no language of the page writes them with a comma.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT = 260, 170
PROPORTION = WIDTH / HEIGHT
LETTER, LINE = 5.4, 10.4  # average width and height of a letter of the labels
ROOM = 1.5  # between labels
UPRIGHT = 85  # degrees
FEET_PER_METER = 3.28084
SCALES_FEET = (50, 100, 200, 300, 500, 1000, 2000, 5280)
SCALE_FROM, LONGEST_SCALE = 8, 70  # in the drawing
PAPER = shapely.box(0, 0, WIDTH, HEIGHT)
CORNERS = (
    shapely.box(0, HEIGHT - 20, LONGEST_SCALE + 34, HEIGHT),
    shapely.box(WIDTH - 22, 0, WIDTH, 30),
)  # scale, north


@dataclass(frozen=True)
class Shape:
    """`layer`: frame, outline, block (of the hot spot), street or complex; in meters from the middle of the frame."""

    layer: str
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True)
class Label:
    x: str
    y: str
    angle: str
    half: str  # of its width
    width: str
    text: str
    strong: bool


@dataclass(frozen=True)
class Scale:
    end: str
    words_x: str
    ground: str
    words: str


@dataclass(frozen=True)
class SmallMap:
    outline: str
    streets: list[str]
    blocks: list[str]
    complexes: list[str]
    labels: list[Label]
    scale: Scale
    names: list[str]  # of the streets of the hot spot, or of those around it


def small_map(shapes: Sequence[Shape]) -> SmallMap:
    """The map of one hot spot; its shapes have one frame and one outline among them."""
    frame = next(shape.geometry for shape in shapes if shape.layer == "frame")
    west, _, east, north = frame.bounds
    scale = WIDTH / (east - west)

    def placed(geometry: BaseGeometry) -> BaseGeometry:
        return shapely.transform(geometry, lambda xy: np.column_stack([(xy[:, 0] - west), (north - xy[:, 1])]) * scale)

    drawn = [Shape(shape.layer, shape.name, placed(shape.geometry)) for shape in shapes]
    by_layer = {layer: [shape for shape in drawn if shape.layer == layer] for layer in ("block", "street", "complex")}
    outline = next(shape.geometry for shape in drawn if shape.layer == "outline")
    own = sorted({shape.name for shape in by_layer["block"]})
    around = sorted({shape.name for shape in by_layer["street"] if shape.geometry.distance(outline) < 30 * scale})
    return SmallMap(
        outline=path(outline),
        streets=[path(shape.geometry) for shape in by_layer["street"]],
        blocks=[path(shape.geometry) for shape in by_layer["block"]],
        complexes=[path(shape.geometry) for shape in by_layer["complex"]],
        labels=list(labels(by_layer["block"], by_layer["street"], outline)),
        scale=scale_bar(scale),
        names=own or around,
    )


def path(geometry: BaseGeometry) -> str:
    """The `d` of an SVG path: lines as they run, polygons with their holes."""
    parts = []
    for part in shapely.get_parts(geometry):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            end = "Z" if part.geom_type == "Polygon" else ""
            parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)) + end)
    return "".join(parts)


def scale_bar(units_per_meter: float) -> Scale:
    """The longest round number of feet that fits."""
    per_foot = units_per_meter / FEET_PER_METER
    fitting = [feet for feet in SCALES_FEET if feet * per_foot <= LONGEST_SCALE] or [SCALES_FEET[0]]
    words = f"{fitting[-1]} ft" if fitting[-1] < 5280 else "1 mi"
    end = SCALE_FROM + fitting[-1] * per_foot
    return Scale(f"{end:.1f}", f"{end + 4:.1f}", f"{end + 4 + LETTER * len(words):.1f}", words)


def labels(
    own: Sequence[Shape],
    others: Sequence[Shape],
    outline: BaseGeometry,
    paper: BaseGeometry = PAPER,
    corners: Sequence[BaseGeometry] = CORNERS,
) -> Iterator[Label]:
    """One name for each street, along it, where none covers another; the hot spot's streets first, then the longest.

    A street that passes the hot spot has its name outside of it where there is room.
    """
    taken: list[BaseGeometry] = list(corners)
    named: set[str] = set()
    ordered = [(shape, True) for shape in longest_first(own)] + [(shape, False) for shape in longest_first(others)]
    for shape, strong in ordered:
        if shape.name in named or not shape.name:
            continue
        width = LETTER * len(shape.name) * (1.08 if strong else 1)
        spots = [(*spot, box_around(*spot, width)) for spot in spots_along(shape.geometry)]
        free = [spot for spot in spots if paper.covers(spot[3]) and not any(spot[3].intersects(one) for one in taken)]
        if free:
            x, y, angle, ground = free[0] if strong else min(free, key=lambda spot: spot[3].intersects(outline))
            taken.append(ground)
            named.add(shape.name)
            yield label(x, y, angle, width, shape.name, strong)


def label(x: float, y: float, angle: float, width: float, text: str, strong: bool) -> Label:
    return Label(f"{x:.1f}", f"{y:.1f}", f"{angle:.1f}", f"{width / 2:.1f}", f"{width:.1f}", text, strong)


def longest_first(shapes: Iterable[Shape]) -> list[Shape]:
    return sorted(shapes, key=lambda shape: (-shape.geometry.length, shape.name))


def spots_along(geometry: BaseGeometry) -> Iterator[tuple[float, float, float]]:
    """Where a name may stand on a street, and at which angle: the middle of its longest piece first, then farther out."""
    line = max(shapely.get_parts(geometry), key=lambda part: part.length)
    for share in (0.5, 0.35, 0.65, 0.2, 0.8, 0.12, 0.88):
        middle = line.interpolate(share, normalized=True)
        (x0, y0), (x1, y1) = segment_at(line, share * line.length)
        yield middle.x, middle.y, readable(math.degrees(math.atan2(y1 - y0, x1 - x0)))


def readable(angle: float) -> float:
    """Never upside down; what goes up the map reads upward, however its line runs and whether it leans a little."""
    flat = angle - 180 * round(angle / 180)
    return flat - 180 if flat > UPRIGHT else flat


def segment_at(line: BaseGeometry, distance: float) -> tuple[tuple[float, float], tuple[float, float]]:
    points = [(float(x), float(y)) for x, y in shapely.get_coordinates(line)]
    for start, end in pairwise(points):
        distance -= math.dist(start, end)
        if distance <= 0:
            return start, end
    return points[-2], points[-1]


def box_around(x: float, y: float, angle: float, width: float) -> BaseGeometry:
    half, rise = width / 2 + ROOM, LINE / 2 + ROOM / 2
    flat = shapely.box(-half, -rise, half, rise)
    turn = math.radians(angle)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return shapely.transform(flat, lambda xy: xy @ spin + (x, y))
