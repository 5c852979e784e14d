"""Matching of addresses against the city's own addresses and street blocks, without asking anybody outside."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.contrib.gis.db.models.functions import AsWKB, Transform
from pyproj import Transformer

from hotspots.ingest.address_text import Kind, ParsedAddress, parse
from hotspots.ingest.street_names import normalize_street
from hotspots.ingest.street_variants import LEAST_FACTOR, StreetVariants
from hotspots.models import Location, Place
from hotspots.projection import city_srid

__all__ = ["AddressIndex", "Match", "ParsedAddress", "normalize_street", "parse"]

EXACT = 1.0
OTHER_UNIT = 0.97
CROSSING = 0.95
BETWEEN_NEIGHBORS = 0.92
IN_RANGE = 0.9
HUNDRED_OF_ADDRESSES = 0.85
NEAR_CROSSING = 0.8
SAME_HUNDRED = 0.75
BLOCK_OF_CROSSING = 0.7
ONLY_BLOCK = 0.6
LEAST_SCORE = LEAST_FACTOR
TIE = 0.05

MEETING_M = 1.0
NEAR_M = 30.0
ONE_PLACE_M = 100.0
ONE_HUNDRED_M = 400.0
LONGEST_RANGE = 400  # house numbers that one address may span

Method, Problem = Location.Method, Location.Problem


class Match(NamedTuple):
    method: str
    score: float
    point: tuple[float, float] | None  # longitude, latitude
    address_id: int | None
    block_id: int | None
    problem: str


class Hit(NamedTuple):
    """One place that an address may mean; x and y in metres."""

    score: float
    method: str
    x: float
    y: float
    address_id: int | None = None
    block_id: int | None = None


class Address(NamedTuple):
    id: int
    street: str
    low: int
    high: int
    unit: str
    block_id: int | None
    x: float
    y: float


class Block(NamedTuple):
    id: int
    street: str
    low: int | None
    high: int | None
    line: shapely.LineString


@dataclass
class Street:
    """What the city has on one street."""

    numbers: dict[int, list[Address]] = field(default_factory=lambda: defaultdict(list))
    hundreds: dict[int, list[Address]] = field(default_factory=lambda: defaultdict(list))
    blocks: list[Block] = field(default_factory=list)
    nodes: set[int] = field(default_factory=set)


class AddressIndex:
    """The city's addresses and blocks by street.

    Score of a match, an estimate of how surely it is right (below 0.5 nothing is located):

    | score | what was found |
    | --- | --- |
    | 1.00 | the very address (and unit, where one is given) |
    | 0.97 | the house, but not that unit of it |
    | 0.95 | two streets' blocks meet in one point (or within 100 m: two carriageways) |
    | 0.92 | between two neighboring numbers of its side and hundred |
    | 0.90 | the number lies in one block's range; or the whole hundred is on one block |
    | 0.85 | among the addresses of its hundred, no block known |
    | 0.80 | two streets' blocks end within 30 m of each other |
    | 0.75 | not in any range, but one block holds its hundred |
    | 0.70 | the streets do not meet, but the hundred block given with them is known |
    | 0.60 | no number, but the street has one block only |

    times the share of the hundred's addresses on the chosen block, where a hundred is on several; times, for each
    way in which the street is written differently, 0.97 (direction at the other end, spaces), 0.9 (suffix missing on
    one side; N ST for NORTH ST), 0.85 (direction missing on one side; one wrong letter), 0.75 (another suffix),
    0.7 (two wrong letters; a name cut short), and 0.65 where the city has a street as written, but not there. Streets
    with opposite directions are never taken for each other.

    Where two places farther than 100 m apart score within 0.05 of each other, nothing is located: AMBIGUOUS.
    """

    def __init__(
        self,
        addresses: Iterable[Address],
        blocks: Iterable[Block],
        to_degrees: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    ) -> None:
        self.to_degrees = to_degrees
        self.streets: dict[str, Street] = defaultdict(Street)
        self.blocks: dict[int, Block] = {}
        self.block_addresses: dict[int, list[Address]] = defaultdict(list)
        for block in blocks:
            self.blocks[block.id] = block
            self.streets[block.street].blocks.append(block)
        for address in addresses:
            self._add(address)
        self.streets = dict(self.streets)
        self.node_xy = self._join_ends()
        self.variants = StreetVariants(self.streets)
        self._is_reversed: dict[int, bool | None] = {}

    @classmethod
    def from_database(cls) -> "AddressIndex":
        """The current addresses and blocks that have a street."""
        srid = city_srid()
        places = (
            Place.objects.current().exclude(street="").annotate(wkb=AsWKB(Transform("geometry", srid))).order_by("pk")
        )
        rows = places.filter(kind=Place.Kind.ADDRESS, number_low__isnull=False).values_list(
            "pk", "street", "number_low", "number_high", "unit", "block_id", "wkb"
        )
        table: list[Any] = list(rows.iterator(chunk_size=20_000))
        points = shapely.get_coordinates(shapely.from_wkb([bytes(row[-1]) for row in table]))
        addresses = [Address(*row[:-1], *xy) for row, xy in zip(table, points.tolist(), strict=True)]
        block_rows = list(
            places.filter(kind=Place.Kind.BLOCK).values_list("pk", "street", "number_low", "number_high", "wkb")
        )
        lines = shapely.line_merge(shapely.from_wkb([bytes(row[-1]) for row in block_rows]))
        blocks = [Block(*row[:-1], line) for row, line in zip(block_rows, lines, strict=True)]
        transformer = Transformer.from_crs(srid, 4326, always_xy=True)
        return cls(addresses, blocks, transformer.transform)

    def match(self, texts: Sequence[str]) -> list[Match]:
        """Locate address texts; equal texts are looked up once, and each answer depends on its own text alone.

        A source whose house numbers are those of hundred blocks should say so in the text ("1800 BLK MAIN ST"): a bare
        1800 is taken for the house of that number where there is one.
        """
        distinct = list(dict.fromkeys(texts))
        found = [self._find(text) for text in distinct]
        hits = [hit for hit in found if isinstance(hit, Hit)]
        longitudes, latitudes = self.to_degrees(np.array([hit.x for hit in hits]), np.array([hit.y for hit in hits]))
        points = iter(zip(np.asarray(longitudes).tolist(), np.asarray(latitudes).tolist(), strict=True))
        answers = {
            text: Match(hit.method, round(hit.score, 4), next(points), hit.address_id, hit.block_id, Problem.NONE.value)
            if isinstance(hit, Hit)
            else Match(Method.NONE.value, 0.0, None, None, None, hit)
            for text, hit in zip(distinct, found, strict=True)
        }
        return [answers[text] for text in texts]

    # Building

    def _add(self, address: Address) -> None:
        street = self.streets[address.street]
        step = 2 if (address.high - address.low) % 2 == 0 else 1
        last = min(address.high, address.low + LONGEST_RANGE)
        for number in range(address.low, last + 1, step):
            street.numbers[number].append(address)
        street.hundreds[address.low // 100].append(address)
        if address.block_id is not None:
            self.block_addresses[address.block_id].append(address)

    def _join_ends(self) -> np.ndarray:
        """Give the ends of blocks that meet one number; x and y of each."""
        blocks = [block for block in self.blocks.values() if block.line.geom_type == "LineString"]
        if not blocks:
            return np.empty((0, 2))
        lines = [block.line for block in blocks]
        ends = shapely.get_coordinates([*shapely.get_point(lines, 0), *shapely.get_point(lines, -1)])
        node = _joined(ends)
        count = np.bincount(node)
        for end, block in enumerate([*blocks, *blocks]):
            self.streets[block.street].nodes.add(int(node[end]))
        return np.column_stack([np.bincount(node, ends[:, axis]) / np.maximum(count, 1) for axis in (0, 1)])

    # Finding

    def _find(self, text: str) -> Hit | str:
        parsed = parse(text)
        if parsed.kind == Kind.UNKNOWN:
            return Problem.NO_MATCH.value if text.strip() else Problem.NOTHING_REPORTED.value
        hits = self._crossings(parsed) if parsed.kind == Kind.INTERSECTION else self._on_streets(parsed)
        return _best(hits)

    def _on_streets(self, parsed: ParsedAddress) -> list[Hit]:
        hits: list[Hit] = []
        best = 0.0
        for factor, name in self._streets_like(parsed.street):
            if factor < best - TIE:
                break
            found = [hit._replace(score=hit.score * factor) for hit in self._on_street(self.streets[name], parsed)]
            best = max([best, *(hit.score for hit in found)])
            hits += found
        return hits

    def _streets_like(self, street: str) -> list[tuple[float, str]]:
        return self.variants.like(street)

    def _on_street(self, street: Street, parsed: ParsedAddress) -> list[Hit]:
        if parsed.low is None or parsed.high is None:
            return [self._along(block, 0.5, ONLY_BLOCK) for block in street.blocks]
        if parsed.kind == Kind.BLOCK:
            return self._hundred(street, parsed.low, parsed.high, IN_RANGE)
        hits = _houses(street, parsed)
        number = parsed.low
        if not hits and number % 100 == 0:
            hits = self._hundred(street, number, number + 99, IN_RANGE)
        if not hits:
            hits = _between_neighbors(street, number) or self._in_ranges(street, number)
        first = number - number % 100
        return hits or self._hundred(street, first, first + 99, SAME_HUNDRED)

    def _in_ranges(self, street: Street, number: int) -> list[Hit]:
        holding = [
            block
            for block in street.blocks
            if block.low is not None and block.high is not None and block.low <= number <= block.high
        ]
        if len(holding) > 1:
            holding = self._with_nearest_house(holding, number)
        return [
            self._along(block, (number - block.low) / max(block.high - block.low, 1), IN_RANGE)
            for block in holding
            if block.low is not None and block.high is not None
        ]

    def _with_nearest_house(self, blocks: list[Block], number: int) -> list[Block]:
        """Of blocks whose ranges overlap the one with the nearest number of the same side, where houses tell."""
        gaps = [
            min(
                (abs(a.low - number) for a in self.block_addresses.get(block.id, ()) if a.low % 2 == number % 2),
                default=None,
            )
            for block in blocks
        ]
        known = [gap for gap in gaps if gap is not None]
        return [block for block, gap in zip(blocks, gaps, strict=True) if gap == min(known)] if known else blocks

    def _hundred(self, street: Street, low: int, high: int, score: float) -> list[Hit]:
        """The block that most addresses of the hundred are on, else the block whose range covers most of it."""
        houses = [a for hundred in range(low // 100, high // 100 + 1) for a in street.hundreds.get(hundred, ())]
        houses = [a for a in houses if low <= a.low <= high]
        weights: dict[int, float] = defaultdict(float)
        for house in houses:
            if house.block_id in self.blocks and self.blocks[house.block_id].street == house.street:
                weights[house.block_id] += 1
        if not weights:
            for block in street.blocks:
                if block.low is not None and block.high is not None and block.low <= high and block.high >= low:
                    weights[block.id] += min(block.high, high) - max(block.low, low) + 1
        if weights:
            share = 1 / sum(weights.values())
            return [
                self._middle(self.blocks[key], low, high, score * weight * share) for key, weight in weights.items()
            ]
        return _middle_house(houses, min(score, HUNDRED_OF_ADDRESSES))

    def _middle(self, block: Block, low: int, high: int, score: float) -> Hit:
        if block.low is None or block.high is None:
            return self._along(block, 0.5, score)
        middle = (max(block.low, low) + min(block.high, high)) / 2
        return self._along(block, (middle - block.low) / max(block.high - block.low, 1), score)

    def _along(self, block: Block, share: float, score: float) -> Hit:
        if self._runs_backwards(block):
            share = 1 - share
        point = shapely.line_interpolate_point(block.line, min(max(share, 0.0), 1.0), normalized=True)
        return Hit(score, Method.BLOCK_RANGE.value, point.x, point.y, block_id=block.id)

    def _runs_backwards(self, block: Block) -> bool | None:
        """Whether house numbers fall along the line; None where nothing tells, so that the middle is the fairest guess."""
        if block.id not in self._is_reversed:
            self._is_reversed[block.id] = _falls(
                block, self.block_addresses.get(block.id, []), self.streets[block.street]
            )
        return self._is_reversed[block.id]

    # Intersections

    def _crossings(self, parsed: ParsedAddress) -> list[Hit]:
        hits: list[Hit] = []
        for first_factor, first in self._streets_like(parsed.street):
            for second_factor, second in self._streets_like(parsed.cross):
                factor = first_factor * second_factor
                if factor >= LEAST_SCORE and first != second:
                    found = self._meeting(self.streets[first], self.streets[second], parsed)
                    hits += [hit._replace(score=hit.score * factor) for hit in found]
        if not hits and parsed.low is not None and parsed.high is not None:
            on_first = self._on_streets(ParsedAddress(Kind.BLOCK, parsed.street, parsed.low, parsed.high))
            hits = [hit._replace(score=hit.score * BLOCK_OF_CROSSING / IN_RANGE) for hit in on_first]
        return hits

    def _meeting(self, first: Street, second: Street, parsed: ParsedAddress) -> list[Hit]:
        shared = self.node_xy[sorted(first.nodes & second.nodes)]
        score = CROSSING
        if not len(shared) and first.nodes and second.nodes:
            one, other = self.node_xy[sorted(first.nodes)], self.node_xy[sorted(second.nodes)]
            apart = np.hypot(*(one[:, None] - other).transpose(2, 0, 1))
            nearest = apart.argmin(axis=1)
            near = apart.min(axis=1) <= NEAR_M
            shared, score = (one[near] + other[nearest[near]]) / 2, NEAR_CROSSING
        if not len(shared):
            return []
        block_id = None
        if parsed.low is not None and parsed.high is not None:
            shared, block_id = self._nearest_to_hundred(first, shared, parsed.low, parsed.high)
        middle = shared.mean(axis=0)
        if np.hypot(*(shared - middle).T).max() <= ONE_PLACE_M:
            shared = middle[None]
        return [Hit(score, Method.INTERSECTION.value, x, y, block_id=block_id) for x, y in shared.tolist()]

    def _nearest_to_hundred(
        self, street: Street, nodes: np.ndarray, low: int, high: int
    ) -> tuple[np.ndarray, int | None]:
        """Of several meetings the one on the hundred block named with them, and that block."""
        hundred = _best(self._hundred(street, low, high, IN_RANGE))
        if not isinstance(hundred, Hit):
            return nodes, None
        distance = np.hypot(nodes[:, 0] - hundred.x, nodes[:, 1] - hundred.y)
        block = self.blocks.get(hundred.block_id) if hundred.block_id is not None else None
        nearest = nodes[[distance.argmin()]]
        touches = block is not None and shapely.distance(block.line, shapely.Point(nearest[0])) <= NEAR_M
        return nearest, hundred.block_id if touches else None


def _joined(points: np.ndarray) -> np.ndarray:
    """Number points (n, 2) so that those that meet, directly or over others, have one number; from 0, without gaps.

    scipy knows this too, but would take more memory than all else that an import of incidents needs from here.
    """
    all_points = shapely.points(points)
    one, other = shapely.STRtree(all_points).query(all_points, predicate="dwithin", distance=MEETING_M)
    number, before = np.arange(len(points)), None
    while before is None or (number != before).any():
        before = number.copy()
        np.minimum.at(number, one, before[other])
    return np.unique(number, return_inverse=True)[1]


def _best(hits: list[Hit]) -> Hit | str:
    """The surest hit, unless another place is as likely."""
    if not hits:
        return Problem.NO_MATCH.value
    best = max(hits, key=lambda hit: (hit.score, -(hit.address_id or 0), -(hit.block_id or 0)))
    rivals = [hit for hit in hits if hit.score >= best.score - TIE and not _is_one_place(hit, best)]
    if rivals or best.score < LEAST_SCORE:
        return Problem.AMBIGUOUS.value
    return best


def _is_one_place(one: Hit, other: Hit) -> bool:
    if one.block_id != other.block_id and Method.BLOCK_RANGE.value == one.method == other.method:
        return False
    return math.hypot(one.x - other.x, one.y - other.y) <= ONE_PLACE_M


def _houses(street: Street, parsed: ParsedAddress) -> list[Hit]:
    """The addresses of a number; of the units of one house the one asked for, else the house itself or its first unit."""
    houses = street.numbers.get(parsed.low, []) if parsed.low is not None else []
    of_unit = [house for house in houses if house.unit == parsed.unit]
    without_unit = [house for house in houses if not house.unit]
    chosen = of_unit or without_unit or houses
    score = EXACT if of_unit or not parsed.unit else OTHER_UNIT
    return [Hit(score, Method.ADDRESS.value, house.x, house.y, house.id, house.block_id) for house in chosen]


def _between_neighbors(street: Street, number: int) -> list[Hit]:
    """On the line between the next lower and higher number of the same side and hundred."""
    side = [a for a in street.hundreds.get(number // 100, ()) if a.low % 2 == number % 2]
    lower = max((a for a in side if a.low < number), key=lambda a: a.low, default=None)
    higher = min((a for a in side if a.low > number), key=lambda a: a.low, default=None)
    if lower is None or higher is None or math.hypot(lower.x - higher.x, lower.y - higher.y) > ONE_HUNDRED_M:
        return []
    share = (number - lower.low) / (higher.low - lower.low)
    x, y = lower.x + share * (higher.x - lower.x), lower.y + share * (higher.y - lower.y)
    block_id = lower.block_id if lower.block_id == higher.block_id else None
    return [Hit(BETWEEN_NEIGHBORS, Method.BLOCK_RANGE.value, x, y, block_id=block_id)]


def _middle_house(houses: list[Address], score: float) -> list[Hit]:
    """The middle of a hundred's addresses, where they stand together."""
    if not houses:
        return []
    xy = np.array([(house.x, house.y) for house in houses])
    middle = np.median(xy, axis=0)
    distance = np.hypot(*(xy - middle).T)
    if distance.max() > ONE_HUNDRED_M:
        return [Hit(score, Method.BLOCK_RANGE.value, house.x, house.y) for house in houses]
    x, y = xy[distance.argmin()]
    return [Hit(score, Method.BLOCK_RANGE.value, float(x), float(y))]


def _falls(block: Block, houses: list[Address], street: Street) -> bool | None:
    """Whether numbers fall along a block's line: told by its houses, else by where the street's next block lies."""
    if len({house.low for house in houses}) > 1:
        positions = shapely.line_locate_point(block.line, shapely.points([(house.x, house.y) for house in houses]))
        covariance = np.cov(positions, [house.low for house in houses])[0, 1]
        if covariance:
            return bool(covariance < 0)
    if block.low is None:
        return None
    others = [
        (other.low > block.low, other.line)
        for other in street.blocks
        if other.low is not None and other.low != block.low
    ]
    if not others:
        return None
    start, end = shapely.get_point(block.line, 0), shapely.get_point(block.line, -1)
    is_higher, line = min(others, key=lambda other: shapely.distance(block.line, other[1]))
    is_beyond_end = shapely.distance(end, line) < shapely.distance(start, line)
    return bool(is_higher != is_beyond_end)
