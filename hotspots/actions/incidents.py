"""Imports of incidents, and where their locations lie."""

import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.ingest import mapping as mappings
from hotspots.ingest import uploads
from hotspots.ingest.columns import points_column
from hotspots.ingest.errors import InputError
from hotspots.ingest.locating import City, Located, locate
from hotspots.ingest.mapping import Mapping
from hotspots.ingest.readers import BadRow, Reader, find_files
from hotspots.ingest.rejects import write_rejects
from hotspots.ingest.rows import Bound, bind, translate
from hotspots.models import ImportBatch, Location, Offense
from hotspots.models.places import SRID
from hotspots.queries import incidents as queries
from hotspots.queries.places import lock_imports

READING_SHARE = 0.7  # of the progress bar
PROGRESS_SECONDS = 1.0
COUNTS = ("read", "created", "updated", "unchanged", "excluded", "retracted", "rejected", "unlocated")

logger = logging.getLogger(__name__)
Say = Callable[[str], None]
Progress = Callable[[float], None]


def _silent(_: object) -> None:
    pass


@dataclass(frozen=True)
class Input:
    reader: Reader
    bound: Bound


def import_incidents(
    *,
    by: User | None,
    paths: Sequence[Path],
    mapping: str | Mapping,
    source: str = "",
    rejects: Path | None = None,
    progress: Progress = _silent,
    say: Say = _silent,
    batch: ImportBatch | None = None,
) -> ImportBatch:
    """Take in incidents from files and folders. Readers see all of it at once or, on an error, nothing.

    Rows that make no sense become the batch's rejects, also written to the file `rejects`. In a folder, files that the
    mapping does not fit are passed over and named to `say`; a file that is named itself must fit. Raises InputError.
    `batch` is one that waits already (an upload); else one is made.
    """
    mapping = mapping if isinstance(mapping, Mapping) else mappings.load(mapping)
    source = (source or mapping.source)[:60]
    batch = batch or ImportBatch.objects.create(started_by=by, source=source, status=ImportBatch.Status.WAITING)
    tracker = _Tracker(batch, progress)
    with contextlib.suppress(NotImplementedError):  # Arrow's usual allocator keeps for good what it has held once
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    with queries.batch_lock(batch):
        batch.refresh_from_db()
        if batch.finished_at:  # by another worker that was given the same task
            return batch
        try:
            batch.source, batch.mapping_name, batch.mapping = source, mapping.name[:60], dict(mapping.document)
            inputs = _open(paths, mapping, say)
            batch.files = [_described(item.reader.path) for item in inputs]
            batch.status = ImportBatch.Status.RUNNING
            batch.save()
            _work(by, batch, inputs, mapping, tracker)
        except BaseException as error:
            _fail(batch, error)
            raise
    tracker.show(1.0)
    if rejects:
        with rejects.open("w", encoding="utf-8", newline="") as out:
            write_rejects(batch, out)
    return batch


def _open(paths: Sequence[Path], mapping: Mapping, say: Say) -> list[Input]:
    files, passed_over = find_files(paths)
    named = {path.resolve() for path in paths}
    known = frozenset(Offense.objects.values_list("code", flat=True))
    if unknown := sorted(mapping.offenses.targets - known):
        raise InputError(
            f"the mapping {mapping.name} names {', '.join(unknown)}, which is not a NIBRS code of the offense table"
        )
    for path in passed_over:
        say(f"Passed over {path.name}: not a file of rows.")
    inputs = []
    offenses: dict[tuple[str, str], str] = {}
    for path in files:
        try:
            reader = Reader(path)
            inputs.append(Input(reader, bind(mapping, reader.headers(), known, offenses)))
        except InputError as error:
            if path.resolve() in named:
                raise InputError(f"{path.name}: {error}") from None
            say(f"Passed over {path.name}: {error}")
    if not inputs:
        raise InputError(f"no file fits the mapping {mapping.name}")
    return inputs


def _described(path: Path) -> dict[str, object]:
    with path.open("rb") as handle:
        return {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.file_digest(handle, "sha256").hexdigest(),
        }


