"""Where a project is, made rough for the public (P1).

The city is cut into squares that do not depend on any hot spot: a square of 1,200 m is cut in four, and again down to
150 m, as long as each quarter holds enough addresses or none at all. A hot spot is shown as the squares it lies in. So
a square is the same for each of its addresses, of which there are enough, and whoever knows these rules learns nothing
more. A square that grew around the place until it held enough would tell that the place lies in the middle.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db.models import Q
from pyproj import Transformer

from hotspots.models import HotSpot, Place
from hotspots.models.places import SRID
from hotspots.projection import city_srid
from notices.queries.cells import addresses_in

CELL_M = 150
LARGEST = 8  # cells along the side of the largest square, 1,200 m
COVERED = 1 / 3  # a cell that the outline covers so far is part of the project; what is smaller counts by its middle

HOUSE = re.compile(r"\b(\d{1,6})((?:\s+[^\s\d]+){1,3})")
BLOCK = {"BLOCK", "BLOCKS", "CUADRA", "CUADRAS"}

Cell = tuple[int, int]
Counts = Mapping[Cell, int]


@dataclass(frozen=True)
class Square:
    """Numbers of its south-western cell and of the cells along a side."""

    column: int
    row: int
    size: int

    def cells(self) -> Iterator[Cell]:
        for column in range(self.column, self.column + self.size):
            for row in range(self.row, self.row + self.size):
                yield column, row

    def addresses(self, counts: Counts) -> int:
        return sum(counts.get(cell, 0) for cell in self.cells())

    def quarters(self) -> Iterator["Square"]:
        half = self.size // 2
        for column in (self.column, self.column + half):
            for row in (self.row, self.row + half):
                yield Square(column, row, half)

    def outline(self) -> shapely.Polygon:
        west, south = self.column * CELL_M, self.row * CELL_M
        return shapely.box(west, south, west + self.size * CELL_M, south + self.size * CELL_M)


@dataclass(frozen=True)
class Rough:
    """`area` is None where too few people live for any map that hides who is meant."""

    area: MultiPolygon | None
    addresses: int


def rough_area(outline: GEOSGeometry) -> Rough:
    """What the public may see of an outline in degrees, by the addresses of today."""
    srid = city_srid()
    found = _in(srid, shapely.from_wkb(bytes(outline.wkb)), forth=True)
    cells = cells_of(found)
    counts = address_counts(cells, srid)
    squares = squares_of(cells, counts, settings.PUBLIC_LEAST_ADDRESSES)
    if not squares:
        return Rough(None, 0)
    area = _in(srid, shapely.union_all([square.outline() for square in squares]), forth=False)
    parts = [GEOSGeometry(memoryview(part.wkb), srid=SRID) for part in shapely.get_parts(area)]
    within = {cell for square in squares for cell in square.cells()}
    return Rough(MultiPolygon(*parts, srid=SRID), sum(counts.get(cell, 0) for cell in within))


def cells_of(outline: shapely.Geometry) -> set[Cell]:
    """The cells that an outline in metres stands for: of the middle of each part, and those that it covers well."""
    found = {_cell(part.centroid) for part in shapely.get_parts(outline)}
    west, south, east, north = (int(edge // CELL_M) for edge in outline.bounds)
    for column in range(west, east + 1):
        for row in range(south, north + 1):
            if Square(column, row, 1).outline().intersection(outline).area >= COVERED * CELL_M**2:
                found.add((column, row))
    return found


def squares_of(cells: set[Cell], counts: Counts, least: int) -> set[Square]:
    """The squares of the cells; none at all where one of them would hold fewer than `least` addresses."""
    found = {_square(cell, counts, least) for cell in cells}
    return set() if None in found else {square for square in found if square}


def address_counts(cells: set[Cell], srid: int) -> dict[Cell, int]:
    """Of all cells in the largest squares that the cells lie in."""
    largest = [_largest(cell) for cell in cells]
    box = {
        "west": min(square.column for square in largest) * CELL_M,
        "south": min(square.row for square in largest) * CELL_M,
        "east": (max(square.column for square in largest) + LARGEST) * CELL_M,
        "north": (max(square.row for square in largest) + LARGEST) * CELL_M,
    }
    return addresses_in(box, cell_m=CELL_M, srid=srid)


def _square(cell: Cell, counts: Counts, least: int) -> Square | None:
    square = _largest(cell)
    if square.addresses(counts) < least:
        return None
    while square.size > 1:
        quarters = {quarter: quarter.addresses(counts) for quarter in square.quarters()}
        own = next(quarter for quarter in quarters if cell in set(quarter.cells()))
        if quarters[own] < least or any(0 < number < least for number in quarters.values()):
            break
        square = own
    return square


def _largest(cell: Cell) -> Square:
    return Square(cell[0] // LARGEST * LARGEST, cell[1] // LARGEST * LARGEST, LARGEST)


def _cell(point: shapely.Point) -> Cell:
    return int(point.x // CELL_M), int(point.y // CELL_M)


def _in(srid: int, geometry: shapely.Geometry, *, forth: bool) -> shapely.Geometry:
    """From degrees to metres, or back."""
    ends = (SRID, srid) if forth else (srid, SRID)
    return shapely.transform(geometry, Transformer.from_crs(*ends, always_xy=True).transform, interleaved=False)


def names_an_address(text: str, hot_spot: HotSpot) -> str:
    """The first words of a text that name one house of the hot spot; empty where none does. A block may be named."""
    streets: dict[str, set[str]] = {}
    here = Q(hot_spot_boundaries__hot_spot=hot_spot)
    for above in ("block", "complex"):
        here |= Q(**{f"{above}__hot_spot_boundaries__hot_spot": hot_spot})
    addresses = Place.objects.filter(here, kind=Place.Kind.ADDRESS).exclude(street="")
    for number, street in addresses.values_list("number_low", "street").distinct():
        streets.setdefault(str(number), set()).update(word for word in street.upper().split() if len(word) > 2)
    for found in HOUSE.finditer(text):
        words = {word.strip(".,;:").upper() for word in found[2].split()}
        if words & streets.get(found[1], set()) and not words & BLOCK:
            return found[0].strip()
    return ""
