"""Panels on the page of a hot spot. Each higher app registers its own in its `apps.py`; what is registered shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise

from accounts.permissions import can


@dataclass(frozen=True)
class Panel:
    """`url_name` takes the hot spot's id and answers with a fragment of a page."""

    title: str | Promise
    capability: str
    url_name: str
    order: int = 50


_panels: dict[str, Panel] = {}


def register(*panels: Panel) -> None:
    """Called from `AppConfig.ready()`."""
    for panel in panels:
        _panels[panel.url_name] = panel


def panels_for(user: Any) -> Iterator[Panel]:
    return (panel for panel in sorted(_panels.values(), key=attrgetter("order")) if can(user, panel.capability))
