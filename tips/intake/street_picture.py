"""The drawn map: streets, their names and the city's outline, as a PNG of few colors. Pure; the same gives the same bytes.

Twice as many pixels as it is shown with, for the screens of phones. Dark on light, told apart by width and lightness and
not by hue, so that it can be read in the sun and by who cannot see colors.
"""

import bisect
import io
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from tips.intake.street_map import DEGREE_M, SHOWN, Frame, Point, Street, View, pixel

SIZE = 2 * SHOWN
GROUND, OUTSIDE, ROAD, EDGE, INK, MARK = "#f4f1e8", "#d3d8dc", "#ffffff", "#6f6f6f", "#111111", "#c8003c"
LINE, MAIN_LINE, LIMIT = "#8c8c8c", "#4a4a4a", "#5a6670"
PALETTE = (GROUND, OUTSIDE, ROAD, EDGE, INK, MARK, LINE, MAIN_LINE, LIMIT, "#b4b4b4", "#d8d6d0", "#2c2c2c")
TEXT = 22  # pixels high: 11 as shown
CELLS = 12  # in which ground with streets is counted
MAIN_ROOM = 9  # of the main ones
ROOMS = (65, 50, 40, 32, 24, 16)  # of all streets: their length, as many times the side of a picture full of streets
MOST_BYTES = 24_000
BYTES_OF_A_SIDE, BYTES_OF_A_NAME = 450, 430  # of a street as long as the picture is wide; as measured in St. Louis
ALIKE = 1.02
MOST_NAMES = 16  # where not all streets are drawn
GAP_M = 120.0  # that a street may have and go on
ROAD_SHARE, LEAST_ROAD, WIDEST = 0.6, 22, 28  # of the ground that roads cover, and their width in pixels
THIN, THICK = 3, 6  # lines
GAP = 7  # between labels
EDGE_GAP = 5
SAMPLES = 9  # of a stretch of line, to see how straight it is


@dataclass(frozen=True)
class Style:
    """Which streets are drawn and how wide, in pixels, so that there is ground between them however dense they are."""

    main: tuple[str, ...]  # by which people find their way: wider, over the others, and named first
    others: tuple[str, ...]
    road: int  # width of a street drawn as a road between two edges; 0 for streets that are lines
    names: int  # how many at most


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    y: float
    angle: float  # degrees counterclockwise
    box: BaseGeometry  # the ground it covers, in pixels


def reaches(frame: Frame, streets: Iterable[Street]) -> dict[str, float]:
    """How far each street goes without a gap, in the frame's unit: that makes a main one, and two carriageways do not."""
    named = [street for street in streets if street.name]
    flat = [shapely.transform(street.line, lambda xy: xy * (frame.squeeze, 1.0)) for street in named]
    grown = shapely.buffer(flat, GAP_M / 2 / DEGREE_M, quad_segs=1)
    found: dict[str, float] = {}
    for street, shape in zip(named, grown, strict=True):
        west, south, east, north = shapely.bounds(shapely.get_parts(shape)).T
        found[street.name] = float(np.hypot(east - west, north - south).max(initial=0.0))
    return found


def draw(
    view: View, streets: Sequence[Street], reach: Mapping[str, float], outline: BaseGeometry | None = None
) -> bytes:
    """A picture of MOST_BYTES, for the sake of slow phones: where streets are too many, the shorter ones are left out.

    `reach`: of `reaches`, for all streets of the city.
    """
    lines = {street.name: _in_pixels(view, street.line) for street in streets}
    ground = _ground(view, outline)
    choice = styles(view, lines, reach)
    scale = 1.0
    for style in choice:
        likely = scale * _likely_bytes(lines, style)
        if likely > MOST_BYTES and style is not choice[-1]:
            continue
        picture = ground.copy()
        _draw_streets(picture, lines, style)
        for label in labels(lines, style):
            _write(picture, label)
        if len(png := _png(picture)) <= MOST_BYTES:
            break
        scale *= len(png) / likely  # what was wrong of the guess here is wrong of the next, too
    return png


