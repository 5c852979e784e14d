import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.analytics.timing import aoristic, clock_changes, shift_share

CHICAGO = ZoneInfo("America/Chicago")
NONE = "NaT"
MONDAY = "2024-01-01T"


def one(start, end, **rest):
    return aoristic([np.datetime64(start)], [np.datetime64(end)], **rest)


@pytest.mark.parametrize(
    ("start", "end", "shares"),
    [
        ("01:00", "02:30", {1: 0.6667, 2: 0.3333}),
        ("01:50", "02:10", {1: 0.5, 2: 0.5}),
        ("10:55", "11:55", {10: 0.0833, 11: 0.9167}),
    ],
)
def test_aoristic_matches_computed(start, end, shares):
    weights = one(MONDAY + start, MONDAY + end).weights
    assert {int(hour): round(weights[hour], 4) for hour in np.flatnonzero(weights)} == shares


def test_aoristic_over_midnight_matches_computed():
    weights = one("2024-01-01T23:30", "2024-01-02T01:15").weights
    assert weights[23:26] == pytest.approx([0.2857, 0.5714, 0.1429], abs=1e-4)


def test_aoristic_over_the_end_of_the_week_begins_again():
    weights = one("2024-01-07T23:00", "2024-01-08T01:00").weights
    assert (weights[167], weights[0]) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("end", [NONE, "2024-01-03T14:59:59"])
def test_aoristic_instant_counts_1_in_its_hour(end):
    result = one("2024-01-03T14:59:59", end)
    assert result.by_day[2, 14] == 1
    assert result.weights.sum() == pytest.approx(1)


def test_aoristic_end_on_the_hour_gives_nothing_to_that_hour():
    assert one(MONDAY + "05:00", MONDAY + "06:00").weights[5:7].tolist() == [1, 0]


def test_aoristic_span_of_weeks_spreads_properly():
    weights = one("2024-01-01T00:00", "2024-01-15T01:00").weights
    assert weights[0] == pytest.approx(3 / 337)
    assert weights[1:] == pytest.approx(2 / 337)


def test_aoristic_end_before_start_is_flagged():
    result = aoristic(
        np.array([MONDAY + "05:00", MONDAY + "06:00"], dtype="datetime64[s]"),
        np.array([MONDAY + "04:00", NONE], dtype="datetime64[s]"),
    )
    assert result.backwards.tolist() == [True, False]
    assert (result.counted, result.unknown, result.weights.sum()) == (1, 1, 1)


def test_aoristic_span_that_is_too_long_is_unknown():
    result = one("2024-01-01T00:00", "2024-01-03T00:01", longest=timedelta(days=2))
    assert (result.counted, result.unknown, result.weights.sum()) == (0, 1, 0)
    assert one("2024-01-01T00:00", "2024-01-03T00:00", longest=timedelta(days=2)).counted == 1


def test_aoristic_without_incidents_is_zero():
    empty = np.array([], dtype="datetime64[s]")
    assert not aoristic(empty, empty, CHICAGO).weights.any()


def test_aoristic_needs_a_start():
    with pytest.raises(ValueError, match="start"):
        one(NONE, MONDAY + "05:00")


def test_aoristic_in_the_zone_of_the_city():
    assert one("2024-01-03T05:30", NONE, zone=CHICAGO).by_day[1, 23] == 1  # winter, 6 h behind
    assert one("2024-07-03T05:30", NONE, zone=CHICAGO).by_day[2, 0] == 1  # summer, 5 h behind


def test_aoristic_over_the_hour_that_is_skipped():
    """10 March 2024, 01:00 CST to 04:00 CDT: two hours passed, none of them between 2 and 3."""
    weights = one("2024-03-10T07:00", "2024-03-10T09:00", zone=CHICAGO).by_day[6]
    assert weights[:5].tolist() == [0, 0.5, 0, 0.5, 0]


