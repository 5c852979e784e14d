"""When incidents happen, where many are known only as a span of time.

Source: Ratcliffe (2000), aoristic analysis: a span weighs on each hour by the part of it that falls there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOUR, DAY, WEEK = 3600, 86_400, 604_800  # seconds
MONDAY = 4 * DAY  # 1970-01-05, a Monday, in seconds of the epoch


@dataclass(frozen=True)
class HourOfWeek:
    """Incidents by hour of the week, local time, and those whose time says nothing."""

    weights: Floats  # (168,), Monday 00:00 first; sums to the incidents that count
    backwards: Flags  # (n,) that end before they start
    too_long: Flags  # (n,) of a span beyond the longest allowed, so that their hour is unknown

    @property
    def by_day(self) -> Floats:
        """(7, 24): a row for each weekday, Monday first."""
        return self.weights.reshape(7, 24)

    @property
    def counted(self) -> int:
        return int(self.backwards.size - self.unknown)

    @property
    def unknown(self) -> int:
        return int(np.count_nonzero(self.backwards | self.too_long))


def aoristic(
    starts: ArrayLike, ends: ArrayLike, zone: tzinfo | None = None, longest: timedelta | None = None
) -> HourOfWeek:
    """Spread each incident over the 168 hours of the week that it may have happened in: one incident, weight 1.

    starts, ends: (n,) datetime64 (to the second). In UTC if a zone is given, whose wall clock then counts: a span over
        a clock change is spread over the time that really passed. Without a zone they are wall-clock times.
    An end that is missing (NaT) or equals the start is an instant, with weight 1 in its hour.
    longest: a longer span is left out, as of unknown time. One that ends before it starts is left out too and flagged.
    """
    begin = np.asarray(starts, dtype="datetime64[s]")
    end = np.asarray(ends, dtype="datetime64[s]")
    if begin.ndim != 1 or begin.shape != end.shape:
        raise ValueError(f"starts of shape {begin.shape} do not fit ends of shape {end.shape}")
    if np.isnat(begin).any():
        raise ValueError("every incident needs a start")
    first = begin.astype(np.int64)
    last = np.where(np.isnat(end), begin, end).astype(np.int64)
    backwards = last < first
    allowed = np.inf if longest is None else longest.total_seconds()
    too_long = last - first > allowed
    known = ~(backwards | too_long)
    first, last = first[known], last[known]
    share = 1 / np.maximum(last - first, 1)  # weight of each second; an instant's one second has all of it
    last = np.maximum(last, first + 1)
    if zone is not None:
        first, last, share = _on_the_wall_clock(first, last, share, zone)
    return HourOfWeek(_spread(first, last, share), backwards, too_long)


def shift_share(starts: ArrayLike, ends: ArrayLike, shift_start: float, shift_end: float) -> Floats:
    """The part of each span that falls into a daily shift; an instant is in it (1) or not (0).

    starts, ends: local hours on one running clock (26.5 = 02:30 the next day). shift_start, shift_end: hours of the
    day; a shift from 22 to 6 goes over midnight. nan where a span ends before it starts.
    """
    begin, end = np.broadcast_arrays(np.asarray(starts, dtype=float), np.asarray(ends, dtype=float))
    length = (shift_end - shift_start) % 24 or 24.0

    def on_duty(hours: Floats) -> Floats:
        since = hours - shift_start
        return (since // 24) * length + np.minimum(since % 24, length)

    span = end - begin
    share = np.where((begin - shift_start) % 24 < length, 1.0, 0.0)
    np.divide(on_duty(end) - on_duty(begin), span, out=share, where=span > 0)
    return np.where(span < 0, np.nan, share)


def clock_changes(first: int, last: int, zone: tzinfo) -> tuple[Integers, Integers]:
    """Periods of one UTC offset that cover the epoch seconds from first to last.

    Returns (k,) where each period begins, the earliest at or before `first`, and (k,) its offset in seconds.
    """
    days = np.arange(first - DAY, last + 2 * DAY, DAY)
    offsets = [_offset(int(day), zone) for day in days]
    begins, values = [int(days[0])], [offsets[0]]
    for i in np.flatnonzero(np.diff(offsets)):
        low, high = int(days[i]), int(days[i + 1])
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(middle, zone) == offsets[i] else (low, middle)
        begins.append(high)
        values.append(offsets[i + 1])
    return np.array(begins), np.array(values)


def _offset(second: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _on_the_wall_clock(
    first: Integers, last: Integers, share: Floats, zone: tzinfo
) -> tuple[Integers, Integers, Floats]:
    """Spans of UTC seconds as spans of local ones, cut in two wherever the clock changes within."""
    if not first.size:
        return first, last, share
    begins, offsets = clock_changes(int(first.min()), int(last.max()), zone)
    firsts, lasts, shares = [], [], []
    for begin, end, offset in zip(begins, [*begins[1:], last.max() + 1], offsets, strict=True):
        here = np.flatnonzero((first < end) & (last > begin))
        firsts.append(np.maximum(first[here], begin) + offset)
        lasts.append(np.minimum(last[here], end) + offset)
        shares.append(share[here])
    return np.concatenate(firsts), np.concatenate(lasts), np.concatenate(shares)


def _spread(first: Integers, last: Integers, share: Floats) -> Floats:
    """Sum over spans of share times seconds in each hour of the week, (168,).

    Whole weeks weigh on all hours alike; the rest is laid on two weeks in a row, which are then laid on each other.
    """
    begin = (first - MONDAY) % WEEK
    weeks, rest = np.divmod(last - first, WEEK)
    end = begin + rest
    first_hour, last_hour = begin // HOUR, end // HOUR
    hours = 2 * WEEK // HOUR + 2

    def put(hour: Integers, weight: Floats) -> Floats:
        return np.bincount(hour, weights=weight, minlength=hours).astype(float, copy=False)

    # From the first hour to the last as if both were whole, then less what lies before the begin and after the end.
    whole = np.cumsum(put(first_hour, share) - put(last_hour + 1, share)) * HOUR
    whole -= put(first_hour, share * (begin - first_hour * HOUR))
    whole -= put(last_hour, share * ((last_hour + 1) * HOUR - end))
    week = WEEK // HOUR
    return np.maximum(whole[:week] + whole[week : 2 * week] + (share @ weeks) * HOUR, 0)
