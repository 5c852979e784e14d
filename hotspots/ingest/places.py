"""From the rows of a geographic file to places and areas: what each is called, and which rows cannot be one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from accounts.cells import safe_cell
from hotspots.ingest import streets
from hotspots.ingest.addresses import normalize_street
from hotspots.ingest.block_names import by_hundred
from hotspots.ingest.errors import InputError
from hotspots.ingest.fields import AddressFields, RangeFields, find_field, guess_id, text_of, whole_numbers
from hotspots.ingest.files import FEATURE, NO_GEOMETRY, PROBLEM, SWAPPED, Say, read_features
from hotspots.projection import utm_srid

AREA_KINDS = ("boundary", "beat", "neighborhood")
NAME_FIELDS = (
    "name",
    "fullname",
    "full_name",
    "street_name",
    "streetname",
    "namelsad",
    "label",
    "title",
    "beat",
    "district",
    "precinct",
    "neighborhood",
)
CLASS_FIELDS = ("mtfcc", "feature_class", "fclass", "cfcc")
ROUTE_FIELDS = ("rttyp",)
ROUTE_TYPES = ("I", "U", "S", "C")
NO_AREA = 1e-12  # square degrees: a hundredth of a square metre
MARGIN_M = 100  # how far outside the city's boundary a place may lie: boundaries run along streets
MAX_NAME, MAX_ID, MAX_STREET, MAX_UNIT = 200, 120, 120, 30
COLUMNS = ("feature", "source_id", "name", "geometry", "street", "number_low", "number_high", "unit")

WANTED = {
    "block": ("a block is a line", {shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING}),
    "address": ("an address is a point", {shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT}),
    "complex": ("this kind is a polygon", {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}),
}


@dataclass(frozen=True)
class Options:
    """How a file is to be read; what is None is found out."""

    kind: str
    layer: str | None = None
    crs: str | None = None
    id_field: str | None = None
    name_field: str | None = None
    node: bool = False
    street_classes: Sequence[str] = streets.STREET_CLASSES
    keep_unnamed: bool = False
    snap_m: float = streets.SNAP_M
    sliver_m: float = streets.SLIVER_M


@dataclass
class Rows:
    """Rows ready to be stored, and those that are not, with the reason."""

    read: int
    good: pd.DataFrame  # COLUMNS
    rejects: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["feature", "id", "reason"]))


def read_rows(path: Path, options: Options, *, boundary: shapely.Geometry | None, say: Say) -> Rows:
    """Read a file of places or areas of one kind. Rows outside `boundary` (degrees) are rejected."""
    frame = read_features(path, layer=options.layer, crs=options.crs, say=say)
    for asked in (options.id_field, options.name_field):
        if asked is not None and asked not in frame.columns:
            raise InputError(f"{path.name} has no field {asked!r}. It has: {', '.join(_own_columns(frame))}.")
    frame["_id"] = ""
    _check_geometry(frame, options.kind)
    rows = _node(frame, options, say) if options.node else _one_each(frame, options, say)
    if boundary is not None and options.kind not in AREA_KINDS:
        rows = _inside(rows, boundary)
    if rows.good.empty:
        raise InputError(f"Nothing in {path.name} can be imported: {_main_reason(rows.rejects)}.")
    return rows


def _main_reason(rejects: pd.DataFrame) -> str:
    if rejects.empty:
        return "it holds no streets with blocks"
    reason = rejects.reason.value_counts().index[0]
    these = rejects[rejects.reason == reason]
    return f"{reason} ({len(these):,} rows, row {these.feature.iloc[0]} the first)"


def _own_columns(frame: pd.DataFrame) -> list[str]:
    return [str(column) for column in frame.columns if column not in {FEATURE, PROBLEM, "_id", frame.geometry.name}]


def _reject(frame: pd.DataFrame, mask: np.ndarray, reason: str) -> None:
    frame.loc[mask & (frame[PROBLEM] == "").to_numpy(), PROBLEM] = reason


def _check_geometry(frame: gpd.GeoDataFrame, kind: str) -> None:
    """Give polygons that cross themselves a valid form; reject what is of another type than the kind needs."""
    what, types = WANTED.get(kind, WANTED["complex"])
    geometry = frame.geometry.to_numpy().copy()
    if kind not in {"block", "address"}:
        broken = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
        geometry[broken] = [_polygons(shape) for shape in shapely.make_valid(geometry[broken])]
    found = shapely.get_type_id(geometry)
    wrong = ~np.isin(found, list(types)) & (found >= 0)
    for type_id in np.unique(found[wrong]):
        name = shapely.GeometryType(type_id).name.lower()
        _reject(frame, found == type_id, f"its geometry is a {name}; {what}")
    if kind == "block":
        many = found == shapely.GeometryType.MULTILINESTRING
        geometry[many] = shapely.line_merge(geometry[many])
        _reject(frame, shapely.length(geometry) == 0, "its line has no length")
    elif kind == "address":
        many = found == shapely.GeometryType.MULTIPOINT
        geometry[many] = np.where(
            shapely.get_num_geometries(geometry[many]) == 1, shapely.get_geometry(geometry[many], 0), None
        )
        _reject(frame, many & shapely.is_missing(geometry), "it has several points")
    else:
        _reject(frame, ~shapely.is_missing(geometry) & (shapely.area(geometry) < NO_AREA), "its polygon has no area")
    _reject(frame, shapely.is_missing(geometry), NO_GEOMETRY)
    frame[frame.geometry.name] = geometry


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas of what a repair left; lines and points among them are not part of a polygon."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _one_each(frame: gpd.GeoDataFrame, options: Options, say: Say) -> Rows:
    """Each row of the file is one place or area."""
    _give_ids(frame, options.id_field, say)
    if options.kind == "block":
        parts = frame.geometry.geom_type == "MultiLineString"
        _reject(frame, parts.to_numpy(), "it is several separate lines; --node cuts lines into blocks")
    if options.kind == "address":
        _describe_addresses(frame, options)
    else:
        _describe(frame, options)
    good = frame[frame[PROBLEM] == ""]
    table = good[["source_id", "name", "street", "number_low", "number_high", "unit"]].copy()
    table["feature"] = good[FEATURE].astype(int)
    shapes = good.geometry.to_numpy()
    if options.kind in {"complex", *AREA_KINDS}:
        shapes = np.array([_multi(shape) for shape in shapes], dtype=object)
    table["geometry"] = shapes
    return Rows(len(frame), table[list(COLUMNS)], _rejects(frame))


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def _rejects(frame: pd.DataFrame) -> pd.DataFrame:
    bad = frame[frame[PROBLEM] != ""]
    return pd.DataFrame({"feature": bad[FEATURE].astype(int), "id": bad["_id"], "reason": bad[PROBLEM]})


def _give_ids(frame: gpd.GeoDataFrame, asked: str | None, say: Say) -> None:
    """The source's identifier of each row, or one made from its content; a second row of an identifier is rejected."""
    name = asked or guess_id(frame, _own_columns(frame))
    if name is None:
        say("No field identifies the rows; they are told apart by their content. --id-field names one.")
        content = (
            frame[_own_columns(frame)].astype(str).agg("|".join, axis=1)
            + "|"
            + shapely.to_wkt(frame.geometry.to_numpy())
        )
        ids = content.map(_digest)
        _reject(frame, ids.duplicated().to_numpy(), "it is the same as an earlier row")
    else:
        if asked is None:
            say(f"Rows are identified by the field {name}; --id-field names another.")
        ids = text_of(frame[name]).str.slice(0, MAX_ID)
        _reject(frame, (ids == "").to_numpy(), f"it has no {name}, which identifies the rows")
        usable = ids[frame[PROBLEM] == ""]
        first = frame.loc[usable.index, FEATURE].groupby(usable).transform("first")
        again = usable.index[usable.duplicated()]
        frame.loc[again, PROBLEM] = (
            "its " + name + " " + usable[again] + " is also that of row " + first[again].astype(str)
        )
    frame["_id"] = frame["source_id"] = ids


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=10).hexdigest()


