"""Where a tap on the drawn map of streets is: the whole city, parts of it, a point. Pure functions on numbers.

A tap is a form's: `<input type="image">` sends the pixel that was touched, so no script is needed. A tap zooms in until
a block is as wide as a thumb, and the next marks the point. Parts lie on a grid of half their width, so that there
is a bounded number of pictures, and a tap lies near the middle of the part that it opens.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

SHOWN = 300  # CSS pixels of the map's side on the page, in which a tap is counted; fits a screen of 320
CLOSE_M = 700.0  # side of what is shown last
MOST_ZOOM = 5.0  # of one tap: more, and people lose their way
LEAST_M = 300.0  # of a whole town, however small
MARGIN = 1.05
DEGREE_M = 111_195.0  # of latitude, on the sphere
REACH_M = 500.0  # from a point to the street that it is called after
DIGITS = 5  # of a coordinate: a meter

DIRECTIONS = {"north": (0, -1), "south": (0, 1), "east": (1, 0), "west": (-1, 0)}
OUT, WHOLE, TAKE_AWAY = "out", "whole", "take-away"

Bounds = tuple[float, float, float, float]  # west, south, east, north, in degrees


class Point(NamedTuple):
    longitude: float
    latitude: float


class Street(NamedTuple):
    """A street, or what of it lies near: lines in degrees, all of one name ("" where it has none)."""

    name: str
    line: BaseGeometry


class Near(NamedTuple):
    """The street that a point lies on, and the nearest that crosses it ("" where none does)."""

    street: str
    crossing: str

    def __str__(self) -> str:
        return f"{self.street} near {self.crossing}" if self.crossing else self.street


@dataclass(frozen=True)
class Frame:
    """The square around a city, measured in degrees of latitude: near enough to meters by one factor, everywhere in it."""

    longitude: float
    latitude: float  # of its middle
    side: float

    @classmethod
    def around(cls, extent: Bounds) -> "Frame":
        west, south, east, north = extent
        middle = (south + north) / 2
        side = MARGIN * max((east - west) * math.cos(math.radians(middle)), north - south)
        return cls((west + east) / 2, middle, max(side, LEAST_M / DEGREE_M))

    @property
    def squeeze(self) -> float:
        """How much shorter a degree of longitude is here than one of latitude."""
        return math.cos(math.radians(self.latitude))

    @property
    def last(self) -> int:
        """The zoom at which a tap marks a point: 0 for a village, 3 for a city 60 kilometers wide."""
        ratio = self.side * DEGREE_M / CLOSE_M
        return 0 if ratio <= 1 else math.ceil(math.log(ratio, MOST_ZOOM))

    def side_at(self, z: int) -> float:
        return self.side * (CLOSE_M / (self.side * DEGREE_M)) ** (z / self.last) if z else self.side

    def steps_at(self, z: int) -> int:
        """The greatest column and row at a zoom."""
        return math.ceil(2 * (self.side / self.side_at(z) - 1) - 1e-9)

    def whole(self) -> "View":
        return View(self, 0, 0, 0)

    def centered(self, z: int, point: Point) -> "View":
        """The part at zoom `z` whose middle is nearest to a point."""
        side, steps = self.side_at(z), self.steps_at(z)
        if not steps:
            return View(self, z, 0, 0)
        room = self.side - side
        east = (point.longitude - self.longitude) * self.squeeze + room / 2
        south = self.latitude - point.latitude + room / 2
        col, row = (min(max(round(each / room * steps), 0), steps) for each in (east, south))
        return View(self, z, col, row)

    def holds(self, point: Point) -> bool:
        west, south, east, north = self.whole().bounds
        return west <= point.longitude <= east and south <= point.latitude <= north


@dataclass(frozen=True)
class View:
    """A part of the city: zoom, column from the west and row from the north."""

    frame: Frame
    z: int
    col: int
    row: int

    @property
    def side(self) -> float:
        return self.frame.side_at(self.z)

    @property
    def meters(self) -> float:
        return self.side * DEGREE_M

    @property
    def is_last(self) -> bool:
        return self.z == self.frame.last

    @property
    def bounds(self) -> Bounds:
        frame, side, steps = self.frame, self.side, self.frame.steps_at(self.z)
        step = (frame.side - side) / steps if steps else 0.0
        west = frame.longitude + (self.col * step - frame.side / 2) / frame.squeeze
        north = frame.latitude + frame.side / 2 - self.row * step
        return west, north - side, west + side / frame.squeeze, north

    def widened(self, share: float) -> Bounds:
        west, south, east, north = self.bounds
        across, up = share * (east - west), share * (north - south)
        return west - across, south - up, east + across, north + up


class State(NamedTuple):
    """What a person sees of the map: a part of the city, and the point if one is marked."""

    view: View
    point: Point | None


def tap(view: View, x: int, y: int) -> Point:
    """The middle of a pixel of the picture as shown."""
    west, south, east, north = view.bounds
    longitude = west + (x + 0.5) / SHOWN * (east - west)
    latitude = north - (y + 0.5) / SHOWN * (north - south)
    return Point(round(longitude, DIGITS), round(latitude, DIGITS))


def child(view: View, x: int, y: int) -> View:
    """What a tap opens; at the last zoom, the same."""
    return view if view.is_last else view.frame.centered(view.z + 1, tap(view, x, y))


def neighbors(view: View) -> dict[str, View]:
    """Half a picture on, in each direction in which there is more."""
    steps = range(view.frame.steps_at(view.z) + 1)
    moved = {
        name: View(view.frame, view.z, view.col + across, view.row + down)
        for name, (across, down) in DIRECTIONS.items()
    }
    return {name: each for name, each in moved.items() if each.col in steps and each.row in steps}


def back_out(view: View) -> View:
    west, south, east, north = view.bounds
    return view.frame.centered(max(view.z - 1, 0), Point((west + east) / 2, (south + north) / 2))


def pixel(view: View, point: Point, size: int = SHOWN) -> tuple[int, int] | None:
    """Where a point is in the picture, if it is in it."""
    west, south, east, north = view.bounds
    x = math.floor((point.longitude - west) / (east - west) * size)
    y = math.floor((north - point.latitude) / (north - south) * size)
    return (x, y) if 0 <= x < size and 0 <= y < size else None


def read_view(frame: Frame, z: str, col: str, row: str) -> View:
    """The part that a form or an address names; the whole city for anything that makes no sense."""
    numbers = [int(each) for each in (z, col, row) if re.fullmatch(r"[0-9]{1,5}", each, re.ASCII)]
    if len(numbers) < 3 or numbers[0] > frame.last or max(numbers[1:]) > frame.steps_at(numbers[0]):
        return frame.whole()
    return View(frame, *numbers)


def read_point(frame: Frame, longitude: str, latitude: str) -> Point | None:
    """The point that a form carries; None for anything that makes no sense or lies outside the city."""
    if not all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,7})?", each, re.ASCII) for each in (longitude, latitude)):
        return None
    point = Point(round(float(longitude), DIGITS), round(float(latitude), DIGITS))
    return point if frame.holds(point) else None


def read_tap(x: str, y: str) -> tuple[int, int] | None:
    """The pixel that was touched. 0,0 is what browsers send when the map is chosen by keyboard: that is no place."""
    if not all(re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,20})?", each, re.ASCII) for each in (x, y)):
        return None
    across, down = int(float(x)), int(float(y))
    inside = across < SHOWN and down < SHOWN and (across, down) != (0, 0)
    return (across, down) if inside else None


def read_state(frame: Frame, data: Mapping[str, str], prefix: str = "map") -> State:
    """Where a form was sent from, without what it asks for."""
    z, col, row, longitude, latitude = (data.get(f"{prefix}-{name}", "") for name in ("z", "col", "row", "lon", "lat"))
    return State(read_view(frame, z, col, row), read_point(frame, longitude, latitude))


def asked(frame: Frame, data: Mapping[str, str], prefix: str = "map") -> State:
    """What a form asks to see: a tap (`map.x`, `map.y`) zooms in or marks; a button `map-go` moves or takes the mark away."""
    state = read_state(frame, data, prefix)
    view, go = state.view, data.get(f"{prefix}-go", "")
    if touched := read_tap(data.get(f"{prefix}.x", ""), data.get(f"{prefix}.y", "")):
        return State(view, tap(view, *touched)) if view.is_last else State(child(view, *touched), state.point)
    if go == TAKE_AWAY:
        return State(view, None)
    if go in (OUT, WHOLE):
        return State(back_out(view) if go == OUT else frame.whole(), state.point)
    return State(neighbors(view).get(go, view), state.point)


def is_asked(data: Mapping[str, str], prefix: str = "map") -> bool:
    """Whether the map was touched, and not the form sent. (Nothing is sent by a button that was not pressed.)"""
    return f"{prefix}.x" in data or f"{prefix}-go" in data


def carried(state: State, prefix: str = "map") -> dict[str, str]:
    """The hidden fields that a form has from one tap to the next."""
    view, point = state
    fields = {"z": str(view.z), "col": str(view.col), "row": str(view.row)}
    if point:
        fields |= {"lon": f"{point.longitude:.{DIGITS}f}", "lat": f"{point.latitude:.{DIGITS}f}"}
    return {f"{prefix}-{name}": value for name, value in fields.items()}


def name_of(point: Point, streets: Iterable[Street]) -> Near | None:
    """Words for a point, for who cannot see the mark: the nearest street and the nearest that crosses it there."""
    squeeze = math.cos(math.radians(point.latitude))
    here = shapely.Point(point.longitude * squeeze, point.latitude)
    lines = [
        (street.name, shapely.transform(street.line, lambda xy: xy * (squeeze, 1.0)))
        for street in sorted(streets, key=lambda street: street.name)
        if street.name and not street.line.is_empty
    ]
    reach = REACH_M / DEGREE_M
    near = [(line.distance(here), name, line) for name, line in lines]
    distance, nearest, along = min(near, key=lambda each: each[0], default=(math.inf, "", None))
    if distance > reach or along is None:
        return None
    # A crossing is where two lines share a point; a meter's room, because coordinates are rounded.
    strip = shapely.buffer(along, 1.0 / DEGREE_M, quad_segs=2)
    met = [
        (shapely.distance(shapely.intersection(line, strip), here), name) for _, name, line in near if name != nearest
    ]
    return Near(nearest, min((each for each in met if each[0] <= 2 * reach), default=(0.0, ""))[1])