def _work(by: User | None, batch: ImportBatch, inputs: list[Input], mapping: Mapping, tracker: "_Tracker") -> None:
    with queries.Stage() as stage:
        crs_list = sorted({item.bound.crs for item in inputs})
        read, excluded = _read(stage, inputs, crs_list, tracker)
        tracker.show(READING_SHARE)
        with transaction.atomic():
            lock_imports()
            queries.resolve(key_names=", ".join(mapping.key))
            _locate_new(stage, crs_list, mapping)
            counts = queries.store(source=batch.source, batch=batch)
            counts |= {"read": read, "excluded": excluded}
            for name in COUNTS:
                setattr(batch, name, counts[name])
            batch.status, batch.progress, batch.finished_at = ImportBatch.Status.DONE, 1.0, timezone.now()
            batch.save()
            record(
                by=by,
                action=AuditEntry.Action.INCIDENTS_IMPORTED,
                subject=batch.source,
                batch=batch.pk,
                files=[file["name"] for file in batch.files][:200],
                **counts,
            )


def _read(stage: queries.Stage, inputs: list[Input], crs_list: list[str], tracker: "_Tracker") -> tuple[int, int]:
    """Copy what the files hold to the stage. Rows read and rows excluded."""
    read = excluded = 0
    whole = sum(item.reader.size for item in inputs)
    done = 0
    bad: list[BadRow] = []
    names = pa.table({"file": range(len(inputs)), "name": [item.reader.path.name for item in inputs]})
    stage.copy({"incoming_file": names})
    for number, item in enumerate(inputs):
        for chunk in item.reader.chunks(bad.append):
            ragged = len(bad)
            rows = translate(chunk, item.bound, number, bad.append)
            read += rows.read + ragged
            excluded += rows.excluded
            crs = pa.array(np.full(len(rows.locations), crs_list.index(item.bound.crs)))
            locations = rows.locations.append_column("crs", crs)
            stage.copy(
                {"incoming": rows.incidents, "incoming_location": locations, "incoming_reject": _rejects(bad, number)}
            )
            bad.clear()
            tracker.show_soon(READING_SHARE * (done + item.reader.position) / whole, stage)
        read += len(bad)
        stage.copy({"incoming_reject": _rejects(bad, number)})
        bad.clear()
        done += item.reader.size
    stage.settle()
    return read, excluded


def _rejects(bad: list[BadRow], file: int) -> pa.Table:
    return pa.table(
        {
            "file": pa.array([file] * len(bad), pa.int32()),
            "line": pa.array([row.line for row in bad], pa.int64()),
            "reason": pa.array([row.reason for row in bad], pa.string()),
            "content": pa.array([row.text for row in bad], pa.string()),
        }
    )


def _locate_new(stage: queries.Stage, crs_list: list[str], mapping: Mapping) -> None:
    """Locate what is not known yet. While one page is located here, the database stores the one before."""
    count = queries.stage_new_locations(has_key=bool(mapping.key))
    if not count:
        return
    city = City()
    pages = queries.new_locations(count)
    page = next(pages, None)
    while page is not None:
        texts = page.column("address_text").to_numpy(zero_copy_only=False)
        xy = np.column_stack([page.column(name).to_numpy() for name in ("x", "y")])
        which = page.column("crs").to_numpy()
        parts = []
        for number in np.unique(which):
            mask = which == number
            located = locate(texts[mask], xy[mask], crs_list[number], city)
            parts.append(_location_rows(page.filter(pa.array(mask)), located))
        stage.settle()
        page = next(pages, None)
        queries.create_locations(stage, pa.concat_tables(parts))
    stage.settle()
    if count > queries.MANY:
        queries.gather_statistics("hotspots_location")


def _location_rows(page: pa.Table, located: Located) -> pa.Table:
    def place(ids: np.ndarray) -> pa.Array:
        return pa.array(ids, mask=ids == 0)

    def number(values: np.ndarray) -> pa.Array:
        return pa.array(values, from_pandas=True)

    return pa.table(
        {
            "digest": page.column("digest"),
            "address_text": page.column("address_text"),
            "reported": points_column(located.reported, SRID),
            "point": points_column(located.point, SRID),
            "method": pa.array(located.method, pa.string()),
            "score": pa.array(located.score),
            "distance_m": number(located.distance_m),
            "problem": pa.array(located.problem, pa.string()),
            "address_id": place(located.address),
            "block_id": place(located.block),
            "complex_id": place(located.complex),
        }
    )


def _fail(batch: ImportBatch, error: BaseException) -> None:
    """Say in the batch what went wrong. The stage and the transaction are gone by themselves."""
    message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
    ImportBatch.objects.filter(pk=batch.pk).update(
        status=ImportBatch.Status.FAILED, error=message[:2000], finished_at=timezone.now()
    )