def styles(view: View, lines: Mapping[str, BaseGeometry], reach: Mapping[str, float]) -> list[Style]:
    """One for each of ROOMS; `lines` by name, in pixels. The main streets are those that go farthest in the whole city."""
    ranked = sorted(lines, key=lambda name: (not name, -reach.get(name, 0.0), name))
    ground = _share_with_streets(lines)
    drawn = [total / SIZE / ground for total in itertools.accumulate(lines[name].length for name in ranked)]
    main = bisect.bisect_right(drawn, MAIN_ROOM)
    while 0 < main < len(ranked) and reach.get(ranked[main - 1], 0) < ALIKE * reach.get(ranked[main], 0):
        main -= 1  # of streets that are alike, none is a main one
    width = round(min(ROAD_SHARE * SIZE / max([*drawn, 0.01]), WIDEST))
    road = max(width, LEAST_ROAD) if view.is_last else width if width >= LEAST_ROAD else 0
    found = []
    for room in ROOMS:
        most = bisect.bisect_right(drawn, room)
        names = len(ranked) if most == len(ranked) else round(MOST_NAMES * ground) + 2
        found.append(Style(tuple(ranked[:main]), tuple(ranked[main:most]), road, names))
    return found


def _likely_bytes(lines: Mapping[str, BaseGeometry], style: Style) -> float:
    """A guess, so that few pictures are drawn twice."""
    drawn = sum(lines[name].length for name in (*style.main, *style.others)) / SIZE
    return BYTES_OF_A_SIDE * drawn + BYTES_OF_A_NAME * min(style.names, MOST_NAMES)


def _share_with_streets(lines: Mapping[str, BaseGeometry]) -> float:
    """How much of the picture has streets, by the cells of a grid that streets touch."""
    parts = shapely.get_parts(list(lines.values()))
    parts = parts[shapely.length(parts) > 0]
    at = shapely.get_coordinates(shapely.segmentize(parts, SIZE / CELLS)) * (CELLS / SIZE)
    inside = at[((at >= 0) & (at < CELLS)).all(axis=1)].astype(int)
    return max(len(np.unique(inside @ (CELLS, 1))), 1) / CELLS**2


def with_mark(picture: bytes, view: View, point: Point) -> bytes:
    """The picture with a cross on the point, if it is in it."""
    if not (place := pixel(view, point, SIZE)):
        return picture
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    pen = ImageDraw.Draw(image)
    x, y = place
    for color, width, reach in ((ROAD, 19, 34), (INK, 14, 31), (MARK, 8, 28)):
        for dx, dy in ((1, 1), (1, -1)):
            pen.line((x - dx * reach, y - dy * reach, x + dx * reach, y + dy * reach), fill=color, width=width)
    return _png(image)


def labels(lines: Mapping[str, BaseGeometry], style: Style) -> list[Label]:
    """Names that have room along their streets, the main and the longest first; none covers another."""
    placed: list[Label] = []
    for name in (*style.main, *style.others):
        if len(placed) < style.names and name and (label := _place(name, lines[name], placed)):
            placed.append(label)
    return placed


def _in_pixels(view: View, shape: BaseGeometry, size: int = SIZE) -> BaseGeometry:
    west, south, east, north = view.bounds
    scale = np.array([size / (east - west), -size / (north - south)])
    return shapely.transform(shape, lambda xy: (xy - (west, north)) * scale)


def _ground(view: View, outline: BaseGeometry | None) -> Image.Image:
    size = SIZE
    if outline is None:
        return Image.new("RGB", (size, size), GROUND)
    image = Image.new("RGB", (size, size), OUTSIDE)
    pen = ImageDraw.Draw(image)
    window = shapely.box(*view.widened(0.1))
    for part in shapely.get_parts(_in_pixels(view, shapely.intersection(outline, window), size)):
        if part.geom_type == "Polygon" and not part.is_empty:
            pen.polygon(_flat(part.exterior), fill=GROUND)
            for hole in part.interiors:
                pen.polygon(_flat(hole), fill=OUTSIDE)
    for ring in shapely.get_parts(_in_pixels(view, shapely.intersection(outline.boundary, window), size)):
        if ring.geom_type == "LineString" and not ring.is_empty:
            pen.line(_flat(ring), fill=LIMIT, width=3, joint="curve")
    return image


def _draw_streets(picture: Image.Image, lines: Mapping[str, BaseGeometry], style: Style) -> None:
    pen = ImageDraw.Draw(picture)
    main, others = ([lines[name] for name in names] for names in (style.main, style.others))
    if style.road:  # all edges first, so that roads run into one another
        _stroke(pen, main + others, EDGE, style.road + 4)
        _stroke(pen, main + others, ROAD, style.road)
    else:
        _stroke(pen, others, LINE, THIN)
        _stroke(pen, main, MAIN_LINE, THICK)


