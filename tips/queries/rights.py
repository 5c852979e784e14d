"""What the intake process's role may do: read six views and call five functions. Nothing else."""

import logging
from typing import Any

from django.conf import settings
from django.db import connections
from psycopg2 import sql

VIEWS = ("tips_reader", "tips_agency", "tips_proof", "tips_salt", "tips_street", "tips_outline")
FUNCTIONS = ("tips_store", "tips_count_in", "tips_opened", "tips_answers", "tips_add")
# Anybody may call a function until that is taken away; these run with the rights of the owner.
OWNERS_FUNCTIONS = """
SELECT oid::regprocedure::text, proname FROM pg_proc
WHERE prosecdef AND pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
"""

log = logging.getLogger(__name__)


def grant(using: str, **kwargs: Any) -> None:
    """After every `migrate`: take all away, then give what the list says."""
    connection, role = connections[using], settings.INTAKE_DB_USER
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            log.warning(
                "There is no database role %s, so the tip form cannot work. scripts/database.sql makes it.", role
            )
            return
        cursor.execute("SELECT 1 FROM pg_class WHERE relname = 'tips_street' AND relnamespace = 'public'::regnamespace")
        if not cursor.fetchone():  # migrated part of the way
            return
        for statement in _statements(cursor, role):
            cursor.execute(statement)


def _statements(cursor: Any, role: str) -> list[sql.Composed]:
    to = sql.Identifier(role)
    application = sql.Identifier(str(settings.DATABASES["default"]["USER"]))
    database = sql.Identifier(str(cursor.db.settings_dict["NAME"]))
    made = [
        sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(to),
        sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}").format(to),
        # Who may make a function of their own, if for a session, has rows shown to it that a view leaves out.
        sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(database, to),
        sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(database, application),
    ]
    made += [sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(view), to) for view in VIEWS]
    cursor.execute(OWNERS_FUNCTIONS)
    for signature, name in cursor.fetchall():
        callers = sql.SQL(", ").join([application, to] if name in FUNCTIONS else [application])
        made.append(sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC, {}").format(sql.SQL(signature), to))
        made.append(sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(sql.SQL(signature), callers))
    return made
