"""Scores as files for other programs: CSV, GeoPackage, GeoParquet."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely

from hotspots.models import ConcentrationRun, Place
from hotspots.models.places import SRID
from hotspots.queries.concentration import run_scores

SIZE_COLUMN: dict[str, str] = {Place.Kind.BLOCK: "size_m", Place.Kind.COMPLEX: "size_m2"}
FORMULA = r"^[=+\-@\t\r]"


class ExportError(Exception):
    """Why no file was written, in words for who asked for it."""


@dataclass(frozen=True)
class Format:
    name: str
    ending: str
    content_type: str
    has_geometry: bool
    write: Callable[[pa.Table, Path], None]


def write_csv(table: pa.Table, path: Path) -> None:
    """Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers are left as they are."""
    for i, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            column = table.column(i)
            safe = pc.if_else(
                pc.match_substring_regex(column, FORMULA), pc.binary_join_element_wise("'", column, ""), column
            )
            table = table.set_column(i, field.name, safe)
    pyarrow.csv.write_csv(table, path)


def write_geopackage(table: pa.Table, path: Path) -> None:
    geo_frame(table).to_file(path, driver="GPKG", layer="scores", engine="pyogrio")


def write_geoparquet(table: pa.Table, path: Path) -> None:
    geo_frame(table).to_parquet(path, index=False)


def geo_frame(table: pa.Table) -> geopandas.GeoDataFrame:
    geometry = shapely.from_wkb(table.column("geometry").to_pylist())
    return geopandas.GeoDataFrame(table.drop_columns("geometry").to_pandas(), geometry=geometry, crs=SRID)


FORMATS = {
    "csv": Format("CSV", ".csv", "text/csv; charset=utf-8", False, write_csv),
    "gpkg": Format("GeoPackage", ".gpkg", "application/geopackage+sqlite3", True, write_geopackage),
    "parquet": Format("GeoParquet", ".parquet", "application/vnd.apache.parquet", True, write_geoparquet),
}


def format_of(path: Path) -> Format:
    for each in FORMATS.values():
        if path.suffix.lower() == each.ending:
            return each
    endings = ", ".join(each.ending for each in FORMATS.values())
    raise ExportError(f"{path.name}: the ending says what to write, and must be one of {endings}.")


def score_table(run: ConcentrationRun, with_geometry: bool) -> pa.Table:
    """The columns that are exported. An address has no size, so its table has no column for it."""
    table = run_scores(run, with_geometry)
    if run.kind in SIZE_COLUMN:
        table = table.rename_columns([SIZE_COLUMN[run.kind] if name == "size" else name for name in table.column_names])
    else:
        table = table.drop_columns("size")
    return table if with_geometry else table.drop_columns("geometry")


def write_scores(run: ConcentrationRun, path: Path) -> int:
    """Write a run's scores, the whole file or none of it, and return how many rows it has."""
    chosen = format_of(path)
    table = score_table(run, chosen.has_geometry)
    if path.is_dir():
        raise ExportError(f"{path} is a folder. Name a file in it.")
    if not path.parent.is_dir():
        raise ExportError(f"The folder {path.parent} does not exist.")
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
            unfinished = Path(folder) / path.name
            chosen.write(table, unfinished)
            unfinished.replace(path)
    except OSError as error:
        raise ExportError(f"{path} could not be written: {error.strerror or error}.") from error
    return table.num_rows