def fail_abandoned() -> int:
    """Mark as failed the batches whose import was killed. How many there were."""
    count = 0
    for batch in ImportBatch.objects.filter(status=ImportBatch.Status.RUNNING):
        if not queries.is_worked_on(batch):
            _fail(batch, InputError("The import was interrupted. Nothing of it was stored; start it again."))
            count += 1
    return count


class _Tracker:
    """Progress to the terminal and, now and then, to the batch, where a page reads it."""

    def __init__(self, batch: ImportBatch, progress: Progress) -> None:
        self._batch, self._progress, self._at = batch, progress, time.monotonic()

    def show(self, share: float) -> None:
        self._progress(share)
        ImportBatch.objects.filter(pk=self._batch.pk, status=ImportBatch.Status.RUNNING).update(progress=share)

    def show_soon(self, share: float, stage: queries.Stage) -> None:
        self._progress(share)
        if time.monotonic() - self._at > PROGRESS_SECONDS:
            self._at = time.monotonic()
            stage.settle()
            self.show(share)


def receive_upload(*, by: User, files: Sequence[UploadedFile]) -> ImportBatch:
    """Keep uploaded files as a batch that waits for its mapping."""
    batch = ImportBatch.objects.create(started_by=by, source="", mapping_name="", status=ImportBatch.Status.WAITING)
    batch.files = uploads.keep(batch, files)
    batch.save(update_fields=["files"])
    return batch


def check_upload(*, batch: ImportBatch, mapping: Mapping) -> None:
    """Whether a mapping fits every uploaded file. Raises InputError."""
    _open(uploads.files_of(batch), mapping, _silent)


@transaction.atomic
def start_upload(*, batch: ImportBatch, mapping: Mapping, queue: Callable[[int], object]) -> None:
    """Give a waiting batch its mapping and, once that is committed, to a worker."""
    waiting = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if waiting.status != ImportBatch.Status.WAITING or waiting.mapping:
        raise InputError("This import has been started already.")
    waiting.mapping, waiting.mapping_name, waiting.source = (
        dict(mapping.document),
        mapping.name[:60],
        mapping.source[:60],
    )
    waiting.save(update_fields=["mapping", "mapping_name", "source"])
    transaction.on_commit(lambda: queue(batch.pk))


def take_back_start(*, batch: ImportBatch) -> None:
    """Let a batch that could not be given to the queue wait for its mapping again."""
    ImportBatch.objects.filter(pk=batch.pk, status=ImportBatch.Status.WAITING).update(
        mapping={}, mapping_name="", source=""
    )


def run_upload(batch_id: int) -> None:
    """Import the files of a batch, then delete them. Does nothing for a batch that is done or failed.

    A batch that says it is running is one whose worker was killed, or one that another worker works on: only
    the first is started again.
    """
    batch = ImportBatch.objects.select_related("started_by").get(pk=batch_id)
    if batch.finished_at or not batch.mapping or queries.is_worked_on(batch):
        return
    try:
        import_incidents(
            by=batch.started_by,
            paths=uploads.files_of(batch),
            mapping=mappings.from_document(batch.mapping),
            source=batch.source,
            batch=batch,
        )
    except InputError as error:  # the batch says so
        logger.info("Import %s failed: %s", batch_id, error)
    uploads.forget(batch)


def discard_upload(*, batch: ImportBatch) -> None:
    """Forget an upload that was not started."""
    with transaction.atomic():
        waiting = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if waiting.status != ImportBatch.Status.WAITING or waiting.mapping:
            raise InputError("This import has been started already.")
        waiting.delete()
    uploads.forget(batch)


KEPT_PROBLEMS = [
    problem.value for problem in (Location.Problem.NULL_ISLAND, Location.Problem.SWAPPED, Location.Problem.OUT_OF_RANGE)
]


@transaction.atomic
def relocate(*, locations: Sequence[int] | None = None) -> int:
    """Locate all Locations anew after places changed, or those with these ids. How many changed.

    What was placed by hand stays. Coordinates that were unusable were not kept, only what was wrong with them.
    """
    queries.stage_located()
    city: City | None = None
    changed = 0
    for page in queries.known_locations(locations):
        city = city or City()
        texts = page.column("address_text").to_numpy(zero_copy_only=False)
        xy = np.column_stack([page.column(name).to_numpy() for name in ("x", "y")])
        located = locate(texts, xy, mappings.WGS84, city)
        before = page.column("problem").to_numpy(zero_copy_only=False)
        located.problem = np.where(np.isin(before, KEPT_PROBLEMS), before, located.problem)
        changed += queries.update_locations(_location_rows(page, located))
    return changed
