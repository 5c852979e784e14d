from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.specs import RunSpec
from hotspots.windows import Window, midnight, windows_of

CHICAGO = ZoneInfo("America/Chicago")
days_of_history = st.dates(date(1990, 1, 1), date(2060, 1, 1))


def test_windows_of_a_year() -> None:
    windows = windows_of(RunSpec("block", date(2018, 12, 31), 365))

    assert windows.now == Window(date(2018, 1, 1), date(2018, 12, 31))
    assert windows.before == Window(date(2017, 1, 1), date(2017, 12, 31))
    assert windows.year_ago == Window(date(2017, 1, 1), date(2017, 12, 31))


def test_windows_of_a_single_day() -> None:
    windows = windows_of(RunSpec("block", date(2024, 3, 1), 1))

    assert windows.now == Window(date(2024, 3, 1), date(2024, 3, 1))
    assert windows.before == Window(date(2024, 2, 29), date(2024, 2, 29))
    assert windows.year_ago == Window(date(2023, 3, 1), date(2023, 3, 1))


def test_window_that_ends_on_leap_day_is_compared_with_28_february() -> None:
    assert windows_of(RunSpec("block", date(2024, 2, 29), 28)).year_ago == Window(date(2023, 2, 1), date(2023, 2, 28))


@given(days_of_history, st.integers(1, 800))
def test_windows_have_equal_lengths_and_adjoin(as_of: date, days: int) -> None:
    windows = windows_of(RunSpec("block", as_of, days))

    assert {(each.last_day - each.first_day).days + 1 for each in windows} == {days}
    assert windows.before.last_day + timedelta(days=1) == windows.now.first_day


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2024, 3, 10), 23), (date(2024, 11, 3), 25), (date(2024, 7, 1), 24)],
    ids=["spring", "autumn", "summer"],
)
def test_day_on_which_clocks_change_is_whole(day: date, hours: int) -> None:
    window = Window(day, day)

    assert window.ends_at(CHICAGO) - window.starts_at(CHICAGO) == timedelta(hours=hours)


def test_midnight_is_that_of_the_zone() -> None:
    assert midnight(date(2024, 1, 1), CHICAGO) == datetime(2024, 1, 1, 6, tzinfo=UTC)


def test_midnight_that_clocks_skip_is_when_the_day_begins() -> None:
    """In Havana, 10 March 2024 began at 01:00."""
    havana = ZoneInfo("America/Havana")

    assert midnight(date(2024, 3, 10), havana) == datetime(2024, 3, 10, 1, tzinfo=havana).astimezone(UTC)