def _describe(frame: gpd.GeoDataFrame, options: Options) -> None:
    """Names of blocks, complexes and areas."""
    name = options.name_field or find_field(_own_columns(frame), NAME_FIELDS)
    given = text_of(frame[name]) if name else pd.Series("", index=frame.index)
    fallback = options.kind.capitalize() + " " + frame["source_id"]
    frame["name"] = given.where(given != "", fallback).str.slice(0, MAX_NAME)
    frame["street"] = frame["unit"] = ""
    frame["number_low"] = frame["number_high"] = np.nan
    if options.kind != "block":
        return
    ranges = RangeFields.found_in(_own_columns(frame)).read(frame)
    frame["street"] = given.map(normalize_street).str.slice(0, MAX_STREET)
    if ranges is None:
        return
    known = ~np.isnan(ranges).all(axis=1)
    frame.loc[known, "number_low"] = np.nanmin(ranges[known], axis=1)
    frame.loc[known, "number_high"] = np.nanmax(ranges[known], axis=1)
    hundred = by_hundred(given, frame.number_low, frame.number_high)
    frame["name"] = hundred.where(hundred != "", frame["name"]).str.slice(0, MAX_NAME)


def _describe_addresses(frame: gpd.GeoDataFrame, options: Options) -> None:
    """House number, street and unit, from fields of their own or from the address as one text."""
    fields = AddressFields.found_in(_own_columns(frame))
    number, street, unit = fields.read(frame)
    frame["number_low"], unusable = whole_numbers(number)
    _reject(frame, unusable, "its house number is no number")
    _reject(frame, frame.number_low.isna().to_numpy(), "it has no house number")
    _reject(frame, (street == "").to_numpy(), "it has no street")
    frame["number_high"] = frame.number_low
    frame["street"] = street.map(normalize_street).str.slice(0, MAX_STREET)
    frame["unit"] = unit.str.slice(0, MAX_UNIT)
    if options.name_field:
        frame["name"] = text_of(frame[options.name_field]).str.slice(0, MAX_NAME)
        return
    shown = number + " " + fields.shown_street(street)
    frame["name"] = shown.where(unit == "", shown + " " + fields.unit_word(frame) + unit).str.slice(0, MAX_NAME)


