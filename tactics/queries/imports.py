"""Visits from elsewhere: staged, made of positions where need be, and stored in sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
from django.db import connection

from hotspots.statements import statement

SQL = Path(__file__).resolve().parent.parent / "sql" / "imports"
STAGE = ("ping", "staged_visit", "visit")
IMPORT_LOCK = 7_421_064
REACH_M, REACH_DEGREES = 500, 0.01  # a degree of longitude is at least 50 km wide up to 63° of latitude


@dataclass(frozen=True)
class Rules:
    """When positions are a visit."""

    dwell: timedelta
    silence: timedelta = timedelta(minutes=5)  # a unit that says nothing for longer may have been anywhere
    stray: timedelta = timedelta(minutes=1)  # outside for no longer than this: the position strayed


@contextmanager
def stage() -> Iterator[None]:
    """Empty tables of this session for what a file holds, inside a transaction: an error takes them away again."""
    drop()
    _run("stage")
    yield
    drop()


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(STAGE)}")


def copy(table: str, rows: pa.Table) -> None:
    if table not in STAGE:
        raise ValueError(table)
    if not len(rows):
        return
    sent = BytesIO()
    pyarrow.csv.write_csv(rows, sent, pyarrow.csv.WriteOptions(include_header=False))
    sent.seek(0)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({', '.join(rows.column_names)}) FROM STDIN (FORMAT csv)", sent)


def lock_imports() -> None:
    """One import at a time stores, so that two files of the same unit do not both make the same visit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def make_visits(*, kind: str, source: str, zone: str, rules: Rules) -> int:
    """How many visits the file holds."""
    for table in ("ping", "staged_visit"):
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {table}")
    if kind == "pings":
        return _run(
            "visits_from_pings",
            source=source,
            zone=zone,
            dwell=rules.dwell,
            silence=rules.silence,
            stray=rules.stray,
        )
    return _run("visits_from_rows", source=source, zone=zone, reach_m=REACH_M, reach_degrees=REACH_DEGREES)


def reject_nowhere(*, batch: int) -> int:
    """Visits that lie in no hot spot and near no place."""
    return _run("reject_nowhere", batch=batch)


def store(*, batch: int, kind: str, source: str, rules: Rules) -> tuple[int, int]:
    """How many visits were extended, and how many are new."""
    # A visit from positions grows with the next file; a row of a CAD export is a visit of its own.
    silence = rules.silence if kind == "pings" else timedelta(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tactics_unit (name, is_active) SELECT DISTINCT unit, true FROM visit"
            " WHERE hot_spot_id IS NOT NULL OR place_id IS NOT NULL ON CONFLICT (name) DO NOTHING"
        )
    extended = _run("extend_visits", kind=kind, source=source, silence=silence)
    return extended, _run("create_visits", batch=batch, kind=kind, source=source, silence=silence)


def _run(name: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), parameters)
        return int(cursor.rowcount)
