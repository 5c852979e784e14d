"""The made-up town: a grid of numbered streets and named avenues, cut by a railroad and a park, in a real outline.

A pure function of the outline and a random generator. The outline is that of Parsons, Kansas (US Census Bureau,
TIGER/Line, public domain); streets, addresses, complexes and beats are invented.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely

DOWNTOWN = (
    -0.004,
    -0.0036,
)  # degrees from the middle of the outline's largest part, so that the whole grid lies inside
STREETS = 20  # north to south, 1st to 20th from the west
STREET_GAP, AVENUE_GAP = 112.0, 104.0  # metres between them
NORTH = ["Walnut", "Elm", "Maple", "Oak", "Cedar", "Pine", "Chestnut", "Hickory", "Locust", "Sycamore"]
SOUTH = ["Grand", "Clark", "Lincoln", "Grant", "Garfield", "Harrison", "Jefferson", "Madison", "Monroe", "Adams"]
RAILROAD = shapely.LineString([(-1500, -980), (-300, -330), (300, 130), (1500, 930)])
RAILROAD_GAP_M = 25.0
CROSSINGS = ("Main St", "Oak Ave", "Lincoln Ave", "4th St", "10th St", "16th St")
PARK = shapely.box(-2.5 * STREET_GAP, 5 * AVENUE_GAP, 0.5 * STREET_GAP, 8 * AVENUE_GAP)
CAMPUS = shapely.box(4.5 * STREET_GAP, -6 * AVENUE_GAP, 6.5 * STREET_GAP, -4 * AVENUE_GAP)
SETBACK_M = 17.0  # of a house from the middle of its street
LOTS = (9, 27, 45, 63, 81)  # house numbers of a side within its hundred, give or take


@dataclass(frozen=True)
class Town:
    """Everything that lies still; geometry in degrees, rows in a fixed order.

    blocks: id, street, low, high (house numbers), use (residential, commercial, industrial, rural), geometry (LineString
    from the lowest number on). addresses: id, number, street, unit, block (row of blocks), complex (row of complexes or
    -1), geometry (Point). complexes: id, name, use (apartments, school, business, shopping, hospital), geometry
    (Polygon). beats: id, name, geometry (MultiPolygon). boundary: the city's outline, whole.
    """

    boundary: shapely.MultiPolygon
    blocks: pd.DataFrame
    addresses: pd.DataFrame
    complexes: pd.DataFrame
    beats: pd.DataFrame


def build(boundary: shapely.MultiPolygon, rng: np.random.Generator) -> Town:
    """The town in the largest part of `boundary` (degrees); the same generator state gives the same town."""
    middle = shapely.centroid(max(shapely.get_parts(boundary), key=lambda part: part.area))
    center = shapely.Point(middle.x + DOWNTOWN[0], middle.y + DOWNTOWN[1])
    # Metres east and north of the middle, and with the outline's own north: a grid along UTM's would look askew.
    plane = pyproj.CRS.from_proj4(f"+proj=aeqd +lat_0={center.y} +lon_0={center.x} +datum=WGS84 +units=m")
    to_degrees = pyproj.Transformer.from_crs(plane, 4326, always_xy=True)
    to_metres = pyproj.Transformer.from_crs(4326, plane, always_xy=True)
    outline = shapely.transform(boundary, lambda xy: np.column_stack(to_metres.transform(*xy.T)))

    complexes = _complexes()
    blocks = _blocks(outline)
    addresses = _addresses(blocks, complexes, rng)
    beats = _beats(outline)
    for table in (blocks, addresses, complexes, beats):
        table["geometry"] = shapely.transform(
            table.geometry.to_numpy(), lambda xy: np.round(np.column_stack(to_degrees.transform(*xy.T)), 7)
        )
    beats["geometry"] = [shapely.make_valid(shape) for shape in beats.geometry]
    return Town(boundary, blocks, addresses, complexes, beats)


def _blocks(outline: shapely.Geometry) -> pd.DataFrame:
    rows = [*_streets(), *_avenues(), *_outskirts(outline)]
    table = pd.DataFrame(rows, columns=["street", "low", "geometry"])
    table["high"] = table.low + 99
    hidden = shapely.covers(
        shapely.union_all([PARK.buffer(-1), CAMPUS.buffer(-1)]), shapely.centroid(table.geometry.to_numpy())
    )
    table = table[~hidden]
    table["geometry"] = [_stopped_by_railroad(row.street, row.geometry) for row in table.itertuples()]
    table = table[shapely.length(table.geometry.to_numpy()) > RAILROAD_GAP_M].reset_index(drop=True)
    middle = shapely.line_interpolate_point(table.geometry.to_numpy(), 0.5, normalized=True)
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    downtown = (np.abs(y) < 1.1 * AVENUE_GAP) & (np.abs(x) < 4 * STREET_GAP)
    main = table.street.isin(["Main St", "W Main St"]).to_numpy()
    rural = main & (np.abs(x) > STREETS / 2 * STREET_GAP)
    by_railroad = shapely.distance(RAILROAD, middle) < 0.9 * AVENUE_GAP
    table["use"] = np.select(
        [rural, downtown | main, by_railroad], ["rural", "commercial", "industrial"], "residential"
    )
    table["id"] = _slugs(table.street) + "-" + table.low.astype(str)
    return table[["id", "street", "low", "high", "use", "geometry"]]


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} St"


def _street_x(number: float) -> float:
    return (number - (STREETS + 1) / 2) * STREET_GAP


def _streets() -> list[tuple[str, int, shapely.LineString]]:
    """Numbered streets, north and south of Main St, which their house numbers count from."""
    rows = []
    for number in range(1, STREETS + 1):
        x = _street_x(number)
        for side, sign, avenues in (("N", 1, NORTH), ("S", -1, SOUTH)):
            for row in range(len(avenues)):
                line = shapely.LineString([(x, sign * row * AVENUE_GAP), (x, sign * (row + 1) * AVENUE_GAP)])
                rows.append((f"{side} {_ordinal(number)}", 100 * (row + 1), line))
    return rows


def _avenues() -> list[tuple[str, int, shapely.LineString]]:
    """Main St and the avenues, numbered by the streets they cross: the 400 block runs from 4th to 5th."""
    names = {0: "Main St"}
    names |= {row + 1: f"{name} Ave" for row, name in enumerate(NORTH)}
    names |= {-row - 1: f"{name} Ave" for row, name in enumerate(SOUTH)}
    return [
        (
            name,
            100 * number,
            shapely.LineString([(_street_x(number), row * AVENUE_GAP), (_street_x(number + 1), row * AVENUE_GAP)]),
        )
        for row, name in names.items()
        for number in range(1, STREETS)
    ]


def _outskirts(outline: shapely.Geometry) -> list[tuple[str, int, shapely.LineString]]:
    """Main St out to the city's limits, and a later subdivision with a winding drive and courts in the northwest."""
    west, east = _street_x(1), _street_x(STREETS)
    corner = west - 420.0
    limits = shapely.intersection(outline, shapely.LineString([(-4000, 0), (4000, 0)]))
    inner = min(shapely.get_parts(limits), key=lambda part: part.distance(shapely.Point(0, 0)))
    rim_west, rim_east = inner.bounds[0] + 10, inner.bounds[2] - 10
    turn = np.linspace(0, np.pi / 2, 8)
    bend = [(corner + 260 - 260 * np.cos(a), 2 * AVENUE_GAP + 260 * np.sin(a)) for a in turn]
    end_x, end_y = bend[-1]
    middle = bend[len(bend) // 2]
    return [
        ("Main St", 0, shapely.LineString([(corner, 0), (west, 0)])),
        ("Main St", 100 * STREETS, shapely.LineString([(east, 0), (min(east + 900, rim_east), 0)])),
        ("W Main St", 100, shapely.LineString([(corner, 0), (max(corner - 700, rim_west), 0)])),
        ("Prairie Dr", 100, shapely.LineString([(corner, 0), (corner, AVENUE_GAP)])),
        ("Prairie Dr", 200, shapely.LineString([(corner, AVENUE_GAP), *bend[: len(bend) // 2 + 1]])),
        ("Prairie Dr", 300, shapely.LineString(bend[len(bend) // 2 :])),
        ("Prairie Dr", 400, shapely.LineString([(end_x, end_y), (west, 4 * AVENUE_GAP)])),
        ("Meadow Ct", 100, shapely.LineString([(corner, AVENUE_GAP), (corner - 140, AVENUE_GAP + 20)])),
        ("Sunset Ct", 100, shapely.LineString([middle, (middle[0] - 110, middle[1] + 70)])),
        ("Glenwood Ct", 100, shapely.LineString([(end_x, end_y), (end_x + 20, end_y + 150)])),
    ]


def _stopped_by_railroad(street: str, line: shapely.LineString) -> shapely.LineString:
    """Most streets end at the railroad; of a block it cuts, the longer piece remains."""
    if street.split(" ", 1)[-1] in CROSSINGS or street in CROSSINGS or not line.intersects(RAILROAD):
        return line
    pieces = shapely.get_parts(line.difference(RAILROAD.buffer(RAILROAD_GAP_M)))
    return max(pieces, key=shapely.length, default=shapely.LineString())


def _complexes() -> pd.DataFrame:
    """Each fills the inside of some cells of the grid: (name, use, street west, avenue south, cells east, cells north)."""
    cells = [
        ("Prairie View Apartments", "apartments", 15, 4, 1, 1),
        ("Railside Apartments", "apartments", 6, -5, 1, 1),
        ("Maple Court Apartments", "apartments", 4, 3, 1, 1),
        ("Southgate Apartments", "apartments", 12, -9, 1, 1),
        ("Prairie High School", "school", 15, -6, 2, 2),
        ("Downtown Business District", "business", 9, -1, 4, 2),
        ("Crossroads Shopping Center", "shopping", 18, 0, 1, 1),
        ("Community Hospital", "hospital", 17, 7, 1, 1),
    ]
    rows = []
    for name, use, street, avenue, across, up in cells:
        margin = -30.0 if use == "business" else 10.0  # the business district takes in both sides of its streets
        west, east = _street_x(street) + margin, _street_x(street + across) - margin
        south, north = avenue * AVENUE_GAP + margin, (avenue + up) * AVENUE_GAP - margin
        rows.append((name, use, shapely.box(west, south, east, north)))
    table = pd.DataFrame(rows, columns=["name", "use", "geometry"])
    table["id"] = _slugs(table["name"])
    return table[["id", "name", "use", "geometry"]]


def _addresses(blocks: pd.DataFrame, complexes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    houses = _houses(blocks, rng)
    homes = complexes.geometry[complexes.use != "business"].to_numpy()
    houses = houses[~shapely.covers(shapely.union_all([*homes, PARK, CAMPUS]), houses.geometry.to_numpy())]
    tables = [houses, *_units(complexes[complexes.use != "business"], blocks)]
    table = pd.concat(tables, ignore_index=True)
    holds = shapely.STRtree(complexes.geometry.to_numpy()).query(table.geometry.to_numpy(), predicate="covered_by")
    table["complex"] = -1
    table.loc[holds[0], "complex"] = holds[1]
    table["id"] = (
        table.number.astype(str)
        + "-"
        + _slugs(table.street)
        + ("-" + table.unit.str.lower()).where(table.unit != "", "")
    )
    return table[["id", "number", "street", "unit", "block", "complex", "geometry"]]


def _houses(blocks: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Houses along both sides, even numbers on the left, at the place that their number says."""
    share = blocks.use.map({"residential": 0.39, "commercial": 0.5, "industrial": 0.18, "rural": 0.3}).to_numpy()
    length = shapely.length(blocks.geometry.to_numpy())
    share = share * np.minimum(length / AVENUE_GAP, 1)
    block, side, lot = np.indices((len(blocks), 2, len(LOTS))).reshape(3, -1)
    stands = rng.random(len(block)) < share[block]
    block, side, lot = block[stands], side[stands], lot[stands]
    within = np.array(LOTS)[lot] + 2 * rng.integers(0, 5, len(block)) + side
    line = blocks.geometry.to_numpy()[block]
    along = within / 100 * length[block]
    on, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(line, d))
        for d in (along, np.minimum(along + 1, length[block]))
    )
    behind = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(along - 1, 0)))
    direction = (ahead - behind) / np.linalg.norm(ahead - behind, axis=1, keepdims=True)
    left = np.column_stack([-direction[:, 1], direction[:, 0]])
    place = on + left * np.where(side == 0, -SETBACK_M, SETBACK_M)[:, None]
    return pd.DataFrame(
        {
            "number": blocks.low.to_numpy()[block] + within,
            "street": blocks.street.to_numpy()[block],
            "unit": "",
            "block": block,
            "geometry": shapely.points(place),
        }
    )


def _units(complexes: pd.DataFrame, blocks: pd.DataFrame) -> list[pd.DataFrame]:
    """The units of each complex, all under one number on the street to its south: apartments have 48, others one."""
    tables = []
    for use, shape in zip(complexes.use, complexes.geometry, strict=True):
        west, south, east, north = shape.bounds
        block = int(np.argmin(shapely.distance(blocks.geometry.to_numpy(), shapely.Point((west + east) / 2, south))))
        count = 48 if use == "apartments" else 1
        column, floor = np.arange(count) % 12, np.arange(count) // 12
        points = shapely.points(west + (east - west) * (column + 1) / 13, south + (north - south) * (floor + 1) / 5)
        units = [f"{up + 1}{along + 1:02}" for up, along in zip(floor, column, strict=True)] if count > 1 else ""
        number = int(blocks.low[block]) + 50
        row = {"number": number, "street": blocks.street[block], "unit": units, "block": block, "geometry": points}
        tables.append(pd.DataFrame(row))
    return tables


def _beats(outline: shapely.Geometry) -> pd.DataFrame:
    """North and south, parted by the alley behind the south side of Main St, so that no street is split lengthwise."""
    x0, y0, x1, y1 = outline.bounds
    parted = -AVENUE_GAP / 2
    halves = [shapely.box(x0 - 1, parted, x1 + 1, y1 + 1), shapely.box(x0 - 1, y0 - 1, x1 + 1, parted)]
    geometry = [
        shapely.MultiPolygon([p for p in shapely.get_parts(outline.intersection(half)) if p.area]) for half in halves
    ]
    return pd.DataFrame({"id": ["1", "2"], "name": ["Beat 1 North", "Beat 2 South"], "geometry": geometry})


def _slugs(text: pd.Series) -> pd.Series:
    return text.str.lower().str.replace(" ", "-")
