"""Storing places and areas in sets: a file's rows are copied to a stage, and one statement brings the table to it."""

import io
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely
from django.contrib.gis.db.models import Union
from django.db import connection

from hotspots.models import Area
from hotspots.models.places import SRID

SQL = Path(__file__).resolve().parent.parent / "sql"
IMPORT_LOCK = 7_421_060
STAGED = ("source_id", "name", "street", "unit", "number_low", "number_high", "geometry")


@cache
def statement(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def lock_imports() -> None:
    """One import at a time, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def city_boundary() -> shapely.Geometry | None:
    """The boundary that holds today, in degrees."""
    whole = Area.objects.boundaries().current().aggregate(whole=Union("geometry"))["whole"]
    return None if whole is None else shapely.from_wkb(bytes(whole.wkb))


def stage(rows: pd.DataFrame, kind: str) -> None:
    """Copy rows into the table place_stage of this transaction, measured on the ellipsoid."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS place_stage")
        cursor.execute(
            "CREATE TEMP TABLE place_stage (source_id varchar PRIMARY KEY, name varchar, street varchar, unit varchar,"
            " number_low integer, number_high integer, geometry geometry, length_m float8, area_m2 float8) ON COMMIT DROP"
        )
        cursor.copy_expert(f"COPY place_stage ({', '.join(STAGED)}) FROM STDIN WITH (FORMAT csv)", _as_csv(rows))
        if kind == "block":
            cursor.execute("UPDATE place_stage SET length_m = ST_Length(geometry::geography)")
        elif kind == "complex":
            cursor.execute("UPDATE place_stage SET area_m2 = ST_Area(geometry::geography)")
        cursor.execute("ANALYZE place_stage")


def _as_csv(rows: pd.DataFrame) -> io.BytesIO:
    """Every value quoted, so that an empty text is no null."""
    shapes = shapely.set_srid(rows.geometry.to_numpy(), SRID)
    table = {
        column: pa.array(rows[column], pa.int32(), from_pandas=True)
        if column.startswith("number")
        else pa.array(rows[column].astype(str).str.replace("\x00", ""), pa.string())
        for column in STAGED
        if column != "geometry"
    }
    table["geometry"] = pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True), pa.string())
    out = io.BytesIO()
    pa_csv.write_csv(pa.table(table), out, pa_csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    out.seek(0)
    return out


def check_at_once() -> None:
    """Checks that wait for the end would queue up, and each row of the trail goes through that whole queue."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def store_places(*, kind: str, source: str, today: date, kept_ids: Sequence[str]) -> dict[str, int]:
    """Bring the places of this kind and source to the stage; those of `kept_ids` stand though they are not in it."""
    return _counts("store_places", kind=kind, source=source, today=today, kept_ids=list(kept_ids))


def store_areas(*, kind: str, source: str, today: date, kept_ids: Sequence[str]) -> dict[str, int]:
    """The same for areas, as versions that begin and end today."""
    counts = _counts("store_areas", kind=kind, source=source, today=today, kept_ids=list(kept_ids))
    with connection.cursor() as cursor:
        cursor.execute(statement("create_areas"), {"kind": kind, "source": source, "today": today})
        begun = cursor.rowcount
    closed = counts.pop("closed")
    return counts | {"created": begun - closed, "updated": closed + counts.pop("corrected")}


def attach(*, srid: int, today: date, same_street_m: float, near_m: float) -> int:
    """Let every address lie on its block and in its complex, and every place in its beat. How many changed."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS block_line, beat_part, complex_part")
        cursor.execute(statement("attach_prepare"), {"srid": srid, "today": today})
        cursor.execute(statement("attach_places"), {"srid": srid, "same_street_m": same_street_m, "near_m": near_m})
        return cursor.rowcount


def numbers_on_blocks() -> pd.DataFrame:
    """Blocks without numbers of their source's: id, source, name, source_name, street, low and high of their addresses."""
    with connection.cursor() as cursor:
        cursor.execute(statement("block_numbers"))
        return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


def rename_blocks(table: pd.DataFrame) -> int:
    """Store id, name, source_name, low and high; how many changed."""
    values = {
        "ids": table.id.tolist(),
        "names": table["name"].tolist(),
        "source_names": table.source_name.tolist(),
        "lows": [None if pd.isna(low) else int(low) for low in table.low],
        "highs": [None if pd.isna(high) else int(high) for high in table.high],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("rename_blocks"), values)
        return cursor.rowcount


def _counts(name: str, **values: Any) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