def test_aoristic_over_the_hour_that_is_doubled():
    """3 November 2024, 00:00 CDT to 03:00 CST: four hours passed, two of them between 1 and 2."""
    weights = one("2024-11-03T05:00", "2024-11-03T09:00", zone=CHICAGO).by_day[6]
    assert weights[:4].tolist() == [0.25, 0.5, 0.25, 0]


def brute_aoristic(starts, ends, zone):
    """Minute by minute, each minute's wall clock asked of the zone."""
    weights = np.zeros(168)
    for start, end in zip(starts, ends, strict=True):
        minutes = range(start, max(end, start + 1))
        for minute in minutes:
            local = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone)
            weights[local.weekday() * 24 + local.hour] += 1 / len(minutes)
    return weights


AROUND_CLOCK_CHANGES = st.one_of(
    st.integers(28_500_000, 28_900_000),  # minutes of the epoch: most of 2024
    *(st.integers(change - 1500, change + 1500) for change in (28_500_960, 28_843_620, 28_540_260, 28_802_370)),
)


@given(
    st.lists(st.tuples(AROUND_CLOCK_CHANGES, st.integers(0, 3000)), max_size=4),
    st.sampled_from(["America/Chicago", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
@settings(max_examples=40, deadline=None)
def test_aoristic_agrees_with_brute_force(spans, zone):
    starts = np.array([start for start, _ in spans], dtype=np.int64)
    ends = starts + np.array([length for _, length in spans], dtype=np.int64)
    result = aoristic((starts * 60).astype("datetime64[s]"), (ends * 60).astype("datetime64[s]"), zone=ZoneInfo(zone))
    assert result.weights == pytest.approx(brute_aoristic(starts.tolist(), ends.tolist(), ZoneInfo(zone)), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 5 * 10**6)), max_size=30))
def test_aoristic_weights_sum_to_the_incidents(spans):
    starts = np.array([start for start, _ in spans], dtype="datetime64[s]")
    ends = starts + np.array([length for _, length in spans], dtype="timedelta64[s]")
    result = aoristic(starts, ends, CHICAGO)
    assert result.weights.sum() == pytest.approx(len(spans))
    assert (result.weights >= 0).all()


def test_clock_changes_are_found_to_the_second():
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2025))
    begins, offsets = clock_changes(first, last, CHICAGO)
    assert begins[0] <= first
    assert [datetime.fromtimestamp(second, UTC) for second in begins[1:]] == [
        datetime(2024, 3, 10, 8, tzinfo=UTC),
        datetime(2024, 11, 3, 7, tzinfo=UTC),
    ]
    assert offsets.tolist() == [-21_600, -18_000, -21_600]


@pytest.mark.parametrize(("start", "end", "share"), [(8, 16, 0.5), (8, 13, 0.2), (14.55, 14.55, 1), (14, 17, 2 / 3)])
def test_shift_share_matches_published(start, end, share):
    assert shift_share(start, end, 12, 16) == pytest.approx(share)


def test_shift_share_over_midnight():
    assert shift_share([20, 23, 30, 5], [24, 23, 31, 7], 22, 6) == pytest.approx([0.5, 1, 0, 0.5])


def test_shift_share_of_days_and_of_backwards_spans():
    share = shift_share([0, 5], [72, 4], 8, 16)
    assert share[0] == pytest.approx(1 / 3)
    assert np.isnan(share[1])


def test_shift_share_of_a_whole_day_is_all():
    assert shift_share(3, 50, 6, 6) == pytest.approx(1)


def test_aoristic_of_a_big_city_is_quick():
    rng = np.random.default_rng(1)
    starts = np.datetime64("2008-01-01", "s") + rng.integers(0, 11 * 31_500_000, 50_000)
    ends = starts + rng.integers(0, 200_000, 50_000)
    started = time.process_time()
    aoristic(starts, ends, CHICAGO)
    assert time.process_time() - started < 0.5
