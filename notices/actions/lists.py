"""Lists of mailing addresses and of owners: kept until their columns are known, read by a worker, stored at once."""

import tempfile
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.agency import agency_zone
from accounts.models import AuditEntry, User
from hotspots.ingest.errors import InputError
from hotspots.ingest.readers import BadRow
from notices import lists
from notices.models import ListImport, ListReject
from notices.queries import lists as queries
from tactics.actions.trespass import end_authorization

Status = ListImport.Status
MOST_REJECTS = 10_000  # kept with their rows; more are counted
LEAST_SHARE = 0.5  # of the last list's rows; a shorter one is perhaps of a part of the city
ROWS_AT_ONCE = 20_000
COUNTS = ("rows_read", "created", "changed", "unchanged", "ended", "rejected")
# What becomes of ownerships that a short list does not have.
ASK, END, KEEP = "ask", "end", "keep"
T = TypeVar("T")


class IsPartial(Exception):
    """The list is much shorter than the last of its source, and would end ownerships. Nothing of it is stored."""

    def __init__(self, ended: int, rows: int, before: int) -> None:
        super().__init__(ended, rows, before)
        self.ended, self.rows, self.before = ended, rows, before


def receive(*, by: User, kind: str, source: str, file: UploadedFile) -> ListImport:
    """Keep a file until its columns are known. Raises InputError where it is no table, before anything is kept."""
    name = get_valid_filename(Path(file.name or "").name or "list.csv")
    file.name = name
    found = ListImport(kind=kind, source=source.strip(), file=file, file_name=name[:200], uploaded_by=by)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as out:
            for block in file.chunks():
                out.write(block)
        lists.headers_of(path)
    file.seek(0)
    found.save()
    return found


