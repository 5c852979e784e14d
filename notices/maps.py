"""Maps of an area for letters and releases: streets, not dots, and legible without color.

Drawn by geopandas on a figure of its own, never through pyplot's shared state; the same ground gives the same bytes.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from django.utils import translation
from django.utils.translation import gettext as _
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from hotspots.models.places import SRID
from notices.models import Batch
from notices.queries.maps import Ground, Street, ground_of
from tactics.drawings import Label, Shape, labels, scale_bar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In CSS pixels, 96 to the inch, in which the labels are 11 high.
LETTER = (500, 340)
MEDIA = (600, 315)  # as a picture twice as many: 1200 × 630
TIMES = 2  # pixels of a picture to a CSS pixel
INCH, POINT = 96, 0.75
MARGIN, LEAST_M = 1.7, 260  # of the ground to the area's width and height; meters
TEXT = 11
FONTS = "uswds/fonts/source-sans-pro/sourcesanspro-{}-webfont.ttf"
SETTINGS: dict[Any, Any] = {"svg.hashsalt": "hotspots", "svg.fonttype": "path", "path.simplify": False}
DESCRIPTION = re.compile(r"<desc>(.*?)</desc>", re.DOTALL)
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)


@dataclass(frozen=True)
class Drawing:
    """Ground in the coordinates of its drawing, y upward."""

    outline: BaseGeometry
    own: list[Shape]
    others: list[Shape]
    complexes: list[BaseGeometry]
    units_per_meter: float
    names: list[str]  # of the area's own streets, else of those around it


def batch_map_svg(batch: Batch) -> str:
    """The map of the area that a batch covers, with the names of its streets as its description."""
    return _map(ground_of(batch), LETTER, "svg").decode()


def area_map(
    *,
    outline: BaseGeometry,
    streets: Sequence[Street],
    complexes: Sequence[BaseGeometry],
    srid: int,
    size: tuple[int, int] = LETTER,
    kind: str = "svg",
) -> bytes:
    """A map of an area: all geometry in degrees, drawn in the projected CRS `srid`; `size` in CSS pixels, of which a
    PNG has two for one."""
    return _map(Ground(outline, tuple(streets), tuple(complexes), srid), size, kind)


def alt_text(names: Iterable[str], language: str) -> str:
    with translation.override(language):
        streets = ", ".join(names)
        return _("Map of the area: %(streets)s") % {"streets": streets} if streets else _("Map of the area")


def street_names(ground: Ground, size: tuple[int, int] = LETTER) -> list[str]:
    return _drawing(ground, size).names


def streets_of(svg: str) -> list[str]:
    """The names that a map was described with."""
    found = DESCRIPTION.search(svg)
    return unescape(found[1]).split("; ") if found and found[1] else []


def _map(ground: Ground, size: tuple[int, int], kind: str) -> bytes:
    import matplotlib as mpl

    mpl.use("agg")  # geopandas asks pyplot for its names; a window system is never asked
    drawing = _drawing(ground, size)
    with mpl.rc_context(SETTINGS):
        return _svg(drawing, size) if kind == "svg" else _png(drawing, size)


def _svg(drawing: Drawing, size: tuple[int, int]) -> bytes:
    made = io.BytesIO()
    none = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    words = alt_text(drawing.names, "en")
    _figure(drawing, size, 72).savefig(made, format="svg", metadata={"Title": words, **none})
    svg = made.getvalue().decode()
    described = f"<title>{escape(words)}</title><desc>{escape('; '.join(drawing.names))}</desc>"
    return TITLE.sub(lambda _found: described, svg[svg.index("<svg") :], count=1).encode()


def _png(drawing: Drawing, size: tuple[int, int]) -> bytes:
    made = io.BytesIO()
    _figure(drawing, size, INCH * TIMES).savefig(made, format="png", metadata={"Software": None})
    return made.getvalue()


def _drawing(ground: Ground, size: tuple[int, int]) -> Drawing:
    import geopandas as gpd

    middle = shapely.box(*ground.outline.bounds).centroid
    pair = gpd.GeoSeries([middle, shapely.Point(middle.x, middle.y + 0.001)], crs=SRID).to_crs(ground.srid)
    # The projection's north is off by a degree or two: the map is turned until north is up.
    off = float(np.degrees(np.arctan2(pair[1].x - pair[0].x, pair[1].y - pair[0].y)))

    def flat(geometries: Sequence[BaseGeometry]) -> list[BaseGeometry]:
        projected = gpd.GeoSeries(list(geometries), crs=SRID).to_crs(ground.srid)
        return [rotate(geometry, off, origin=(pair[0].x, pair[0].y)) for geometry in projected]

    outline = flat([ground.outline])[0]
    west, south, east, north = outline.bounds
    wide, high = size
    across = max(MARGIN * (east - west), MARGIN * (north - south) * wide / high, LEAST_M)
    scale, corner = wide / across, ((west + east - across) / 2, (south + north - across * high / wide) / 2)
    paper = shapely.box(0, 0, wide, high)

    def placed(geometry: BaseGeometry) -> BaseGeometry:
        drawn = shapely.transform(geometry, lambda xy: (xy - corner) * scale)
        return drawn if geometry is outline else drawn.intersection(paper)

    shapes = [
        Shape("block" if street.own else "street", street.name, _lines(placed(geometry)))
        for street, geometry in zip(ground.streets, flat([street.geometry for street in ground.streets]), strict=True)
    ]
    shapes = [shape for shape in shapes if not shape.geometry.is_empty]
    own = [shape for shape in shapes if shape.layer == "block"]
    others = [shape for shape in shapes if shape.layer == "street"]
    area = placed(outline)
    around = {shape.name for shape in others if shape.name and shape.geometry.distance(area) < 30 * scale}
    names = sorted({shape.name for shape in own if shape.name} or around)
    complexes = [drawn for each in flat(ground.complexes) if not (drawn := placed(each)).is_empty]
    return Drawing(area, own, others, complexes, scale, names)


def _lines(geometry: BaseGeometry) -> BaseGeometry:
    """Only what is a line: a street that touches the edge of the paper leaves a point there."""
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "LineString" and part.length]
    return shapely.line_merge(shapely.MultiLineString(parts)) if parts else shapely.LineString()


def _figure(drawing: Drawing, size: tuple[int, int], dpi: int) -> Any:
    import geopandas as gpd
    from matplotlib.figure import Figure

    wide, high = size
    figure = Figure(figsize=(wide / INCH, high / INCH), dpi=dpi, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    area = gpd.GeoSeries([drawing.outline])
    area.plot(ax=axes, facecolor="#dcdcdc", edgecolor="none", zorder=1, aspect=None)
    for shapes, style in (
        (drawing.complexes, {"facecolor": "none", "edgecolor": "#6b6b6b", "linewidth": 0.5, "linestyle": (0, (3, 2))}),
        ([shape.geometry for shape in drawing.others], {"color": "#808080", "linewidth": 0.9, "zorder": 2}),
        ([shape.geometry for shape in drawing.own], {"color": "#000000", "linewidth": 2.2, "zorder": 3}),
    ):
        if shapes:
            gpd.GeoSeries(shapes).plot(ax=axes, aspect=None, **style)
    area.plot(ax=axes, facecolor="none", edgecolor="#000000", linewidth=1.7, zorder=4, aspect=None)
    _write(axes, drawing, size)
    _furnish(axes, drawing, size)
    axes.set(xlim=(0, wide), ylim=(0, high), aspect="auto")
    axes.set_axis_off()
    return figure


def _write(axes: "Axes", drawing: Drawing, size: tuple[int, int]) -> None:
    """The names of streets, by the placer of the briefing's maps, in whose drawings y runs downward."""
    wide, high = size

    def down(shape: Shape) -> Shape:
        return Shape(shape.layer, shape.name, _down(shape.geometry, high))

    corners = (shapely.box(0, high - 24, 150, high), shapely.box(wide - 26, 0, wide, 36))
    placed: Iterable[Label] = labels(
        [down(shape) for shape in drawing.own],
        [down(shape) for shape in drawing.others],
        _down(drawing.outline, high),
        paper=shapely.box(3, 3, wide - 3, high - 3),
        corners=corners,
    )
    for label in placed:
        _text(axes, float(label.x), high - float(label.y), label.text, label.strong, rotation=-float(label.angle))


