"""Arrays to pictures, as in hotspots.charts."""

from dataclasses import dataclass

from hotspots.charts import Frame, Tick
from tactics.analytics.evenness import Compared

HOURS = Frame(left=38, top=10, right=316, bottom=120)


@dataclass(frozen=True)
class HourBar:
    """A part of the day: the share of stops as a bar, that of incidents as a line, chance as a band around it."""

    x: str
    width: str
    y: str
    height: str
    line_x: str
    line_end: str
    band_width: str
    line_y: str
    band_y: str
    band_height: str
    name: str
    share: float
    incident_share: float
    low: float
    high: float


@dataclass(frozen=True)
class HourBars:
    bars: list[HourBar]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def hour_bars(compared: Compared | None) -> HourBars | None:
    if compared is None:
        return None
    parts = len(compared.shares)
    hours, step = 24 // parts, 1 / parts
    top = max(0.2, float(max(compared.shares.max(), compared.incident_shares.max(), compared.band.max())))
    room, wide = HOURS.bottom - HOURS.top, HOURS.right - HOURS.left
    rows = zip(compared.shares, compared.incident_shares, compared.band, strict=True)
    bars = [
        HourBar(
            x=HOURS.x((index + 0.25) * step),
            width=f"{0.5 * step * wide:.1f}",
            y=HOURS.y(share / top),
            height=f"{share / top * room:.1f}",
            line_x=HOURS.x((index + 0.06) * step),
            line_end=HOURS.x((index + 0.94) * step),
            band_width=f"{0.88 * step * wide:.1f}",
            line_y=HOURS.y(incident_share / top),
            band_y=HOURS.y(high / top),
            band_height=f"{(high - low) / top * room:.1f}",
            name=f"{index * hours:02}:00–{(index + 1) * hours:02}:00",
            share=float(share),
            incident_share=float(incident_share),
            low=float(low),
            high=float(high),
        )
        for index, (share, incident_share, (low, high)) in enumerate(rows)
    ]
    x_ticks = [Tick(HOURS.x(index * step), f"{index * hours}") for index in range(parts + 1)]
    y_ticks = [Tick(HOURS.y(part), f"{part * top:.0%}") for part in (0, 0.5, 1)]
    return HourBars(bars, x_ticks, y_ticks)
