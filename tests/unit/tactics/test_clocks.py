"""Legal clocks of place measures: what day follows which."""

from datetime import date

import pytest

from tactics import clocks


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2025, 12, 15), 12, date(2026, 12, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, months, later):
    assert clocks.months_later(day, months) == later


@pytest.mark.parametrize("signed_on", [date(2023, 3, 1), date(2024, 2, 29), date(2024, 12, 31)])
def test_trespass_expiry_is_never_beyond_what_the_database_takes(signed_on):
    assert 0 < (clocks.trespass_expiry(signed_on) - signed_on).days <= 366


def test_trespass_expiry_is_twelve_months_even_if_more_is_configured(settings):
    settings.TRESPASS_MONTHS = 24
    assert clocks.trespass_expiry(date(2025, 3, 1)) == date(2026, 3, 1)
    settings.TRESPASS_MONTHS = 6
    assert clocks.trespass_expiry(date(2025, 8, 31)) == date(2026, 2, 28)


def test_trespass_reminder_comes_thirty_days_before(settings):
    assert clocks.trespass_reminder(date(2024, 3, 30)) == date(2024, 2, 29)
    settings.TRESPASS_REMINDER_DAYS = 7
    assert clocks.trespass_reminder(date(2024, 3, 1)) == date(2024, 2, 23)


@pytest.mark.parametrize(
    ("stage", "on", "due"),
    [
        ("violation", date(2025, 1, 30), date(2025, 3, 1)),
        ("notice", date(2024, 1, 30), date(2024, 2, 29)),  # over a leap day
        ("notice", date(2025, 1, 30), date(2025, 3, 1)),
        ("filed", date(2025, 12, 15), date(2026, 1, 14)),
        ("cured", date(2025, 1, 1), None),
        ("evicted", date(2025, 1, 1), None),
    ],
)
def test_lease_step_is_due_thirty_days_after_the_one_before(stage, on, due):
    assert clocks.lease_step_due(stage, on) == due


def test_lease_clocks_are_configurable(settings):
    settings.LEASE_NOTICE_WITHIN_DAYS, settings.LEASE_NOTICE_DAYS, settings.LEASE_COURT_DAYS = 7, 14, 60
    day = date(2025, 3, 1)
    due = [clocks.lease_step_due(stage, day) for stage in ("violation", "notice", "filed")]
    assert due == [date(2025, 3, 8), date(2025, 3, 15), date(2025, 4, 30)]
