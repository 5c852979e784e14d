"""The map on the form: what is shown of it, and what a point says in a tip.

Where somebody looks stands in no address: a picture is asked for by a sealed note that is good for minutes.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tips.intake import city_map, tokens
from tips.intake.street_map import (
    DIRECTIONS,
    OUT,
    SHOWN,
    TAKE_AWAY,
    WHOLE,
    State,
    asked,
    carried,
    is_asked,
    neighbors,
    read_state,
)

PICTURE_SECONDS = 600
ARROWS = {"north": "↑", "south": "↓", "west": "←", "east": "→"}
DIRECTION_NAMES = {
    "north": gettext_lazy("North"),
    "south": gettext_lazy("South"),
    "west": gettext_lazy("West"),
    "east": gettext_lazy("East"),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Where:
    """What the form carries of the map from one press to the next."""

    state: State | None = None
    is_open: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    name: str = ""

    def texts(self) -> dict[str, str]:
        """The point as a tip tells it: for a map, and in words."""
        if not self.state or not self.state.point:
            return {}
        point = self.state.point
        return {"point": f"{point.latitude:.5f}, {point.longitude:.5f}"} | (
            {"point_name": self.name} if self.name else {}
        )


def read(data: Mapping[str, str]) -> Where:
    """The map is an extra: where it cannot be read, the form goes on without it."""
    touched = is_asked(data)
    if not touched and "map-z" not in data:
        return Where()
    try:
        frame = city_map.city_frame()
        if frame is None:
            return Where()
        state = asked(frame, data) if touched else read_state(frame, data)
        near = city_map.near(state.point) if state.point else None
    except DatabaseError:
        connection.close()
        log.error("The map cannot be drawn while the database is away")
        return Where()
    is_open = data.get("map-go") != "close" and "send" not in data
    words = ""
    if near:
        words = near.street
        if near.crossing:
            words = _("%(street)s, near %(crossing)s") % {"street": near.street, "crossing": near.crossing}
    return Where(state, is_open, carried(state), words)


def shown(where: Where) -> dict[str, Any] | None:
    """What the page needs for the open map."""
    if not where.state or not where.is_open:
        return None
    state = where.state
    token = tokens.make("map", where.fields)
    return {
        "token": token,
        "side": SHOWN,
        "is_last": state.view.is_last,
        "can_go_out": state.view.z > 0,
        "ways": [(name, DIRECTION_NAMES[name], ARROWS[name]) for name in DIRECTIONS if name in neighbors(state.view)],
        "out": OUT,
        "whole": WHOLE,
        "take_away": TAKE_AWAY,
    }


def picture(token: str) -> bytes | None:
    told = tokens.read("map", token, PICTURE_SECONDS)
    if told is None:
        return None
    try:
        frame = city_map.city_frame()
        if frame is None:
            return None
        state = read_state(frame, told)
        return city_map.picture(state.view, state.point)
    except DatabaseError:
        connection.close()
        return None
