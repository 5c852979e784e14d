"""Visits from CAD exports and from the positions of vehicles, marked as imported."""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.text import get_valid_filename

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.ingest.errors import InputError
from hotspots.ingest.readers import BadRow
from tactics import ingest
from tactics.models import VisitImport, VisitReject
from tactics.queries import imports as queries

DWELL = timedelta(minutes=3)
MOST_REJECTS = 10_000  # kept with their rows; more are counted
COUNTS = ("read", "created", "updated", "unchanged", "rejected")
TABLES = {VisitImport.Kind.PINGS: "ping", VisitImport.Kind.VISITS: "staged_visit"}
Status = VisitImport.Status


def _silent(_: float) -> None:
    pass


def start_import(
    *,
    by: User | None,
    kind: str,
    source: str,
    file_name: str,
    dwell: timedelta = DWELL,
    columns: Mapping[str, str] | None = None,
) -> VisitImport:
    return VisitImport.objects.create(
        started_by=by,
        kind=kind,
        source=source[:60],
        file_name=file_name[:200],
        columns=dict(columns or {}),
        dwell_seconds=round(dwell.total_seconds()) if kind == VisitImport.Kind.PINGS else None,
    )


def import_visits(*, batch: VisitImport, path: Path, progress: Callable[[float], None] = _silent) -> VisitImport:
    """Take in a file. Readers see all of its visits at once or, on an error, none. Raises InputError.

    The same file again changes nothing; a file that goes on where the last one stopped lengthens its last visits.
    """
    VisitImport.objects.filter(pk=batch.pk).update(status=Status.RUNNING)
    batch.status = Status.RUNNING
    try:
        with path.open("rb") as handle:
            batch.sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
        _import(batch, path, progress)
    except BaseException as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise  # nobody can be told
        message = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        VisitImport.objects.filter(pk=batch.pk).update(
            status=Status.FAILED, error=message[:2000], finished_at=timezone.now()
        )
        raise
    return batch


@transaction.atomic
def _import(batch: VisitImport, path: Path, progress: Callable[[float], None]) -> None:
    rejects = _Rejects()
    with queries.stage():
        for read, rows, share in ingest.read(path, batch.kind, batch.columns, agency_zone(), rejects.add):
            batch.read += read
            queries.copy(TABLES[VisitImport.Kind(batch.kind)], rows)
            progress(0.8 * share)
        queries.lock_imports()
        rules = queries.Rules(dwell=timedelta(seconds=batch.dwell_seconds or 0))
        visits = queries.make_visits(kind=batch.kind, source=batch.source, zone=agency_zone().key, rules=rules)
        VisitReject.objects.bulk_create(
            VisitReject(batch=batch, line=row.line, reason=row.reason, row=row.text) for row in rejects.kept
        )
        nowhere = queries.reject_nowhere(batch=batch.pk)
        batch.updated, batch.created = queries.store(batch=batch.pk, kind=batch.kind, source=batch.source, rules=rules)
    batch.rejected = rejects.count + nowhere
    batch.unchanged = visits - nowhere - batch.created - batch.updated
    batch.status, batch.finished_at = Status.DONE, timezone.now()
    batch.save()
    record(
        by=batch.started_by,
        action=AuditEntry.Action.VISITS_IMPORTED,
        subject=batch.source,
        batch=batch.pk,
        kind=batch.kind,
        file=batch.file_name,
        **{name: getattr(batch, name) for name in COUNTS},
    )
    progress(1.0)


class _Rejects:
    """Flat in memory however bad the file is."""

    def __init__(self) -> None:
        self.count, self.kept = 0, list[BadRow]()

    def add(self, row: BadRow) -> None:
        self.count += 1
        if len(self.kept) < MOST_REJECTS:
            self.kept.append(row)


# --- through the browser ----------------------------------------------------------------------------------------------


def folder_of(batch: VisitImport) -> Path:
    return Path(settings.MEDIA_ROOT) / "visits" / str(batch.pk)


def receive_upload(
    *,
    by: User,
    kind: str,
    source: str,
    file: UploadedFile,
    dwell: timedelta,
    columns: Mapping[str, str],
    queue: Callable[[int], object],
) -> VisitImport:
    """Keep the file and hand it to a worker. Raises InputError where its columns make no sense, before anything is kept."""
    name = get_valid_filename(Path(file.name or "").name or "visits.csv")
    batch = start_import(by=by, kind=kind, source=source, file_name=name, dwell=dwell, columns=columns)
    folder = folder_of(batch)
    folder.mkdir(parents=True, mode=0o700)
    path = folder / name
    try:
        with path.open("wb") as out:
            for block in file.chunks():
                out.write(block)
        path.chmod(0o600)
        ingest.choose_columns(kind, ingest.Reader(path).headers(), columns)
        queue(batch.pk)
    except BaseException:
        forget(batch)
        batch.delete()
        raise
    return batch


def run_upload(batch_id: int) -> None:
    """For the worker. A batch that is done or failed is left alone; one whose worker was killed starts over."""
    batch = VisitImport.objects.select_related("started_by").get(pk=batch_id)
    if batch.finished_at:
        return
    path = folder_of(batch) / batch.file_name
    try:
        import_visits(batch=batch, path=path)
    except InputError:  # the batch says so
        pass
    except FileNotFoundError:
        VisitImport.objects.filter(pk=batch.pk).update(error="The uploaded file is gone. Upload it again.")
    except (OperationalError, InterfaceError):
        raise  # the database is away: the task comes again and needs the file
    except BaseException:
        forget(batch)
        raise
    forget(batch)


def forget(batch: VisitImport) -> None:
    shutil.rmtree(folder_of(batch), ignore_errors=True)
