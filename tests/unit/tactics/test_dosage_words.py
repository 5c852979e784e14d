from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from tactics.templatetags.dosage import amount, duration, since, visits


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (59.4, "59 min"), (59.6, "1 h 0 min"), (135, "2 h 15 min"), (1121, "19 h"), (90_000, "1,500 h")],
)
def test_duration_is_rounded_and_drops_minutes_where_they_matter_no_more(minutes, words):
    assert duration(minutes) == words


@pytest.mark.parametrize(("value", "words"), [(9.66, "9.7"), (10.0, "10"), (nan, "–"), (None, "–"), (1234.5, "1,234")])
def test_amount_has_a_digit_where_it_says_something(value, words):
    assert amount(value) == words


def test_visits_are_rounded_and_not_cut_off():
    assert [visits(value) for value in (23.8, 73.3, 0.5, 1200.0)] == ["24", "73", "0", "1,200"]


def test_since_counts_days_from_the_second_on():
    now = datetime(2025, 3, 5, tzinfo=UTC)
    assert since(now - timedelta(hours=47), now) == "47 h"
    assert since(now - timedelta(days=5, hours=3), now) == "5 days"
    assert since(now + timedelta(minutes=1), now) == "0 min"
