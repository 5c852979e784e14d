"""Geographic files from outside, whatever their format and CRS, as one frame in degrees."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from hotspots.ingest.errors import InputError

WGS84 = "EPSG:4326"
FEATURE = "_feature"  # which row of the file this is, as its reader counts: lines in a CSV, else features from 1
PROBLEM = "_problem"  # why the row cannot be used; "" while it can

# By ending, the drivers whose files may be named so.
DRIVERS = {
    ".shp": {"ESRI Shapefile"},
    ".dbf": {"ESRI Shapefile"},
    ".gpkg": {"GPKG"},
    ".geojson": {"GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON"},
    ".json": {"GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON"},
    ".fgb": {"FlatGeobuf"},
    ".kml": {"KML", "LIBKML"},
    ".gml": {"GML"},
    ".gdb": {"OpenFileGDB"},
    ".tab": {"MapInfo File"},
}
X_NAMES = ("x", "lon", "lng", "long", "longitude", "point_x", "xcoord", "x_coord", "coord_x", "easting")
Y_NAMES = ("y", "lat", "latitude", "point_y", "ycoord", "y_coord", "coord_y", "northing")
WKT_NAMES = ("wkt", "the_geom", "geometry", "geom", "shape")

NO_GEOMETRY = "it has no geometry"
NULL_ISLAND = "its coordinates are 0, 0"
SWAPPED = "latitude and longitude look swapped"
OFF_THE_MAP = "its coordinates are not on the map"

Say = Callable[[str], None]


def read_features(path: Path, *, layer: str | None = None, crs: str | None = None, say: Say) -> gpd.GeoDataFrame:
    """All rows of a file in degrees (WGS 84), with FEATURE and PROBLEM beside its own columns."""
    if not path.exists():
        raise InputError(f"{path} does not exist.")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty: 0 bytes.")
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz", ".txt", ".tsv")):
        frame = _read_table(path)
    elif name.endswith((".parquet", ".geoparquet")):
        frame = _read_parquet(path)
    else:
        frame = _read_with_ogr(path, layer)
    if frame.empty:
        raise InputError(f"{path.name} is empty: it holds no rows.")
    frame = frame.reset_index(drop=True)
    if FEATURE not in frame:
        frame[FEATURE] = np.arange(1, len(frame) + 1)
    return _in_degrees(frame, crs, path.name, say)


def _read_with_ogr(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    address = _inside_zip(path) if path.suffix.lower() == ".zip" else str(path)
    try:
        layers = {name: kind for name, kind in pyogrio.list_layers(address) if kind is not None}
        if layer is None and len(layers) > 1:
            raise InputError(f"{path.name} has several layers; choose one with --layer: {', '.join(layers)}.")
        if layer is None and not layers:
            raise InputError(f"{path.name} has no layer with geometry.")
        layer = layer or next(iter(layers))
        driver = pyogrio.read_info(address, layer=layer)["driver"]
        expected = DRIVERS.get(path.suffix.lower())
        if expected and driver not in expected:
            raise InputError(f"{path.name} is not what its ending says: it holds {driver}. Rename it and try again.")
        return pyogrio.read_dataframe(address, layer=layer, on_invalid="ignore")
    except DataLayerError:
        raise InputError(f"{path.name} has no layer {layer!r}. It has: {', '.join(layers)}.") from None
    except (DataSourceError, UnicodeDecodeError, shapely.errors.GEOSException) as error:
        reason = str(error).split(";")[0].replace(str(path), path.name)
        raise InputError(f"{path.name} is not what its ending says, or damaged: {reason}.") from None


def _inside_zip(path: Path) -> str:
    """The one shapefile, database or GeoJSON in an archive, wherever in it."""
    try:
        names = zipfile.ZipFile(path).namelist()
    except zipfile.BadZipFile:
        raise InputError(f"{path.name} is not what its ending says: it is no zip archive.") from None
    found = sorted(name for name in names if Path(name).suffix.lower() in DRIVERS and not name.startswith("__MACOSX"))
    found = [name for name in found if not name.lower().endswith(".dbf")]
    folders = sorted({part for name in names for part in [name.split(".gdb/")[0] + ".gdb"] if ".gdb/" in name})
    found = found or folders
    if len(found) != 1:
        what = f"several: {', '.join(found)}. Unpack it and import one" if found else "none"
        raise InputError(f"{path.name} should hold one geographic file; it holds {what}.")
    return f"/vsizip/{path}/{found[0]}"


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_parquet(path)
    except pyarrow.ArrowInvalid:
        raise InputError(f"{path.name} is not what its ending says: it is no Parquet file.") from None
    except ValueError:  # Parquet without geographic metadata
        return _with_points(pd.read_parquet(path), path.name)


def _read_table(path: Path) -> gpd.GeoDataFrame:
    """A CSV with coordinate columns, or a WKT column, found by name."""
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            table = pd.read_csv(path, dtype=str, encoding=encoding, sep=separator, keep_default_na=False)
        except UnicodeDecodeError:
            continue
        except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
            reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
            raise InputError(f"{path.name} is not a readable CSV: {reason}.") from None
        table.columns = [str(column).strip() for column in table.columns]
        table[FEATURE] = np.arange(2, len(table) + 2)
        return _with_points(table, path.name)
    raise InputError(f"{path.name} is neither UTF-8 nor Windows-1252 text.")


def _with_points(table: pd.DataFrame, name: str) -> gpd.GeoDataFrame:
    by_lower = {str(column).lower(): column for column in table.columns}
    x, y, wkt = (next((by_lower[n] for n in names if n in by_lower), None) for names in (X_NAMES, Y_NAMES, WKT_NAMES))
    if wkt is not None and (x is None or y is None):
        text = table[wkt].where(table[wkt] != "", None)
        return gpd.GeoDataFrame(
            table.drop(columns=wkt), geometry=shapely.from_wkt(text.to_numpy(), on_invalid="ignore")
        )
    if x is None or y is None:
        columns = ", ".join(str(column) for column in table.columns if column != FEATURE)
        raise InputError(
            f"{name} has no coordinates: it needs two columns such as X and Y or longitude and latitude. It has: {columns}."
        )
    values = table[[x, y]].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    points = np.full(len(table), None, dtype=object)
    known = np.isfinite(values).all(axis=1)
    points[known] = shapely.points(values[known])
    return gpd.GeoDataFrame(table, geometry=points)


def _in_degrees(frame: gpd.GeoDataFrame, crs: str | None, name: str, say: Say) -> gpd.GeoDataFrame:
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs)
    empty = (frame.geometry.isna() | frame.geometry.is_empty).to_numpy()
    bounds = frame.geometry.bounds.to_numpy()
    with np.errstate(invalid="ignore"):
        at_zero = ~empty & (np.abs(bounds).max(axis=1) < 1e-6)
        degrees = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
        turned = (np.abs(bounds[:, [0, 2]]) <= 90).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 180).all(axis=1)
    usable = ~empty & ~at_zero
    frame = _set_crs(frame, crs, (degrees | turned)[usable], name, say)
    problem = np.select([empty, at_zero], [NO_GEOMETRY, NULL_ISLAND], "").astype(object)
    if frame.crs.is_geographic:
        problem[usable & ~degrees] = OFF_THE_MAP
        problem[usable & ~degrees & turned] = SWAPPED
    good = problem == ""
    geometry = frame.geometry.to_numpy().copy()
    if frame.crs != WGS84 and good.any():
        geometry[good] = gpd.GeoSeries(geometry[good], crs=frame.crs).to_crs(WGS84).to_numpy()
        lost = good & ~np.isfinite(gpd.GeoSeries(geometry).bounds.to_numpy()).all(axis=1)
        problem[lost] = OFF_THE_MAP
    geometry[problem != ""] = None
    frame = frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index)).set_crs(WGS84, allow_override=True)
    frame[PROBLEM] = problem
    return frame


def _set_crs(frame: gpd.GeoDataFrame, crs: str | None, in_degrees: np.ndarray, name: str, say: Say) -> gpd.GeoDataFrame:
    looks_like_degrees = not len(in_degrees) or in_degrees.mean() > 0.5
    if crs is not None:
        try:
            return frame.set_crs(pyproj.CRS.from_user_input(crs), allow_override=True)
        except pyproj.exceptions.CRSError:
            raise InputError(f"{crs!r} is no CRS. Give it as --crs EPSG:26915 or --crs ESRI:102696.") from None
    if frame.crs is None and looks_like_degrees:
        say(f"{name} names no CRS; its coordinates look like longitude and latitude and are read as such.")
        return frame.set_crs(WGS84)
    if frame.crs is None or (frame.crs.is_geographic and not looks_like_degrees):
        why = "names no CRS" if frame.crs is None else "says that it is in degrees"
        raise InputError(
            f"{name} {why}, and its coordinates cannot be longitude and latitude. Say what they are in with --crs, "
            "for example --crs ESRI:102696 (Missouri East, feet) or --crs EPSG:26915 (UTM 15 North)."
        )
    return frame
