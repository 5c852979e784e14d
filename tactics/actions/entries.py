"""One thing that a phone sent, read field by field: nothing about it is taken for granted."""

import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.gis.geos import Point
from django.utils.dateparse import parse_datetime

from hotspots.models.places import SRID

MOST_ACCURACY_M = 100_000
MOST_NUMBER = 10**12
MOST_OFFSET_S = 10 * 366 * 86_400
YEARS = range(2000, 2201)


@dataclass(frozen=True)
class Entry:
    """`offset`: server minus phone when it was made. `shift`: what is added to its instants, where its clock was wrong.
    `clock_wrong`: whether its clock was, or has been set since."""

    sent: dict[str, Any]
    id: UUID
    offset: timedelta = timedelta(0)
    shift: timedelta = timedelta(0)
    clock_wrong: bool = False

    @property
    def type(self) -> str:
        return str(self.sent.get("type"))

    def uuid(self, name: str) -> UUID | None:
        return as_uuid(self.sent.get(name))

    def number(self, name: str) -> int | None:
        value = self.sent.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63 else None

    def text(self, name: str, most: int | None) -> str:
        value = self.sent.get(name)
        return value.strip()[:most] if isinstance(value, str) else ""

    def instant(self, name: str) -> datetime | None:
        """By the server's clock."""
        moment = as_instant(self.sent.get(name))
        return moment and moment + self.shift

    def point(self) -> Point | None:
        value = self.sent.get("point")
        if not (isinstance(value, list) and len(value) == 2 and all(map(_is_finite, value))):
            return None
        return Point(value[0], value[1], srid=SRID) if abs(value[0]) <= 180 and abs(value[1]) <= 90 else None

    def accuracy_m(self) -> float | None:
        value: Any = self.sent.get("accuracy_m")
        return float(value) if _is_finite(value) and 0 <= value <= MOST_ACCURACY_M else None


def own_offset(sent: dict[str, Any], at_sending: timedelta) -> timedelta:
    """Server minus phone when an entry was made, if the phone's clock has been set since.

    `clock_drift_s` is how far the clock has moved against the phone's running time, which stands still while some
    phones sleep: more than nothing may be sleep, and `offset_s`, the last one known then, decides how much of it is."""
    drift, known = _seconds(sent.get("clock_drift_s")), _seconds(sent.get("offset_s"))
    if drift is None:
        return at_sending if known is None else known
    if drift <= timedelta(0):
        return at_sending + drift
    return at_sending if known is None else min(max(known, at_sending), at_sending + drift)


def _seconds(value: Any) -> timedelta | None:
    return timedelta(seconds=value) if _is_finite(value) and abs(value) <= MOST_OFFSET_S else None


def entry_key(officer: int, sent: Any) -> UUID:
    """The entry's own id; one without an id that can be used is known by its content."""
    own = as_uuid(sent.get("id")) if isinstance(sent, dict) else None
    return own or uuid5(NAMESPACE_URL, f"{officer} {json.dumps(sent, sort_keys=True)}")


def as_uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def as_instant(value: Any) -> datetime | None:
    """A time with its zone; years far from now are damage."""
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo and moment.year in YEARS else None


def _is_finite(value: Any) -> bool:
    # By range first: a whole number of JSON may be too large for a float.
    return isinstance(value, int | float) and not isinstance(value, bool) and -MOST_NUMBER <= value <= MOST_NUMBER


def storable(value: Any) -> Any:
    """As sent, without what the database's JSON cannot hold: NUL, halves of characters, numbers that are none."""
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    return None if isinstance(value, float) and not math.isfinite(value) else value
