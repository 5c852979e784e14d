"""Arrays to pictures: what the chart templates draw, already in the coordinates of their drawings.

Coordinates are text, so that no language of the page writes them with a comma. Drawings are 320 wide, the least
screen, and grow with the page. Colors are classes of static/css/charts.css.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils import formats
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from numpy.typing import NDArray

from hotspots.analytics.timing import HourOfWeek
from hotspots.queries.charts import Month

Floats = NDArray[np.float64]

PEAK_HOURS = 4  # half of a usual shift
LEVELS = 7  # shades of the matrix
PLACES = {"block": gettext_lazy("blocks"), "address": gettext_lazy("addresses"), "complex": gettext_lazy("complexes")}
READ_AT = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75)  # shares of places at which the table tells the curve


@dataclass(frozen=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True)
class Frame:
    """The plotting area inside a drawing."""

    left: float
    top: float
    right: float
    bottom: float

    def x(self, share: float) -> str:
        return f"{self.left + share * (self.right - self.left):.1f}"

    def y(self, share: float) -> str:
        return f"{self.bottom - share * (self.bottom - self.top):.1f}"

    def path(self, points: Iterable[Sequence[float]]) -> str:
        return "M" + "L".join(f"{self.x(x)} {self.y(y)}" for x, y in points)


# ---- How few places hold how much


@dataclass(frozen=True)
class Chance:
    """The band of what chance alone would give."""

    name: str  # "equal" or "length"
    band: str
    line: str


@dataclass(frozen=True)
class Figure:
    """One row of the table: a figure and its (low, median, high) by each kind of chance."""

    name: str
    value: float
    chances: list[list[float]]


@dataclass(frozen=True)
class CurveRow:
    share: float
    held: float
    chances: list[float]


@dataclass(frozen=True)
class ShareCurve:
    line: str
    half_x: str
    chance_half_x: str
    half_share: float
    half_chance: float
    has_labels: bool
    chances: list[Chance]
    portions: list[Figure]
    ginis: list[Figure]
    rows: list[CurveRow]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


CURVE = Frame(left=38, top=8, right=310, bottom=200)
LABEL_ROOM = 0.15  # of the width, for the figure that is written between the curve and chance


def share_curve(measure: dict[str, Any]) -> ShareCurve | None:
    """The curve of one measure of a run's summary (count, risk or harm); None where there is nothing to share."""
    if not measure["total"]:
        return None
    curve = np.array(measure["curve"], dtype=float)
    names = [name for name in ("equal", "length") if measure["chance"].get(name)]
    thrown = [measure["chance"][name] for name in names]
    half, half_chance = measure["shares"]["50"], thrown[0]["shares"]["50"][1]
    return ShareCurve(
        line=CURVE.path(curve),
        half_x=CURVE.x(half),
        chance_half_x=CURVE.x(half_chance),
        half_share=half,
        half_chance=half_chance,
        has_labels=half_chance - half > LABEL_ROOM,
        chances=[_chance(name, np.array(each["curve"], dtype=float)) for name, each in zip(names, thrown, strict=True)],
        portions=[
            Figure(f"{key}\N{NO-BREAK SPACE}%", share, [each["shares"][key] for each in thrown])
            for key, share in measure["shares"].items()
        ],
        ginis=[
            Figure(name, measure[key], [each[key] for each in thrown])
            for key, name in (("gini", _("Gini")), ("generalised_gini", _("Generalized Gini")))
        ],
        rows=_curve_rows(curve, [np.array(each["curve"], dtype=float) for each in thrown]),
        x_ticks=[Tick(CURVE.x(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)],
        y_ticks=[Tick(CURVE.y(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)],
    )


def _chance(name: str, curve: Floats) -> Chance:
    places, low, median, high = curve.T
    outline = np.concatenate([np.column_stack([places, low]), np.column_stack([places, high])[::-1]])
    return Chance(name, CURVE.path(outline) + "Z", CURVE.path(np.column_stack([places, median])))


def _curve_rows(curve: Floats, chances: list[Floats]) -> list[CurveRow]:
    """Only at shares that the curve has points for: of six complexes there is no 1 %."""
    return [
        CurveRow(
            share=share,
            held=float(np.interp(share, *curve.T)),
            chances=[float(np.interp(share, each[:, 0], each[:, 2])) for each in chances],
        )
        for share in READ_AT
        if share >= curve[min(1, len(curve) - 1), 0]
    ]


# ---- Hours of the week


@dataclass(frozen=True)
class Cell:
    x: str
    level: int
    value: float
    words: str


@dataclass(frozen=True)
class Weekday:
    name: str
    short: str
    y: str
    text_y: str
    cells: list[Cell]
    total: float


@dataclass(frozen=True)
class HourMatrix:
    days: list[Weekday]
    by_hour: list[tuple[str, list[Cell]]]  # the same, turned, for the table
    hour_ticks: list[Tick]
    levels: list[tuple[int, str]]  # shade and where the scale shows it
    most: float  # incidents in the busiest hour
    counted: int
    unknown: int
    peak: str  # "Saturday 20:00 to 24:00"
    peak_share: float
    even_share: float


CELL_WIDTH, CELL_HEIGHT, CELLS_LEFT, CELLS_TOP = 11.8, 20, 34, 18


def hour_matrix(times: HourOfWeek) -> HourMatrix | None:
    """Shades and words for each hour of the week; None where no incident has a known hour."""
    if not times.counted:
        return None
    by_day = times.by_day
    levels = np.ceil(by_day / by_day.max() * LEVELS).astype(int)  # even steps; none at all has a shade of its own
    days = [
        Weekday(
            name=str(WEEKDAYS[day]),
            short=str(WEEKDAYS_ABBR[day]),
            y=f"{CELLS_TOP + day * CELL_HEIGHT}",
            text_y=f"{CELLS_TOP + (day + 0.7) * CELL_HEIGHT:.1f}",
            cells=[
                Cell(
                    x=f"{CELLS_LEFT + hour * CELL_WIDTH:.1f}",
                    level=int(levels[day, hour]),
                    value=float(by_day[day, hour]),
                    words=f"{WEEKDAYS[day]} {hour:02}:00: {_rounded(by_day[day, hour])}",
                )
                for hour in range(24)
            ],
            total=float(by_day[day].sum()),
        )
        for day in range(7)
    ]
    start, share = _peak(times.weights)
    return HourMatrix(
        days=days,
        by_hour=[(f"{hour:02}", [day.cells[hour] for day in days]) for hour in range(24)],
        hour_ticks=[Tick(f"{CELLS_LEFT + hour * CELL_WIDTH:.1f}", f"{hour}") for hour in (0, 6, 12, 18, 24)],
        levels=[(level, f"{16 * level}") for level in range(LEVELS + 1)],
        most=float(by_day.max()),
        counted=times.counted,
        unknown=times.unknown,
        peak=_hours_in_words(start),
        peak_share=share,
        even_share=PEAK_HOURS / 168,
    )


def _peak(weights: Floats) -> tuple[int, float]:
    """First hour of the busiest run of hours in the week, which goes on from Sunday to Monday, and its share."""
    around = np.concatenate([weights, weights[: PEAK_HOURS - 1]])
    sums = np.convolve(around, np.ones(PEAK_HOURS), mode="valid")
    start = int(np.argmax(sums))
    return start, float(sums[start] / weights.sum())


def _hours_in_words(start: int) -> str:
    day, hour = divmod(start, 24)
    end = (hour + PEAK_HOURS) % 24
    return _("%(day)s %(start)s to %(end)s") % {
        "day": WEEKDAYS[day],
        "start": f"{hour:02}:00",
        "end": f"{end:02}:00",
    }


def _whole(value: int) -> str:
    return formats.number_format(value, 0, force_grouping=True)


def _rounded(value: float) -> str:
    digits = 0 if value >= 10 or value == 0 else 1
    return formats.number_format(round(value, digits), digits, force_grouping=True)  # which by itself cuts digits off


# ---- Months


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    height: str
    width: str
    state: str  # "window" or "before"
    month: date
    count: int
    partial: bool
    year_before: int | None


@dataclass(frozen=True)
class Trend:
    sentence: str
    bars: list[Bar]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    has_partial: bool
    has_window: bool
    has_before: bool


MONTHS = Frame(left=38, top=10, right=316, bottom=110)


def trend(months: Sequence[Month], first_day: date) -> Trend | None:
    """Bars by month. Those wholly within the window of the run, from first_day on, are marked; so are partial ones."""
    if not any(month.count for month in months):
        return None
    top = _round_up(max(month.count for month in months))
    step = 1 / len(months)
    counts = {month.first_day: None if month.partial else month.count for month in months}
    bars = []
    for index, month in enumerate(months):
        height = month.count / top * (MONTHS.bottom - MONTHS.top)
        bars.append(
            Bar(
                x=MONTHS.x((index + 0.1) * step),
                y=MONTHS.y(month.count / top),
                height=f"{height:.1f}",
                width=f"{0.8 * step * (MONTHS.right - MONTHS.left):.1f}",
                state="window" if month.first_day >= first_day else "before",
                month=month.first_day,
                count=month.count,
                partial=month.partial,
                year_before=counts.get(month.first_day.replace(year=month.first_day.year - 1)),
            )
        )
    states = {bar.state for bar in bars if not bar.partial}
    return Trend(
        sentence=_last_whole_month(bars),
        bars=bars,
        x_ticks=[
            Tick(MONTHS.x((index + 0.5) * step), _month_label(month.first_day, first=index == 0))
            for index, month in enumerate(months)
            if month.first_day.month in (1, 7) or len(months) <= 6
        ],
        y_ticks=[Tick(MONTHS.y(value / top), _whole(value)) for value in (0, top // 2, top)],
        has_partial=any(month.partial for month in months),
        has_window="window" in states,
        has_before="before" in states,
    )


def _last_whole_month(bars: Sequence[Bar]) -> str:
    whole = [bar for bar in bars if not bar.partial]
    if not whole:
        return ""
    last = whole[-1]
    words = {"month": formats.date_format(last.month, "F Y"), "count": _whole(last.count)}
    if last.year_before is None:
        return ngettext("%(month)s: %(count)s incident", "%(month)s: %(count)s incidents", last.count) % words
    return ngettext(
        "%(month)s: %(count)s incident; %(before)s a year before",
        "%(month)s: %(count)s incidents; %(before)s a year before",
        last.count,
    ) % {**words, "before": _whole(last.year_before)}


def _round_up(most: int) -> int:
    """The next number of one digit and zeros that halves to a whole number: what the axis ends on."""
    unit = 10 ** max(len(str(most)) - 1, 0)
    for factor in (1, 2, 4, 6, 8, 10):
        if most <= factor * unit and (factor * unit) % 2 == 0:
            return factor * unit
    return 10 * unit


def _month_label(month: date, first: bool) -> str:
    return formats.date_format(month, "M Y" if month.month == 1 or first else "M")
