"""From reported coordinates and address texts to places: each distinct location once, in arrays.

What was reported is never corrected. Coordinates that cannot be right are named as a problem and the address text
is tried; what neither tells stays unlocated and is counted.
"""

from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely
from django.conf import settings

from hotspots.ingest.addresses import AddressIndex
from hotspots.models import Location, Place
from hotspots.models.places import SRID
from hotspots.projection import city_srid
from hotspots.queries import incidents as queries
from hotspots.queries.places import city_boundary

Method, Problem = Location.Method, Location.Problem
SAME_ADDRESS_M = 5.0  # how far a point may lie from an address point and still be that address
SAME_CITY_M = 5_000.0  # without a boundary: how far around the places swapped coordinates are looked for
NULL_ISLAND_DEGREES = 0.01
NOBODY = 0  # no place: ids start at 1


@dataclass
class Located:
    """What is known of n locations. Degrees; NaN and 0 where there is nothing."""

    reported: np.ndarray  # (n, 2)
    point: np.ndarray  # (n, 2)
    method: np.ndarray
    score: np.ndarray
    distance_m: np.ndarray
    problem: np.ndarray
    address: np.ndarray
    block: np.ndarray
    complex: np.ndarray

    @classmethod
    def nothing(cls, count: int) -> "Located":
        nowhere, text, none = (
            np.full((count, 2), np.nan),
            np.full(count, "", dtype=object),
            np.zeros(count, dtype=np.int64),
        )
        return cls(
            reported=nowhere.copy(),
            point=nowhere.copy(),
            method=text.copy(),
            score=np.zeros(count),
            distance_m=np.full(count, np.nan),
            problem=text.copy(),
            address=none.copy(),
            block=none.copy(),
            complex=none.copy(),
        )

    @property
    def is_located(self) -> np.ndarray:
        return (self.address > 0) | (self.block > 0) | (self.complex > 0)


@dataclass(frozen=True)
class Layer:
    """Places of one kind with an index of their geometries, in metres."""

    ids: np.ndarray
    geometries: np.ndarray
    tree: shapely.STRtree = field(repr=False)

    @classmethod
    def read(cls, kind: str, srid: int) -> "Layer":
        ids, wkb = queries.place_geometries(kind, srid)
        geometries = shapely.from_wkb(wkb) if len(wkb) else np.array([], dtype=object)
        return cls(ids, geometries, shapely.STRtree(geometries))

    def nearest(self, points: np.ndarray, within_m: float) -> tuple[np.ndarray, np.ndarray]:
        """For each point the id of the nearest place and its distance; equally near, the lowest id. 0 and NaN: none."""
        found, distances = np.zeros(len(points), dtype=np.int64), np.full(len(points), np.nan)
        if not len(self.ids) or not len(points):
            return found, distances
        (which, place), distance = self.tree.query_nearest(points, max_distance=within_m, return_distance=True)
        order = np.lexsort((self.ids[place], which))
        which, place, distance = which[order], place[order], distance[order]
        first = np.unique(which, return_index=True)[1]
        found[which[first]], distances[which[first]] = self.ids[place[first]], distance[first]
        return found, distances

    def containing(self, points: np.ndarray) -> np.ndarray:
        """For each point the id of the smallest polygon that holds it, 0 for none."""
        found = np.zeros(len(points), dtype=np.int64)
        if not len(self.ids) or not len(points):
            return found
        which, place = self.tree.query(points, predicate="intersects")
        order = np.lexsort((self.ids[place], shapely.area(self.geometries[place]), which))
        which, place = which[order], place[order]
        first = np.unique(which, return_index=True)[1]
        found[which[first]] = self.ids[place[first]]
        return found


class City:
    """The places of the city, read once for an import. Locating asks the database nothing more: it may be busy."""

    def __init__(self) -> None:
        self.srid = city_srid()
        self.blocks, self.complexes, self.addresses = (
            Layer.read(kind, self.srid) for kind in (Place.Kind.BLOCK, Place.Kind.COMPLEX, Place.Kind.ADDRESS)
        )
        self.address_block, self.address_complex = queries.places_of_addresses()
        self.index = AddressIndex.from_database()
        self.to_metres = pyproj.Transformer.from_crs(SRID, self.srid, always_xy=True)
        boundary = city_boundary()
        self.has_boundary = boundary is not None
        self._area = self._around(boundary)
        if self._area is not None:
            shapely.prepare(self._area)

    def holds(self, degrees: np.ndarray) -> np.ndarray:
        """Whether points lie in the city, or within the distance that a block may have outside it."""
        if self._area is None:
            return np.ones(len(degrees), dtype=bool)
        return shapely.intersects_xy(self._area, *self.metres(degrees).T)

    def metres(self, degrees: np.ndarray) -> np.ndarray:
        return np.column_stack(self.to_metres.transform(degrees[:, 0], degrees[:, 1]))

    def _around(self, boundary: shapely.Geometry | None) -> shapely.Geometry | None:
        if boundary is not None:
            outline = shapely.transform(boundary, self.metres)
            return shapely.buffer(outline, settings.BLOCK_DISTANCE_M)
        layers = [layer.geometries for layer in (self.blocks, self.complexes, self.addresses) if len(layer.ids)]
        if not layers:
            return None
        return shapely.buffer(shapely.box(*shapely.total_bounds(np.concatenate(layers))), SAME_CITY_M)