def with_file(list_import: ListImport, use: Callable[[Path], T]) -> T:
    """The kept file as a path, whatever it is stored in."""
    if not list_import.file:
        raise InputError(_("The file is gone. Upload it again."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / list_import.file_name
        try:
            with list_import.file.open("rb") as kept, path.open("wb") as out:
                for block in kept.chunks():
                    out.write(block)
        except FileNotFoundError:
            raise InputError(_("The file is gone. Upload it again.")) from None
        return use(path)


def start(*, list_import: ListImport, columns: Mapping[str, str], queue: Callable[[int, str], object]) -> None:
    """The columns are known: a worker takes it."""
    list_import.columns = {ours: header for ours, header in columns.items() if header}
    list_import.save(update_fields=["columns"])
    queue(list_import.pk, ASK)


def answer(*, list_import: ListImport, missing: str, queue: Callable[[int, str], object]) -> None:
    """What to do with ownerships that a short list does not have: END or KEEP."""
    if missing not in (END, KEEP) or list_import.status != Status.PARTIAL:
        return
    queue(list_import.pk, missing)
    ListImport.objects.filter(pk=list_import.pk, status=Status.PARTIAL).update(status=Status.WAITING)


def discard(*, list_import: ListImport) -> None:
    """A list that was not taken in, with its file."""
    if list_import.status in (Status.WAITING, Status.PARTIAL):
        list_import.file.delete(save=False)
        list_import.delete()


def run(list_import_id: int, missing: str = ASK) -> None:
    """For the worker. A list that is done or failed is left alone; one whose worker was killed starts over."""
    found = ListImport.objects.select_related("uploaded_by").filter(pk=list_import_id).first()
    if found is None or found.finished_at:
        return
    ListImport.objects.filter(pk=found.pk).update(status=Status.RUNNING, rows_read=0, rows_total=0)
    try:
        with_file(found, lambda path: take_in(list_import=found, path=path, missing=missing))
    except IsPartial as partial:
        ListImport.objects.filter(pk=found.pk).update(
            status=Status.PARTIAL, rows_read=partial.rows, ended=partial.ended
        )
        return
    except (OperationalError, InterfaceError):
        raise  # the database is away: the task comes again and needs the file
    except InputError as error:
        _fail(found, str(error))
    except BaseException as error:
        _fail(found, f"{type(error).__name__}: {error}")
        raise
    found.file.delete(save=True)


def _fail(found: ListImport, problem: str) -> None:
    """Unless another worker, who had the same list, finished it meanwhile."""
    unfinished = ListImport.objects.filter(pk=found.pk, finished_at=None)
    unfinished.update(status=Status.FAILED, problem=problem[:2000], finished_at=timezone.now())


def take_in(*, list_import: ListImport, path: Path, missing: str = ASK) -> ListImport:
    """Store a list. Readers see all of it at once or, on an error, none; the same list again changes nothing.

    Raises InputError, and IsPartial where `missing` is ASK and a short list would end ownerships.
    """
    rejects = _Rejects()
    _tell(list_import, 0, lists.lines_of(path))

    def progress(rows: int) -> None:
        _tell(list_import, rows, list_import.rows_total)

    rows = list(lists.read(path, list_import.kind, list_import.columns, rejects.add, progress))
    _tell(list_import, list_import.rows_read, list_import.rows_read)
    with transaction.atomic():
        queries.lock()
        queries.stage()
        table = "listed_owner" if list_import.kind == ListImport.Kind.OWNERS else "listed_address"
        left = iter(rows)
        while part := list(islice(left, ROWS_AT_ONCE)):
            queries.copy(table, part)
        counts = _owners(list_import, missing) if table == "listed_owner" else _addresses(list_import)
        by_line = {row.line: row for row in rows} if queries.rejected() else {}
        for line, reason in queries.rejected():
            rejects.add(BadRow(line, reason, ""), _shown(by_line[line]))
        _finish(list_import, counts, rejects)
    return list_import


def _tell(list_import: ListImport, rows: int, total: int) -> None:
    """For whoever waits, outside of the transaction that stores."""
    list_import.rows_read, list_import.rows_total = rows, max(rows, total)
    list_import.save(update_fields=["rows_read", "rows_total"])


def _shown(row: lists.AddressRow | lists.OwnerRow) -> dict[str, str]:
    return {name: str(value) for name, value in row._asdict().items() if value not in (None, "") and name != "key"}


def _addresses(list_import: ListImport) -> queries.Counts:
    queries.run("match_addresses")
    return queries.store_mailboxes(list_import.source, with_vacant="vacant" in list_import.columns)


def _owners(list_import: ListImport, missing: str) -> queries.Counts:
    day = timezone.localdate(timezone=agency_zone())
    ended = queries.compare_ownerships(list_import.source, day)
    before = queries.last_done(list_import.kind, list_import.source)
    is_short = before is not None and list_import.rows_read < LEAST_SHARE * before.rows_read
    if before and is_short and ended and missing == ASK:
        raise IsPartial(ended, list_import.rows_read, before.rows_read)
    if missing == KEEP:
        queries.keep_what_is_not_listed()
    counts = queries.store_ownerships(list_import.source, day)
    authorizations = list(queries.authorizations_of_new_owners(day))
    for authorization in authorizations:
        end_authorization(by=list_import.uploaded_by, authorization=authorization, ended_on=day, owner_changed=True)
    list_import.authorizations = [str(authorization.pk) for authorization in authorizations]
    return counts


def _finish(list_import: ListImport, counts: queries.Counts, rejects: "_Rejects") -> None:
    ListReject.objects.bulk_create(
        (
            ListReject(list_import=list_import, line=line, reason=reason[:300], row=row)
            for line, reason, row in rejects.kept
        ),
        batch_size=1000,
    )
    for name, value in counts._asdict().items():
        setattr(list_import, name, value)
    list_import.rejected = rejects.count
    list_import.status, list_import.finished_at, list_import.problem = Status.DONE, timezone.now(), ""
    list_import.save()
    record(
        by=list_import.uploaded_by,
        action=AuditEntry.Action.LISTS_IMPORTED,
        subject=list_import.source,
        list=list_import.pk,
        kind=list_import.kind,
        file=list_import.file_name,
        authorizations_ended=len(list_import.authorizations),
        **{name: getattr(list_import, name) for name in COUNTS},
    )


class _Rejects:
    """Flat in memory however bad the list is."""

    def __init__(self) -> None:
        self.count, self.kept = 0, list[tuple[int, str, dict[str, str]]]()

    def add(self, row: BadRow, values: Mapping[str, str]) -> None:
        self.count += 1
        if len(self.kept) < MOST_REJECTS:
            self.kept.append((row.line, row.reason, dict(values) or {"row": row.text[:500]}))