def _node(frame: gpd.GeoDataFrame, options: Options, say: Say) -> Rows:
    """Street lines become blocks between intersections; what is no street is left out, and said."""
    own = _own_columns(frame)
    name = options.name_field or find_field(own, NAME_FIELDS)
    if name is None:
        raise InputError(f"No field holds the street names; say which with --name-field. It has: {', '.join(own)}.")
    usable = frame[frame[PROBLEM] == ""]
    names = text_of(usable[name])
    classes, routes = find_field(own, CLASS_FIELDS), find_field(own, ROUTE_FIELDS)
    keep = streets.is_street(text_of(usable[classes]) if classes else None, names, options.street_classes)
    nameless = keep & (names == "").to_numpy()
    if not options.keep_unnamed:
        keep &= ~nameless
    say(f"{len(usable):,} lines: {keep.sum():,} are streets with blocks, {(~keep).sum():,} are left out.")
    if nameless.any() and not options.keep_unnamed:
        say(f"{nameless.sum():,} of these have no name (alleys, drives); --keep-unnamed takes them for blocks.")
    usable, names = usable[keep], names[keep]
    if usable.empty:
        return Rows(len(frame), pd.DataFrame(columns=list(COLUMNS)), _rejects(frame))
    x0, y0, x1, y1 = usable.total_bounds
    metric = usable.geometry.to_crs(utm_srid((x0 + x1) / 2, (y0 + y1) / 2))
    is_route = text_of(usable[routes]).isin(ROUTE_TYPES) if routes else None
    blocks = streets.make_blocks(
        metric.to_numpy(),
        names.tolist(),
        is_route,
        RangeFields.found_in(own).read(usable),
        options.snap_m,
        options.sliver_m,
    )
    # Seven decimals (a centimetre) give the source's own coordinates back.
    shapes = gpd.GeoSeries(blocks.geometry.to_numpy(), crs=metric.crs).to_crs(4326).to_numpy()
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, 7))
    good = pd.DataFrame(
        {
            "feature": 0,  # a block may come from several rows
            "source_id": block_ids(blocks.street.tolist(), shapes),
            "name": blocks.name.str.slice(0, MAX_NAME),
            "geometry": shapes,
            "street": blocks.street.map(normalize_street).str.slice(0, MAX_STREET),
            "number_low": blocks.low,
            "number_high": blocks.high,
            "unit": "",
        }
    ).drop_duplicates("source_id")
    return Rows(len(frame), good, _rejects(frame))


def block_ids(names: Sequence[str], lines: np.ndarray) -> list[str]:
    """What a block is known by: its street, ends and middle, to about a metre. Nothing far away changes it."""
    ends = [
        shapely.get_point(lines, 0),
        shapely.get_point(lines, -1),
        shapely.line_interpolate_point(lines, 0.5, normalized=True),
    ]
    places = np.hstack([shapely.get_coordinates(points) for points in ends])
    return [
        _digest(f"{name}|{' '.join(f'{value:.5f}' for value in row)}") for name, row in zip(names, places, strict=True)
    ]


def _inside(rows: Rows, boundary: shapely.Geometry) -> Rows:
    """Without the places that lie outside the city, but for a margin."""
    middle = boundary.centroid
    srid = utm_srid(middle.x, middle.y)
    city = gpd.GeoSeries([boundary], crs=4326).to_crs(srid).iloc[0].simplify(1).buffer(MARGIN_M)
    shapely.prepare(city)
    shapes = gpd.GeoSeries(rows.good.geometry.to_numpy(), crs=4326)
    inside = shapely.intersects(city, shapes.to_crs(srid).to_numpy())
    outside = rows.good[~inside]
    around = boundary.buffer(0.01)
    swapped = shapely.intersects(around, shapely.transform(shapes[~inside].to_numpy(), lambda xy: xy[:, ::-1]))
    reason = np.where(swapped, SWAPPED, "it lies outside the city boundary")
    lost = pd.DataFrame(
        {
            "feature": outside.feature,
            "id": outside.source_id.where(outside.feature > 0, outside["name"]),
            "reason": reason,
        }
    )
    return Rows(rows.read, rows.good[inside], pd.concat([rows.rejects, lost], ignore_index=True))


def write_place_rejects(rejects: pd.DataFrame, file: str, out: Path) -> None:
    """Write rejected rows with their reasons as CSV; `row` counts lines in a CSV, else features from 1."""
    table = pd.DataFrame({"file": file, "row": rejects.feature, "id": rejects.id, "reason": rejects.reason})
    for column in ("file", "id", "reason"):
        table[column] = table[column].astype(str).map(safe_cell)
    table.to_csv(out, index=False)
