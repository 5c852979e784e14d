"""Where a project is, made rough for the public (P1).

The city is cut into squares that do not depend on any hot spot: a square of 1,200 m is cut in four, and again down to
150 m, as long as each quarter holds enough addresses or none at all. A hot spot is shown as the squares it lies in. So
a square is the same for each of its addresses, of which there are enough, and whoever knows these rules learns nothing
more. A square that grew around the place until it held enough would tell that the place lies in the middle.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db.models import Q
from pyproj import Transformer

from hotspots.ingest.street_names import DIRECTIONALS, SUFFIXES, normalize_street
from hotspots.models import HotSpot, Place
from hotspots.models.places import SRID
from hotspots.projection import city_srid
from notices.queries.cells import addresses_in

CELL_M = 150
LARGEST = 8  # cells along the side of the largest square, 1,200 m
COVERED = 1 / 3  # a cell that the outline covers so far is part of the project; what is smaller counts by its middle

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
HOUSE = re.compile(r"(\d{1,6})[A-Z]?")  # 1712, and 1712B
NEAR = 5  # words from a number to the name of its street, as in "1712 de la calle Belmont"
STREETS = {"CALLE", "AVENIDA", "AV", "LA"}  # before a number they make it a street: "calle 16"
ARTICLES = {"THE", "AND", "LOS", "LAS", "DEL"}
BLOCK = {"BLOCK", "BLOCKS", "CUADRA", "CUADRAS"}
TO_BLOCK = {"DE", "DEL", "LA", "LAS", "LOS", "EL", "NUMERO", "AND", "TO", "THROUGH", "Y", "A", "AL"}

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
    """The first words of a text that name one house of the hot spot; empty where none does. A block may be named.

    A house is its number and a word of its street near each other, in either order. That refuses a few harmless texts
    too ("12 visits to Main Street" where there is a house 12), which are easily put in other words."""
    streets: dict[str, set[str]] = {}
    here = Q(hot_spot_boundaries__hot_spot=hot_spot)
    for above in ("block", "complex"):
        here |= Q(**{f"{above}__hot_spot_boundaries__hot_spot": hot_spot})
    addresses = Place.objects.filter(here, kind=Place.Kind.ADDRESS).exclude(street="")
    for low, high, street in addresses.values_list("number_low", "number_high", "street").distinct():
        for number in {low, high} - {None}:
            streets.setdefault(str(number), set()).update(key_words(street))
    return first_house(text, streets)


def first_house(text: str, streets: Mapping[str, set[str]]) -> str:
    """`streets`: by house number, the words that streets with such a house are known by."""
    found = list(WORD.finditer(text))
    words = [_plain(each[0]) for each in found]
    for at, word in enumerate(words):
        house = HOUSE.fullmatch(word)
        keys = streets.get(house[1].lstrip("0")) if house else None
        if not keys or _is_block(text, found, words, at):
            continue
        for other in range(max(0, at - NEAR), min(len(words), at + NEAR + 1)):
            if other != at and keys & _street_forms(words, other):
                return text[found[min(at, other)].start() : found[max(at, other)].end()]
    return ""


def key_words(street: str) -> set[str]:
    """The words that tell a street from others: neither direction nor suffix, unless its name is made of such."""
    words = street.upper().split()
    named = [word for word in words if word not in DIRECTIONALS and word not in SUFFIXES and word not in ARTICLES]
    long = {word for word in named if len(word) > 2 or word[0].isdigit()}
    rest = [word for word in words if word not in DIRECTIONALS]
    return long or set(rest[:-1] if len(rest) > 1 and rest[-1] in SUFFIXES else rest[1:] or words[:-1] or words)


def _street_forms(words: list[str], at: int) -> set[str]:
    """A word as the names of streets have it: 16TH for sixteenth and for the 16 of "16 Street", 21ST for twenty-first."""
    word = words[at]
    forms = {word, *normalize_street(word).split()}
    if at + 1 < len(words):
        pair = normalize_street(f"{word} {words[at + 1]}").split()
        if pair and (len(pair) == 1 or word.isdigit()):
            forms.add(pair[0])
    if at and word.isdigit() and words[at - 1] in STREETS:
        forms.update(normalize_street(f"{word} ST").split()[:1])
    return forms


def _is_block(text: str, found: list[re.Match[str]], words: list[str], at: int) -> bool:
    """ "1700 block of", "cuadra del 1700": a block's word beside the number, with no comma between."""
    for step in (1, -1):
        to = at + step
        while 0 <= to < len(words) and (words[to] in TO_BLOCK or words[to].isdigit()):
            to += step
        if 0 <= to < len(words) and words[to] in BLOCK:
            low, high = sorted((at, to))
            return not re.search(r"[,.;:]", text[found[low].end() : found[high].start()])
    return False


def _plain(word: str) -> str:
    """In capitals, without accents and without what an apostrophe appends ("Main's", but O'Brien is OBRIEN)."""
    letters = unicodedata.normalize("NFKD", re.sub(r"['’][sS]$", "", word)).encode("ascii", "ignore").decode()
    return letters.replace("'", "").upper()
