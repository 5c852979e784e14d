"""What a concentration run reads, each in one set-based query; and the locks that keep runs apart."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray

from accounts.agency import agency_zone
from accounts.models import AuditEntry
from hotspots.frames import Columns, read_columns, read_table
from hotspots.models import ConcentrationRun, ImportBatch, Incident, Offense, Place
from hotspots.specs import RunSpec
from hotspots.windows import windows_of

SQL = Path(__file__).resolve().parent.parent / "sql"
DATA_CHANGES = (
    AuditEntry.Action.PLACES_IMPORTED,
    AuditEntry.Action.INCIDENTS_IMPORTED,
    AuditEntry.Action.LOCATION_PLACED,
)


@cache
def statement(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def run_places(spec: RunSpec) -> Columns:
    """The places to score, by id: `id`, `size` (m, m² or 1), `beat_id` (0: none), `longitude` and `latitude`."""
    types = {
        "id": pa.int64(),
        "size": pa.float64(),
        "beat_id": pa.int64(),
        "longitude": pa.float64(),
        "latitude": pa.float64(),
    }
    return read_columns(statement("run_places"), {"kind": spec.kind, "beat_id": spec.beat_id}, types)


def window_incidents(spec: RunSpec, codes: NDArray[np.object_], chosen: list[str] | None) -> Columns:
    """Incidents, in no order: `place_id`, `offense` (which of the codes) and `windows` (bits: now, before, year ago).

    codes: of all offenses. chosen: those to take; None takes them all.
    place_id is 0 where an incident is located, but on no place of the kind; -1 where it is not located.
    """
    zone = agency_zone()
    windows = windows_of(spec)
    before_from, year_ago_from = windows.before.starts_at(zone), windows.year_ago.starts_at(zone)
    year_ago_to = windows.year_ago.ends_at(zone)
    past_from = min(year_ago_from, before_from)
    parameters = {
        "kind": spec.kind,
        "beat_id": spec.beat_id,
        "offenses": chosen,
        "now_from": windows.now.starts_at(zone),
        "now_to": windows.now.ends_at(zone),
        "before_from": before_from,
        "year_ago_from": year_ago_from,
        "year_ago_to": year_ago_to,
        "past_from": past_from,
        "past_to": max(past_from, min(year_ago_to, before_from)),
    }
    types = {"place_id": pa.int64(), "offense": pa.string(), "windows": pa.int8()}
    table = read_table(statement("window_incidents"), parameters, types)
    offense = pa.compute.index_in(table.column("offense"), pa.array(codes, pa.string()))
    return {
        "place_id": table.column("place_id").to_numpy(),
        "offense": offense.to_numpy(),
        "windows": table.column("windows").to_numpy(),
    }


def run_scores(run: ConcentrationRun, with_geometry: bool) -> pa.Table:
    """A run's scores and places by rank; `size` in m or m² (null for addresses), `geometry` as hexadecimal WKB."""
    types = {
        "place_id": pa.int64(),
        "source_id": pa.string(),
        "name": pa.string(),
        "size": pa.float64(),
        "count": pa.int64(),
        "risk_count": pa.int64(),
        "harm": pa.float64(),
        "rank": pa.int64(),
        "share": pa.float64(),
        "z": pa.float64(),
        "q": pa.float64(),
        "geometry": pa.string(),
    }
    return read_table(statement("run_scores"), {"run_id": run.pk, "with_geometry": with_geometry}, types)


def default_as_of() -> date:
    """The last whole day: yesterday in the agency's zone, or, where the data ends earlier, its last day."""
    zone = agency_zone()
    yesterday = timezone.localdate(timezone=zone) - timedelta(days=1)
    latest = Incident.objects.standing().aggregate(latest=Max("occurred_from"))["latest"]
    return yesterday if latest is None else min(yesterday, latest.astimezone(zone).date())


def standing_specs(as_of: date) -> list[RunSpec]:
    """What is computed every night: each kind that the city has places of, for each standing window."""
    kinds = set(Place.objects.current().values_list("kind", flat=True).distinct())
    return [
        RunSpec(kind, as_of, days) for kind in Place.Kind.values if kind in kinds for days in settings.STANDING_WINDOWS
    ]


def data_version() -> str:
    """Another text whenever something that runs are computed from has changed.

    It names several of the latest changes, not the last alone, since rows may become visible out of order.
    """
    changes = (
        AuditEntry.objects.filter(action__in=DATA_CHANGES)
        .exclude(details__contains={"changed": False})  # the same file again
        .order_by("-pk")
        .values_list("pk")[:5]
    )
    batches = (
        ImportBatch.objects.exclude(finished_at=None).order_by("-finished_at").values_list("pk", "finished_at")[:5]
    )
    offenses = Offense.objects.order_by("pk").values_list("pk", "category", "harm_weight", "enforcement_generated")
    facts = [list(changes), list(batches), list(offenses), agency_zone().key, settings.GI_BAND_M]
    return blake2b(repr(facts).encode(), digest_size=12).hexdigest()


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let several queries see the database as it was at one moment. Inside a transaction its own rules hold.

    A second core may help the database to read a window; by default it thinks such narrow rows too dear to hand over.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;"
                "SET LOCAL parallel_tuple_cost = 0.01; SET LOCAL max_parallel_workers_per_gather = 1"
            )
        yield


@contextmanager
def session_lock(name: str) -> Iterator[bool]:
    """Hold the named lock if it is free, and say whether it was.

    It belongs to the database session, so it ends with the process that holds it, however that dies.
    """
    key = lock_key(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        held = cursor.fetchone()[0]
    try:
        yield held
    finally:
        if held:
            # Where the connection is lost, so is the lock.
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def held_locks(names: Iterable[str]) -> set[str]:
    """Which of the named locks are held by anybody, without touching them."""
    keys = {lock_key(name): name for name in names}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM (SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks"
            " WHERE locktype = 'advisory' AND objsubid = 1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held"
            " WHERE key = ANY(%s)",
            [list(keys)],
        )
        return {keys[key] for (key,) in cursor.fetchall()}


def lock_key(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
