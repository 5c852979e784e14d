"""Panels on the pages of a hot spot and of a place. Higher apps register theirs in `apps.py`; what is registered shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise

from accounts.permissions import can


@dataclass(frozen=True)
class Panel:
    """`url_name` takes the id of the hot spot, or of the place, and answers with a fragment of a page."""

    title: str | Promise
    capability: str
    url_name: str
    order: int = 50


_panels: dict[str, Panel] = {}
_place_panels: dict[str, Panel] = {}


def register(*panels: Panel) -> None:
    """For the page of a hot spot; called from `AppConfig.ready()`."""
    _add(_panels, panels)


def register_for_places(*panels: Panel) -> None:
    _add(_place_panels, panels)


def panels_for(user: Any) -> Iterator[Panel]:
    return _seen_by(user, _panels)


def place_panels_for(user: Any) -> Iterator[Panel]:
    return _seen_by(user, _place_panels)


def _add(to: dict[str, Panel], panels: Iterable[Panel]) -> None:
    for panel in panels:
        to[panel.url_name] = panel


def _seen_by(user: Any, panels: dict[str, Panel]) -> Iterator[Panel]:
    return (panel for panel in sorted(panels.values(), key=attrgetter("order")) if can(user, panel.capability))
