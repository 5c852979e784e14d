"""Facts that a higher app lets the public site tell, so that the site need not know that app."""

from collections.abc import Callable
from typing import Any

_facts: dict[str, Callable[[], Any]] = {}


def register(name: str, read: Callable[[], Any]) -> None:
    """Called from `AppConfig.ready()`."""
    _facts[name] = read


def fact(name: str) -> Any:
    """None where no app tells it."""
    read = _facts.get(name)
    return read() if read else None
