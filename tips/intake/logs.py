"""The log of the intake process: that something failed and where in the code, and nothing that was in a request.

An exception's text may hold what somebody typed (a decoder says which bytes it could not read), so only its class and the
lines of code that it passed are written.
"""

import logging
import sys
import traceback
from typing import Any

HOUSE = ("tips", "config", "tactics")


class WithoutContent(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = record.getMessage() if record.name.partition(".")[0] in HOUSE else "something failed"
        if record.exc_info and record.exc_info[0]:
            told += f": {record.exc_info[0].__name__} at {_where(record.exc_info[2])}"
        return f"{record.levelname} {record.name}: {told}"


def _where(trace: Any) -> str:
    steps = traceback.extract_tb(trace)
    return " < ".join(f"{step.name}:{step.lineno}" for step in reversed(steps[-4:]))


def configure(given: dict[str, Any]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutContent())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(given.get("level", "INFO"))
    # Django tells of each 4xx with its path, and of each failure with its request; we tell of failures ourselves.
    for name in ("django.request", "django.security", "django.server", "django.db.backends"):
        quiet = logging.getLogger(name)
        quiet.handlers, quiet.propagate = [logging.NullHandler()], False
