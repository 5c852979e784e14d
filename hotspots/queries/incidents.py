"""Storing incidents in sets: what is read goes by COPY to a stage, and one transaction brings the tables to it."""

import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from hotspots.frames import read_columns, read_table
from hotspots.models import ImportBatch

SQL = Path(__file__).resolve().parent.parent / "sql" / "incidents"
BATCH_LOCK = 7_421_061
STAGE = ("incoming", "incoming_location", "incoming_reject", "incoming_file")
DERIVED = ("incoming_repeat", "outdated", "touched", "paired", "new_location", "located_location")
PAGE = 10_000
MANY = 10_000  # new rows after which the planner's idea of a table is out of date
GATHERED = 10_000  # rows that are sent at once
HEAPS = 3  # so many of those may wait to be sent
SENT_BYTES = 1 << 20  # at a time: each piece waits for its turn beside the thread that reads

LOCATED = {
    "digest": "uuid",
    "address_text": "text",
    "reported": "geometry",
    "point": "geometry",
    "method": "text",
    "score": "float8",
    "distance_m": "float8",
    "problem": "text",
    "address_id": "bigint",
    "block_id": "bigint",
    "complex_id": "bigint",
}


@cache
def statement(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def run(name: str, **parameters: Any) -> int:
    """Run a file of statements; the number of rows that the last one touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement(name), parameters or None)
        return max(cursor.rowcount, 0)


# --- the stage ------------------------------------------------------------------------------------------------------


class Stage:
    """Tables of this session for what is read. Rows are copied on a thread beside the reading of the next ones."""

    def __init__(self) -> None:
        self._connection = connections[
            DEFAULT_DB_ALIAS
        ]  # connections belong to threads; this one is lent to the copier
        self._copier = ThreadPoolExecutor(1, "copy-to-stage")
        self._pending: deque[Future[None]] = deque()
        self._gathered: dict[str, list[pa.Table]] = {}
        self._count = 0

    def __enter__(self) -> "Stage":
        drop_stage()
        run("stage")
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        self._copier.shutdown(cancel_futures=True)
        if self._connection.is_usable() and not (error and self._connection.in_atomic_block):
            drop_stage()

    def copy(self, tables: Mapping[str, pa.Table]) -> None:
        """Send rows on their way, some thousands at once, in the order in which they come."""
        for name, rows in tables.items():
            if len(rows):
                self._gathered.setdefault(name, []).append(rows)
                self._count += len(rows)
        if self._count >= GATHERED:
            self._send()

    def settle(self) -> None:
        """Until all rows have arrived: the session is free for other statements."""
        if self._count:
            self._send()
        self._wait(0)

    def _send(self) -> None:
        self._wait(HEAPS - 1)
        tables = {name: pa.concat_tables(parts) for name, parts in self._gathered.items()}
        self._gathered, self._count = {}, 0
        self._pending.append(self._copier.submit(copy, self._connection, tables))

    def _wait(self, until: int) -> None:
        while len(self._pending) > until:
            self._pending.popleft().result()


def drop_stage() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW IF EXISTS arrived; DROP TABLE IF EXISTS {', '.join((*STAGE, *DERIVED))}")


def copy(wrapper: BaseDatabaseWrapper, tables: Mapping[str, pa.Table]) -> None:
    with wrapper.wrap_database_errors, wrapper.connection.cursor() as cursor:
        for table, rows in tables.items():
            if len(rows):
                sent = io.BytesIO()
                pyarrow.csv.write_csv(rows, sent, pyarrow.csv.WriteOptions(include_header=False))
                sent.seek(0)
                columns = ", ".join(rows.column_names)
                cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)", sent, SENT_BYTES)


def gather_statistics(*tables: str) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute("SELECT gather_statistics(%s)", [table])


# --- from the stage to the tables -----------------------------------------------------------------------------------


def resolve(*, key_names: str) -> None:
    """Work out which of the read rows count. `key_names` is empty for a source without a key."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incoming (retracts, key, match_key, location)")
    run("number_keys" if key_names else "number_content")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incoming_repeat")
    if key_names:
        run("reject_duplicates", key_names=key_names)
    run("resolve", numbered=not key_names)


def stage_new_locations(*, has_key: bool) -> int:
    """The locations of incidents that are not known yet, in `new_location`. How many."""
    run("new_locations", numbered=not has_key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM new_location")
        return int(cursor.fetchone()[0])


NEW_LOCATION = {
    "digest": pa.string(),
    "address_text": pa.string(),
    "x": pa.float64(),
    "y": pa.float64(),
    "crs": pa.int64(),
}


def new_locations(count: int) -> Iterator[pa.Table]:
    for first in range(1, count + 1, PAGE):
        yield read_table(
            "SELECT digest, address_text, x, y, crs FROM new_location WHERE number BETWEEN %(first)s AND %(last)s",
            {"first": first, "last": first + PAGE - 1},
            NEW_LOCATION,
        )


def create_locations(stage: Stage, located: pa.Table) -> None:
    """On the stage's thread, beside the locating of the next page."""
    stage.copy({"hotspots_location": located})


def stage_located() -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} {kind}" for name, kind in LOCATED.items())
        cursor.execute(f"DROP TABLE IF EXISTS located_location; CREATE TEMP TABLE located_location ({columns})")


