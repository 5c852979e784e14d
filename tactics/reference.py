"""The shifts that a new installation starts with; a commander changes them on their page."""

from datetime import time
from typing import Any

SHIFTS = [("Days", time(6)), ("Evenings", time(14)), ("Nights", time(22))]
EIGHT_HOURS = 480


def load_shifts(shifts: Any) -> None:
    """Make the usual three unless there is any. Takes a manager: a migration has its own, of its own database."""
    if not shifts.exists():
        for name, starts_at in SHIFTS:
            shifts.create(name=name, starts_at=starts_at, minutes=EIGHT_HOURS)
