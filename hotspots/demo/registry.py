"""What other apps add to the demo town. Each registers its own in its `apps.py`, so that this app knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

Say = Callable[[str], None]


class Make(Protocol):
    def __call__(self, *, last_day: date, say: Say) -> None: ...


class CannotRemove(Exception):
    """What people did in the made-up town cannot be taken out; the text says why, and what to do."""


@dataclass(frozen=True)
class Addition:
    """`make` brings it in, for incidents up to a day, and changes nothing where it is there; `remove` takes it out
    before the town goes, with whatever of the kind people have added to the town since; `note` is printed below the
    sign-ins each time."""

    make: Make
    remove: Callable[[], None]
    note: Callable[[], str] | None = None


_additions: dict[str, Addition] = {}


def register(name: str, *, make: Make, remove: Callable[[], None], note: Callable[[], str] | None = None) -> None:
    """Called from `AppConfig.ready()`."""
    _additions[name] = Addition(make, remove, note)


def additions() -> list[Addition]:
    """In the order in which they were registered: lower apps first."""
    return list(_additions.values())
