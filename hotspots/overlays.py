"""Numbers on the map that other apps know, off until somebody asks. Higher apps register theirs in `apps.py`, like panels.

What an overlay counts is drawn over the map and is part of no run, score or rank.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

from accounts.permissions import can


@dataclass(frozen=True)
class Overlay:
    """`url_name` answers with GeoJSON: points with `count`, a whole number, and `name`."""

    title: str | Promise
    capability: str
    url_name: str
    order: int = 50

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_overlays: dict[str, Overlay] = {}


def register(*overlays: Overlay) -> None:
    """Called from `AppConfig.ready()`."""
    for overlay in overlays:
        _overlays[overlay.url_name] = overlay


def overlays_for(user: Any) -> Iterator[Overlay]:
    return (each for each in sorted(_overlays.values(), key=attrgetter("order")) if can(user, each.capability))