def _copy_located(located: pa.Table) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE located_location")
    copy(connections[DEFAULT_DB_ALIAS], {"located_location": located})


KNOWN_LOCATION = {
    "id": pa.int64(),
    "digest": pa.string(),
    "address_text": pa.string(),
    "x": pa.float64(),
    "y": pa.float64(),
    "problem": pa.string(),
}


def known_locations(ids: Sequence[int] | None) -> Iterator[pa.Table]:
    """Locations that nobody placed by hand, all or those with these ids, in pages by id. x and y in degrees."""
    last = 0
    while True:
        page = read_table(
            statement("known_locations"),
            {"ids": None if ids is None else list(ids), "last": last, "page": PAGE},
            KNOWN_LOCATION,
        )
        if not len(page):
            return
        yield page
        last = page.column("id")[-1].as_py()


def update_locations(located: pa.Table) -> int:
    """How many changed."""
    _copy_located(located)
    return run("update_locations")


def store(*, source: str, batch: ImportBatch) -> dict[str, int]:
    """Bring incidents, retractions and rejects to what the stage holds. The counts of the batch, but read and excluded."""
    names = {"source": source, "batch": batch.pk}
    with connection.cursor() as cursor:
        # Checks that wait for the end would queue up, and each row of the trail goes through that whole queue.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT count(*) FILTER (WHERE retracts), count(*) FILTER (WHERE NOT retracts) FROM incoming")
        retracting, incidents = cursor.fetchone()
    updated = run("update_incidents", **names)
    if run("create_retractions", **names) > MANY:
        gather_statistics("hotspots_retraction")
    run("pair_retractions", source=source)
    with indexes_aside("hotspots_incident", of_rows=incidents):
        created = run("create_incidents", **names)
    run("give_retractions")
    if created > MANY:
        gather_statistics("hotspots_incident")
    run("create_rejects", batch=batch.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM incoming_reject")
        rejected = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FILTER (WHERE i.retracts), count(*) FILTER (WHERE NOT i.retracts)"
            " FROM incoming_repeat AS r JOIN incoming AS i ON i.ctid = r.row WHERE r.rejected_for_line IS NOT NULL"
        )
        rejected_retracting, rejected_incidents = cursor.fetchone()
        cursor.execute(statement("unlocated_rows"))
        unlocated = int(cursor.fetchone()[0])
    return {
        "created": created,
        "updated": updated,
        "unchanged": incidents - rejected_incidents - created - updated,
        "retracted": retracting - rejected_retracting,
        "rejected": rejected,
        "unlocated": unlocated,
    }


@contextmanager
def indexes_aside(table: str, *, of_rows: int) -> Iterator[None]:
    """For many rows into an empty table: its indexes are built afterwards, at once. Else nothing is done."""
    with connection.cursor() as cursor:
        definitions: list[str] = []
        if of_rows > MANY:
            cursor.execute("SELECT set_indexes_aside(%s)", [table])
            definitions = cursor.fetchone()[0]
        yield
        if definitions:
            cursor.execute("SELECT bring_indexes_back(%s)", [definitions])


def matched_retractions(source: str) -> tuple[int, int]:
    """Retractions of a source that found their incident, and all of them."""
    columns = read_columns(
        "SELECT count(i.id) AS matched, count(*) AS all FROM hotspots_retraction AS r"
        " LEFT JOIN hotspots_incident AS i ON i.retraction_id = r.id WHERE r.source = %(source)s",
        {"source": source},
        {"matched": pa.int64(), "all": pa.int64()},
    )
    return int(columns["matched"][0]), int(columns["all"][0])


# --- places to locate on --------------------------------------------------------------------------------------------


def place_geometries(kind: str, srid: int) -> tuple[np.ndarray, np.ndarray]:
    """Ids and geometries (WKB, in the CRS of `srid`) of the current places of a kind, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ST_AsBinary(ST_Transform(geometry, %s)) FROM hotspots_place"
            " WHERE kind = %s AND retired_on IS NULL ORDER BY id",
            [srid, kind],
        )
        rows = cursor.fetchall()
    return np.array([row[0] for row in rows], dtype=np.int64), np.array([bytes(row[1]) for row in rows], dtype=object)


def places_of_addresses() -> tuple[np.ndarray, np.ndarray]:
    """The block and the complex of each current address, by the address' id; 0 for none."""
    columns = read_columns(
        "SELECT coalesce(block_id, 0) AS block, coalesce(complex_id, 0) AS complex FROM hotspots_place"
        " WHERE kind = 'address' AND retired_on IS NULL ORDER BY id",
        {},
        {"block": pa.int64(), "complex": pa.int64()},
    )
    return columns["block"], columns["complex"]


# --- one import, one lock -------------------------------------------------------------------------------------------


@contextmanager
def batch_lock(batch: ImportBatch) -> Iterator[None]:
    """Held by the session that works on a batch: a batch that says it is running and is not held has been killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [BATCH_LOCK, batch.pk])
    try:
        yield
    finally:
        if connection.connection and not connection.connection.closed and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [BATCH_LOCK, batch.pk])


def is_worked_on(batch: ImportBatch) -> bool:
    """Whether a session holds the lock of a batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [BATCH_LOCK, batch.pk],
        )
        return bool(cursor.fetchone()[0])