def _stroke(pen: ImageDraw.ImageDraw, shapes: Sequence[BaseGeometry], color: str, width: int) -> None:
    for part in shapely.get_parts(shapes):
        if part.geom_type != "LineString" or part.is_empty:
            continue
        flat = _flat(part)
        pen.line(flat, fill=color, width=width, joint="curve" if width > THIN else None)
        if width > THICK:
            for x, y in (flat[:2], flat[-2:]):
                pen.circle((x, y), width / 2, fill=color)


def _flat(line: BaseGeometry) -> list[float]:
    return shapely.get_coordinates(line).ravel().tolist()


def _place(text: str, street: BaseGeometry, placed: Sequence[Label]) -> Label | None:
    """Where along the street the name runs straight, is in the picture and covers no other: nearest to the middle."""
    width, height = _extent(text)
    for x, y, angle in _straight_stretches(street, width + 2 * GAP, height / 5):
        box = _box(x, y, width, height, angle)
        left, top, right, bottom = box.bounds
        if min(left, top) < EDGE_GAP or max(right, bottom) > SIZE - EDGE_GAP:
            continue
        if not any(box.distance(other.box) < GAP for other in placed):
            return Label(text, x, y, angle, box)
    return None


def _straight_stretches(street: BaseGeometry, length: float, off: float) -> list[tuple[float, float, float]]:
    """Middle and angle of each stretch of that length that leaves its chord by `off` pixels at most."""
    found = []
    for part in shapely.get_parts(street):
        if part.geom_type != "LineString" or part.length < length:
            continue
        starts = np.linspace(0, part.length - length, max(1, math.ceil((part.length - length) / (length / 4)) + 1))
        along = starts[:, None] + np.linspace(0, length, SAMPLES)
        points = shapely.get_coordinates(shapely.line_interpolate_point(part, along.ravel())).reshape(-1, SAMPLES, 2)
        chord = points[:, -1] - points[:, 0]
        reach = np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-9)
        away = points - points[:, :1]
        bend = np.abs(away[..., 0] * chord[:, None, 1] - away[..., 1] * chord[:, None, 0]).max(axis=1) / reach
        for index in np.flatnonzero((bend <= off) & (reach > 0.97 * length)):
            x, y = (points[index, 0] + points[index, -1]) / 2
            found.append((float(x), float(y), _upright(chord[index])))
    half = SIZE / 2
    return sorted(found, key=lambda each: (round(max(abs(each[0] - half), abs(each[1] - half))), each))


def _upright(chord: NDArray[np.float64]) -> float:
    """The angle at which a name along it is read from the left, or from below."""
    angle = math.degrees(math.atan2(-chord[1], chord[0]))
    angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
    return round(angle, 1)


def _box(x: float, y: float, width: float, height: float, angle: float) -> BaseGeometry:
    turn = math.radians(-angle)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    rotation = np.array([(math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))])
    return shapely.Polygon(corners @ rotation + (x, y))


@cache
def _font() -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(TEXT)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType, which writes the names of streets.")
    return font


def _extent(text: str) -> tuple[float, float]:
    return _font().getlength(text), float(TEXT)


def _sharp(value: int) -> int:
    """Edges without shades: they would take as many bytes again as all else, and are not seen at half the size."""
    return 255 if value >= 112 else 0


def _write(picture: Image.Image, label: Label) -> None:
    """The name along its street, on a halo of the road's color."""
    width, height = (math.ceil(each) + 16 for each in _extent(label.text))
    for color, stroke in ((ROAD, 3), (INK, 0)):
        mask = Image.new("L", (width, height), 0)
        pen = ImageDraw.Draw(mask)
        pen.text((width / 2, height / 2), label.text, fill=255, font=_font(), anchor="mm", stroke_width=stroke)
        turned = mask.rotate(label.angle, resample=Image.Resampling.BICUBIC, expand=True).point(_sharp)
        corner = (round(label.x - turned.width / 2), round(label.y - turned.height / 2))
        picture.paste(color, (*corner, corner[0] + turned.width, corner[1] + turned.height), turned)


@cache
def _palette() -> Image.Image:
    image = Image.new("P", (1, 1))
    image.putpalette([int(color[at : at + 2], 16) for color in PALETTE for at in (1, 3, 5)])
    return image


def _png(picture: Image.Image) -> bytes:
    few = picture.quantize(palette=_palette(), dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", compress_level=7, bits=4)
    return out.getvalue()