def _down(geometry: BaseGeometry, high: int) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: np.column_stack([xy[:, 0], high - xy[:, 1]]))


def _text(
    axes: "Axes", x: float, y: float, words: str, strong: bool, *, rotation: float = 0, ha: str = "center"
) -> None:
    axes.text(
        x,
        y,
        words,
        fontproperties=_font("bold" if strong else "regular"),
        fontsize=TEXT * POINT,
        rotation=rotation,
        rotation_mode="anchor",
        horizontalalignment=ha,
        verticalalignment="center_baseline",
        parse_math=False,
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.9},
    )


def _font(weight: str) -> Any:
    from matplotlib.font_manager import FontProperties

    from tactics.pdf import ORIGIN, static_file

    return FontProperties(fname=str(static_file(ORIGIN + FONTS.format(weight))))


def _furnish(axes: "Axes", drawing: Drawing, size: tuple[int, int]) -> None:
    """The scale bar in feet, north, and the edge of the map."""
    from matplotlib.patches import Polygon, Rectangle

    wide, high = size
    scale = scale_bar(drawing.units_per_meter)
    end = float(scale.end)
    axes.add_patch(Rectangle((4, 4), float(scale.ground), 16, facecolor="white", edgecolor="none", zorder=5))
    axes.plot([8, 8, end, end], [14, 9, 9, 14], color="black", linewidth=1.1, zorder=6)
    _text(axes, end + 4, 11, scale.words, False, ha="left")
    tip = [(wide - 13, high - 6), (wide - 8.5, high - 18), (wide - 13, high - 15), (wide - 17.5, high - 18)]
    axes.add_patch(Polygon(tip, closed=True, facecolor="black", edgecolor="white", linewidth=0.5, zorder=6))
    _text(axes, wide - 13, high - 25, "N", True)
    edge = Rectangle((0.5, 0.5), wide - 1, high - 1, facecolor="none", edgecolor="black", linewidth=0.8, zorder=7)
    axes.add_patch(edge)