def locate(texts: np.ndarray, xy: np.ndarray, crs: str | int, city: City) -> Located:
    """Locate n locations: address texts (n,) and coordinates (n, 2) in `crs`, NaN where none were reported.

    Score of reported coordinates: 1 on the block, .5 at the greatest distance at which a block is taken; 1 in a
    complex or on an address. Without a boundary nothing is OUTSIDE, only FAR_FROM_PLACES.
    """
    located = Located.nothing(len(texts))
    _take_coordinates(located, xy, crs, city)
    _find_places(located, city)
    _match_texts(located, texts, city)
    return located


def _take_coordinates(located: Located, xy: np.ndarray, crs: str | int, city: City) -> None:
    """Usable coordinates become points; the problem of the others is named."""
    given = np.isfinite(xy).all(axis=1)
    degrees = _degrees(xy, crs)
    on_map = given & _is_on_map(degrees)
    null = given & ((xy == 0).all(axis=1) | (on_map & (np.abs(degrees) < NULL_ISLAND_DEGREES).all(axis=1)))
    here = on_map & ~null
    here[here] = city.holds(degrees[here])
    rest = given & ~null & ~here
    swapped = np.zeros(len(xy), dtype=bool)
    if rest.any():
        turned = _degrees(xy[rest][:, ::-1], crs)
        usable = _is_on_map(turned)
        usable[usable] = city.holds(turned[usable])
        swapped[rest] = usable
    outside = rest & ~swapped & on_map
    located.problem[~given] = Problem.NOTHING_REPORTED.value
    located.problem[null] = Problem.NULL_ISLAND.value
    located.problem[swapped] = Problem.SWAPPED.value
    located.problem[rest & ~swapped & ~on_map] = Problem.OUT_OF_RANGE.value
    located.problem[outside] = (Problem.OUTSIDE if city.has_boundary else Problem.FAR_FROM_PLACES).value
    usable = here | outside
    located.reported[usable] = degrees[usable]
    located.point[here] = degrees[here]


def _degrees(xy: np.ndarray, crs: str | int) -> np.ndarray:
    if not len(xy):
        return xy
    with np.errstate(invalid="ignore"):
        return np.column_stack(pyproj.Transformer.from_crs(crs, SRID, always_xy=True).transform(xy[:, 0], xy[:, 1]))


def _is_on_map(degrees: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return (np.abs(degrees[:, 0]) <= 180) & (np.abs(degrees[:, 1]) <= 90)


def _find_places(located: Located, city: City) -> None:
    """The nearest block, the complex around and the address at each point."""
    here = np.flatnonzero(np.isfinite(located.point).all(axis=1))
    # Each distinct point once, and neighbors one after the other: what the index has just read is still at hand.
    distinct, which = np.unique(located.point[here], axis=0, return_inverse=True)
    points = shapely.points(city.metres(distinct))
    block, distance_m = city.blocks.nearest(points, settings.BLOCK_DISTANCE_M)
    located.block[here], located.distance_m[here] = block[which], distance_m[which]
    located.complex[here] = city.complexes.containing(points)[which]
    located.address[here] = city.addresses.nearest(points, SAME_ADDRESS_M)[0][which]
    found = here[located.is_located[here]]
    near = np.nan_to_num(located.distance_m[found] / settings.BLOCK_DISTANCE_M)
    on_place = (located.complex[found] > 0) | (located.address[found] > 0)
    located.score[found] = np.where(on_place, 1, 1 - near / 2)
    located.method[found] = Method.COORDINATES.value
    located.problem[np.setdiff1d(here, found)] = Problem.FAR_FROM_PLACES.value


def _match_texts(located: Located, texts: np.ndarray, city: City) -> None:
    """What coordinates did not locate is looked up by its address text."""
    left = np.flatnonzero(~located.is_located & (texts != ""))
    if not len(left):
        return
    matches = city.index.match(texts[left].tolist())
    for position, match in zip(left, matches, strict=True):
        if match.point is None:
            if located.problem[position] == Problem.NOTHING_REPORTED.value:
                located.problem[position] = match.problem
            continue
        located.point[position], located.method[position], located.score[position] = (
            match.point,
            match.method,
            match.score,
        )
        located.address[position], located.block[position] = match.address_id or NOBODY, match.block_id or NOBODY
        if located.problem[position] == Problem.NOTHING_REPORTED.value:
            located.problem[position] = Problem.NONE.value
    found = left[np.isfinite(located.point[left]).all(axis=1) & (located.method[left] != "")]
    _complete_matches(located, found, city)


def _complete_matches(located: Located, found: np.ndarray, city: City) -> None:
    """A matched address brings its block and complex; any other match the complex around its point."""
    points = shapely.points(city.metres(located.point[found]))
    located.complex[found] = city.complexes.containing(points)
    on_address = found[located.address[found] > 0]
    which = np.searchsorted(city.addresses.ids, located.address[on_address])
    block, complex_ = city.address_block[which], city.address_complex[which]
    located.block[on_address] = np.where(located.block[on_address] > 0, located.block[on_address], block)
    located.complex[on_address] = np.where(complex_ > 0, complex_, located.complex[on_address])
    without_block = found[located.block[found] == NOBODY]
    if len(without_block):
        points = shapely.points(city.metres(located.point[without_block]))
        located.block[without_block], _ = city.blocks.nearest(points, settings.BLOCK_DISTANCE_M)
    lost = found[~located.is_located[found]]
    located.problem[lost], located.method[lost], located.score[lost] = Problem.FAR_FROM_PLACES.value, "", 0
