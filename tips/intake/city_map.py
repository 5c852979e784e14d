"""The map of this installation's city: what the intake's pages ask for.

Only the picture of the whole city, which everybody sees first, is kept. Were parts kept as they are looked at, how fast
a part comes would tell anybody who asks where somebody has just looked. Pictures are drawn one at a time, and a
few may wait: whoever floods the map gets no picture, and the form goes on without it.
"""

import threading
import time
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from tips.intake.street_map import DEGREE_M, REACH_M, Bounds, Frame, Near, Point, Street, View, name_of
from tips.intake.street_picture import SIZE, draw, reaches, with_mark
from tips.queries.streets import extent_of_streets, outline, streets_in

KEPT_SECONDS = 600  # streets are imported once in a while
WAITING = 6  # pictures asked for at once, the one that is being drawn among them
BESIDE = 0.06  # of a view's side, drawn beyond its edges so that lines have no ends there


class CityMap(NamedTuple):
    frame: Frame
    reach: dict[str, float]
    outline: BaseGeometry | None
    picture: bytes  # of the whole


class Kept(NamedTuple):
    city: CityMap | None
    until: float


_kept: list[Kept] = []
_drawing = threading.Lock()
_room = threading.BoundedSemaphore(WAITING)


def city_frame() -> Frame | None:
    """The ground that can be tapped; None where there are no streets, and so no map."""
    city = _city()
    return city.frame if city else None


def picture(view: View, point: Point | None = None) -> bytes | None:
    """The PNG of a part of the city, with the point if it is marked and in it; None when too many ask at once."""
    if not (city := _city()) or not _room.acquire(blocking=False):
        return None
    try:
        with _drawing:
            plain = city.picture if view.z == 0 else _part(city, view)
            return with_mark(plain, view, point) if point else plain
    finally:
        _room.release()


def near(point: Point) -> Near | None:
    """The words for a point; None where no street is within half a kilometer."""
    up = 2 * REACH_M / DEGREE_M
    across = up / Frame.around((*point, *point)).squeeze
    bounds = (point.longitude - across, point.latitude - up, point.longitude + across, point.latitude + up)
    return name_of(point, _streets(bounds, 0.0))


def forget_city() -> None:
    _kept.clear()


def _city() -> CityMap | None:
    """Read once in a while, by one at a time; the others wait for it only the first time."""
    if not _kept or _kept[0].until < time.monotonic():
        with _drawing:
            if not _kept or _kept[0].until < time.monotonic():
                city = _read_city()
                _kept[:] = [Kept(city, time.monotonic() + (KEPT_SECONDS if city else 0))]
    return _kept[0].city


def _read_city() -> CityMap | None:
    extent = extent_of_streets()
    if not extent:
        return None
    frame = Frame.around(extent)
    whole = frame.whole()
    streets = _streets(whole.bounds, whole.side / SIZE)
    reach = reaches(frame, streets)
    shape = outline(frame.side_at(frame.last) / SIZE)
    return CityMap(frame, reach, shape, draw(whole, streets, reach, shape))


def _part(city: CityMap, view: View) -> bytes:
    return draw(view, _streets(view.widened(BESIDE), view.side / SIZE), city.reach, city.outline)


def _streets(bounds: Bounds, pixel: float) -> list[Street]:
    return [Street(*row) for row in streets_in(bounds, pixel)]
