"""Emptying the database after a test that commits, and putting back what the migrations had loaded.

Done as the owner of the tables: the application's role may neither truncate nor touch the audit trail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

KEPT = "django_migrations"
ASIDE = "reference_rows"


def copy_reference_rows() -> None:
    with as_owner() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE; CREATE SCHEMA {ASIDE}")
        for table in _tables(cursor, "public"):
            cursor.execute(f'SELECT EXISTS (SELECT FROM public."{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE {ASIDE}."{table}" AS TABLE public."{table}"')


def restore_reference_rows() -> None:
    """Event tables come last, for putting the other rows back makes events of its own."""
    with as_owner() as cursor:
        cursor.execute("SET lock_timeout = '20s'")
        tables, aside = _tables(cursor, "public"), _tables(cursor, ASIDE)
        cursor.execute(_truncate(tables))
        cursor.execute("BEGIN")
        _copy_back(cursor, [table for table in aside if not table.endswith("event")])
        cursor.execute("COMMIT")
        cursor.execute(_truncate([table for table in tables if table.endswith("event")]))
        _copy_back(cursor, [table for table in aside if table.endswith("event")])


def end_other_sessions() -> None:
    """A thread of the live server may still hold a connection, and a database in use cannot be dropped."""
    with as_owner() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
        )


@contextmanager
def as_owner() -> Iterator[Any]:
    """A connection of its own, which no test case has shut."""
    connection = connections["owner"].copy()
    connection.connect()
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _tables(cursor: Any, schema: str) -> list[str]:
    owned = "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tableowner = current_user AND tablename <> %s"
    cursor.execute(owned, [schema, KEPT])
    return [name for (name,) in cursor.fetchall()]


def _copy_back(cursor: Any, tables: list[str]) -> None:
    for table in tables:
        cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {ASIDE}."{table}"')


def _truncate(tables: list[str]) -> str:
    return "TRUNCATE " + ", ".join(f'public."{table}"' for table in tables)
