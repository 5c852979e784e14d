"""Rows of the audit trail, its reviews and every history table are added and never changed, by the rights of the database.

A trigger refuses changes as well; but who works through the application's role could switch off a trigger's
condition for a session, and cannot give itself a right.
"""

from typing import Any

import pghistory
from django.apps import apps
from django.conf import settings
from django.db import connections, models

from accounts.models import AuditEntry, AuditReview, AuditReviewNote

TRAIL = {AuditEntry, AuditReview, AuditReviewNote}
FORBIDDEN = "UPDATE, DELETE, TRUNCATE"


def append_only_models() -> list[type[models.Model]]:
    """Those, and models of later apps that say so of themselves (`append_only = True`)."""
    return [
        model
        for model in apps.get_models()
        if model in TRAIL or issubclass(model, pghistory.models.Event) or getattr(model, "append_only", False)
    ]


def revoke_changes(using: str, **kwargs: Any) -> None:
    """After every `migrate`, so that the tables of later apps are covered without a word from them."""
    connection, role = connections[using], settings.DATABASES["default"]["USER"]
    if connection.vendor != "postgresql" or role == connection.settings_dict["USER"]:
        return
    existing = set(connection.introspection.table_names())
    tables = [model._meta.db_table for model in append_only_models() if model._meta.db_table in existing]
    if tables:
        quote = connection.ops.quote_name
        quoted = ", ".join(quote(table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"REVOKE {FORBIDDEN} ON {quoted} FROM {quote(str(role))}")
