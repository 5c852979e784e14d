"""Activities as files for other programs: CSV as it is read, GeoPackage in pieces, so that a year fits in memory."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio

from hotspots.models.places import SRID
from tactics.queries.exports import COLUMNS

PIECE = 20_000
LAYER = "activities"
NUMBERS = ("minutes", "lon", "lat", "contacts", "businesses", "homes", "grams")
YES_OR_NO = ("voided", "alert", "consent_to_search")
INSTANTS = ("started_at", "ended_at")


def csv_rows(rows: Iterable[dict[str, Any]]) -> Iterator[Sequence[Any]]:
    yield COLUMNS
    for row in rows:
        yield [_cell(row[name]) for name in COLUMNS]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value


def write_geopackage(rows: Iterator[dict[str, Any]], path: Path) -> int:
    """A layer of points. Every piece has the same columns of the same types, also where all of one are empty."""
    written = 0
    while True:
        frame = _frame(list(islice(rows, PIECE)))
        if frame.empty and written:
            return written
        pyogrio.write_dataframe(frame, path, layer=LAYER, driver="GPKG", geometry_type="Point", append=written > 0)
        written += len(frame)
        if len(frame) < PIECE:
            return written


def _frame(rows: list[dict[str, Any]]) -> geopandas.GeoDataFrame:
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in COLUMNS:
        if name in NUMBERS:
            table[name] = pd.to_numeric(table[name]).astype("float64")
        elif name in YES_OR_NO:
            table[name] = table[name].astype("boolean")
        elif name in INSTANTS:
            table[name] = pd.to_datetime(table[name], utc=True)
        else:
            table[name] = table[name].astype("object").where(table[name].notna(), None)
    points = geopandas.points_from_xy(table["lon"], table["lat"])
    return geopandas.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=points, crs=SRID)
