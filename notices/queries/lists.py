"""Lists on their way in: staged by COPY, matched with the city's places, and stored in sets."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from hotspots.statements import statement
from notices.lists import AddressRow, OwnerRow
from notices.models import ListImport
from tactics.models import TrespassAuthorization

SQL = Path(__file__).resolve().parent.parent / "sql" / "lists"
BY_HAND = "by hand"  # the source of a mailbox whose ZIP Code somebody typed
LIST_LOCK = 7_421_081
TABLES = {
    "listed_address": ("line", "number", "street", "unit", "zip_code", "carrier_route", "sequence", "vacant"),
    "listed_owner": (
        *("line", "parcel", "place", "number", "street", "unit", "key", "name", "care_of", "mail_street", "city"),
        *("state", "zip_code"),
    ),
}
# What is text is never NULL in a row of owners, and an empty text is not the same as a column that is not there.
NULL = r"\N"


class Counts(NamedTuple):
    created: int
    changed: int
    unchanged: int
    ended: int


def stage() -> None:
    """Empty tables for what a list holds, until the end of the transaction."""
    run("stage")


def lock() -> None:
    """One list at a time is stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIST_LOCK])


def copy(table: str, rows: Iterable[AddressRow | OwnerRow]) -> None:
    sent = StringIO()
    writer = csv.writer(sent)
    writer.writerows([NULL if value is None else value for value in row] for row in rows)
    sent.seek(0)
    command = f"COPY {table} ({', '.join(TABLES[table])}) FROM STDIN (FORMAT csv, NULL '{NULL}')"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(command, sent)


def run(name: str, **values: Any) -> tuple[int, ...]:
    """A statement of the folder; the row that it gives, if it gives one."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), values)
        return tuple(cursor.fetchone() or ()) if cursor.description else ()


def rejected() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT line, reason FROM rejected ORDER BY line")
        return cursor.fetchall()


def store_mailboxes(source: str, *, with_vacant: bool) -> Counts:
    created, changed, unchanged = run("store_mailboxes", source=source, by_hand=BY_HAND, with_vacant=with_vacant)
    return Counts(created, changed, unchanged, 0)


def compare_ownerships(source: str, day: date) -> int:
    """How many ownerships the list no longer has."""
    run("match_owners")
    run("moved_owners", source=source)
    run("store_owners", source=source)
    run("compare_ownerships", source=source, day=day)
    return _number("SELECT count(*) FROM ended")


def keep_what_is_not_listed() -> None:
    """A list of a part of the city says nothing on the rest of it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ended WHERE place_id NOT IN (SELECT place_id FROM listed_place)")


def store_ownerships(source: str, day: date) -> Counts:
    ended = _number("SELECT count(*) FROM ended")
    run("end_ownerships", day=day)
    created, changed, unchanged = run("store_ownerships", source=source, day=day)
    return Counts(created, changed, unchanged, ended)


def _number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def authorizations_of_new_owners(day: date) -> "QuerySet[TrespassAuthorization]":
    """Those that run at a place whose earlier owners are all gone and that has another one now."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "new_owners"))
        places = [row[0] for row in cursor.fetchall()]
    return (
        TrespassAuthorization.objects.filter(
            measure__place__in=places, ended_on=None, signed_on__lte=day, measure__status="open"
        )
        .select_related("measure")
        .order_by("pk")
    )


def last_done(kind: str, source: str) -> ListImport | None:
    return ListImport.objects.filter(kind=kind, source=source, status=ListImport.Status.DONE).order_by("-pk").first()


def known_columns(kind: str, source: str) -> dict[str, str]:
    """Which column was which in the last list of this source."""
    last = ListImport.objects.filter(kind=kind, source=source).exclude(columns={}).order_by("-pk").first()
    return last.columns if last else {}


def sources() -> Sequence[str]:
    return list(ListImport.objects.order_by("source").values_list("source", flat=True).distinct())


def imports() -> "QuerySet[ListImport]":
    return ListImport.objects.select_related("uploaded_by")


def ended_authorizations(list_import: ListImport) -> "QuerySet[TrespassAuthorization]":
    return TrespassAuthorization.objects.filter(measure__in=list_import.authorizations).select_related("measure__place")
