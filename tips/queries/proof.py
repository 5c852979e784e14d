"""The whole database as a stream of bytes, for `prove_anonymity`: every table of every schema, whatever is in it."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import connections
from psycopg2 import sql

from tips.models import Tip

CHUNK = 1 << 20
TABLES = """
SELECT space.nspname, class.relname, has_table_privilege(class.oid, 'SELECT')
FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
WHERE class.relkind IN ('r', 'm') AND space.nspname !~ '^(pg_toast|pg_temp)' AND space.nspname <> 'information_schema'
ORDER BY space.nspname = 'pg_catalog', space.nspname, class.relname
"""
COLUMNS = """
SELECT attribute.attname FROM pg_attribute AS attribute
JOIN pg_class AS class ON class.oid = attribute.attrelid JOIN pg_namespace AS space ON space.oid = class.relnamespace
WHERE space.nspname = %s AND class.relname = %s AND attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY attribute.attnum
"""
# What the server knows beside its tables, as far as this role may see it.
BESIDE = {
    "sequences": "SELECT * FROM pg_catalog.pg_sequences",
    "what sessions do now": "SELECT * FROM pg_catalog.pg_stat_activity",
    "statistics of columns": "SELECT * FROM pg_catalog.pg_stats",
    "settings": "SELECT name, setting FROM pg_catalog.pg_settings",
}
STATEMENTS = "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_stat_statements'"
# What a role may do with which column.
RIGHTS = """
SELECT privilege_type || ' ' || table_schema || '.' || table_name || '.' || column_name
FROM information_schema.column_privileges WHERE grantee = %(role)s
"""


class Sink(Protocol):
    def write(self, piece: bytes) -> int: ...


class Table(NamedTuple):
    schema: str
    name: str
    readable: bool

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def is_system(self) -> bool:
        return self.schema == "pg_catalog"


def tables() -> list[Table]:
    return [Table(*row) for row in _rows(TABLES)]


def columns(table: Table) -> list[str]:
    return [name for (name,) in _rows(COLUMNS, table.schema, table.name)]


def copy_table(table: Table, to: Sink, *, column: str | None = None) -> int:
    """Rows as PostgreSQL holds them: texts and bytes as they are, an address packed. Returns how many."""
    chosen = sql.Identifier(column) if column else sql.SQL("*")
    query = sql.SQL("SELECT {} FROM ONLY {}").format(chosen, sql.Identifier(table.schema, table.name))
    return _copy(query, to, binary=not table.is_system)


def copy_beside(to: Sink) -> list[str]:
    """What was read of it."""
    queries = dict(BESIDE)
    if found := _rows(STATEMENTS):
        queries["statistics of statements"] = f"SELECT * FROM {found[0][0]}.pg_stat_statements"  # noqa: S608
    return [f"{what} ({_copy(sql.SQL(query), to)})" for what, query in queries.items()]


def copy_large_objects(to: Sink) -> int:
    found = [oid for (oid,) in _rows("SELECT oid FROM pg_largeobject_metadata")]
    for oid in found:
        at = 0
        while piece := bytes(_rows("SELECT lo_get(%s, %s, %s)", oid, at, CHUNK)[0][0]):
            to.write(piece)
            at += len(piece)
    return len(found)


def sessions() -> Iterator[str]:
    """The contents of sign-in sessions, which may be compressed: as they are stored, a few at a time."""
    with connections["owner"].chunked_cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        while rows := cursor.fetchmany(500):
            yield from (data for (data,) in rows)


def server_programs_fit() -> int:
    return int(_rows("SHOW server_version_num")[0][0]) // 10_000


def rights_of_intake(role: str) -> set[str]:
    return {right for (right,) in _rows(RIGHTS, role=role)}


def number_stored(sendings: list[UUID]) -> int:
    return Tip.objects.filter(sending__in=sendings).count()


def keep_from_alert(sendings: list[UUID]) -> None:
    Tip.objects.filter(sending__in=sendings).update(alerted=True)


def remove(sendings: list[UUID]) -> None:
    Tip.objects.filter(sending__in=sendings).delete()


def _copy(query: sql.Composable, to: Sink, *, binary: bool = False) -> int:
    how = sql.SQL("COPY ({}) TO STDOUT {}").format(query, sql.SQL("(FORMAT binary)" if binary else ""))
    with connections["owner"].cursor() as cursor:
        cursor.copy_expert(how.as_string(cursor.connection), to)
        return cursor.rowcount


def _rows(statement: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, named or parameters or None)
        return cursor.fetchall()
