"""The three windows of local days that a run looks at, and the instants at which they start and end."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hotspots.specs import RunSpec

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    first_day: date
    last_day: date

    def starts_at(self, zone: ZoneInfo) -> datetime:
        return midnight(self.first_day, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant after the window."""
        return midnight(self.last_day + DAY, zone)


class Windows(NamedTuple):
    now: Window
    before: Window
    year_ago: Window


def windows_of(spec: RunSpec) -> Windows:
    """The window asked for, the one of equal length just before, and the one that ended on the same date a year before.

    All have the same number of days. A window that ends on 29 February is compared with one that ended on the 28th.
    """
    length = timedelta(days=spec.days)
    a_year_ago = year_before(spec.as_of)
    return Windows(
        now=Window(spec.first_day, spec.as_of),
        before=Window(spec.first_day - length, spec.first_day - DAY),
        year_ago=Window(a_year_ago - length + DAY, a_year_ago),
    )


def year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day starts. Where clocks skip midnight it is the first instant after the gap."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
