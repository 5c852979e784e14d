"""Dosage against a count of every single minute."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hotspots.windows import midnight
from tactics.analytics import dosage
from tactics.analytics.dosage import MINUTE, Visits, delivered, logged_too

ZONE = ZoneInfo("America/Chicago")
SPOTS, TACTICS, WAYS = 3, 2, 2


def micro(instant):
    return round(instant.timestamp()) * 1_000_000


def borders_from(monday, weeks):
    return np.array([micro(midnight(monday + timedelta(days=7 * n), ZONE)) for n in range(weeks + 1)])


def visits_of(rows):
    """rows: (spot, tactic, start, end or None, joined, who, repeated), the last three where they matter."""
    rows = sorted(rows, key=lambda row: (row[0], row[2]))
    return Visits(
        spot=np.array([row[0] for row in rows], dtype=np.int64),
        tactic=np.array([row[1] for row in rows], dtype=np.int64),
        starts=np.array([micro(row[2]) for row in rows], dtype=np.int64),
        ends=np.array([0 if row[3] is None else micro(row[3]) for row in rows], dtype=np.int64),
        running=np.array([row[3] is None for row in rows], dtype=bool),
        joined=np.array([len(row) > 4 and row[4] for row in rows], dtype=bool),
        unapproved=np.zeros(len(rows), dtype=bool),
        how=np.zeros(len(rows), dtype=np.int64),
        who=np.array([row[5] if len(row) > 5 else number for number, row in enumerate(rows)], dtype=np.int64),
        repeated=np.array([len(row) > 6 and row[6] for row in rows], dtype=bool),
    )


def of(rows, monday, weeks):
    return delivered(visits_of(rows), borders_from(monday, weeks), SPOTS, TACTICS, WAYS)


def minute_by_minute(rows, monday, weeks):
    """The same measures, each minute of each week looked at by itself."""
    patrol, officer = np.zeros((SPOTS, TACTICS, weeks)), np.zeros((SPOTS, TACTICS, weeks))
    presence, visits = np.zeros((SPOTS, weeks)), np.zeros((SPOTS, TACTICS, weeks), dtype=int)
    attendance = np.zeros((SPOTS, weeks))
    borders = [midnight(monday + timedelta(days=7 * n), ZONE) for n in range(weeks + 1)]
    for week in range(weeks):
        for spot, tactic, start, _end, _joined, _who, repeated in rows:
            visits[spot, tactic, week] += not repeated and borders[week] <= start < borders[week + 1]
        minute = borders[week]
        while minute < borders[week + 1]:
            there = [row for row in rows if row[3] and row[2] <= minute < row[3]]
            once = [row for row in there if not row[6]]
            for spot, tactic, *_ in once:
                officer[spot, tactic, week] += 1
            for spot, _who in {(row[0], row[5]) for row in once}:
                attendance[spot, week] += 1
            for spot, tactic in {(row[0], row[1]) for row in there}:
                patrol[spot, tactic, week] += 1
            for spot in {row[0] for row in there}:
                presence[spot, week] += 1
            minute += timedelta(minutes=1)
    return patrol, officer, presence, attendance, visits


@pytest.mark.parametrize(
    "monday",
    [
        pytest.param(datetime(2025, 3, 3).date(), id="clocks go forward on the first Sunday"),
        pytest.param(datetime(2025, 10, 27).date(), id="clocks go back on the first Sunday"),
        pytest.param(datetime(2025, 6, 2).date(), id="no change of the clock"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_delivered_as_counted_minute_by_minute(monday, seed):
    rng = np.random.default_rng(seed)
    first = midnight(monday, ZONE) - timedelta(hours=20)
    rows = []
    for _ in range(60):
        # Crowded around both borders of the first week, where what can go wrong does.
        near = rng.choice([0, 7 * 1440, 14 * 1440]) if rng.random() < 0.7 else 0
        start = first + timedelta(minutes=int(near + rng.integers(0, 2400)))
        length = int(rng.choice([0, 1, rng.integers(2, 60), rng.integers(60, 1441)]))
        end = None if rng.random() < 0.1 else start + timedelta(minutes=length)
        who, repeated = int(rng.integers(-2, 3)), bool(rng.random() < 0.2)
        rows.append((int(rng.integers(SPOTS)), int(rng.integers(TACTICS)), start, end, False, who, repeated))
    patrol, officer, presence, attendance, visits = minute_by_minute(rows, monday, 2)
    found = of(rows, monday, 2)
    np.testing.assert_allclose(found.patrol, patrol)
    np.testing.assert_allclose(found.officer, officer)
    np.testing.assert_allclose(found.presence, presence)
    np.testing.assert_allclose(found.attendance, attendance)
    np.testing.assert_array_equal(found.visits, visits)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


MONDAY = datetime(2025, 3, 3).date()


def test_delivered_visit_over_midnight_of_sunday_is_one_visit_whose_minutes_are_split():
    found = of([(0, 0, at("2025-03-09 23:50"), at("2025-03-10 00:20"))], MONDAY, 2)
    assert found.visits[0, 0].tolist() == [1, 0]
    assert found.patrol[0, 0].tolist() == [10, 20]
    assert found.presence[0].tolist() == [10, 20]
    assert found.visit_minutes[0, 0].tolist() == [30, 0]
    assert found.ended[0, 0].tolist() == [1, 0]


def test_delivered_visit_over_the_clock_change_counts_the_minutes_that_passed():
    found = of([(0, 0, at("2025-03-09 01:30"), at("2025-03-09 03:30"))], MONDAY, 1)
    assert found.officer[0, 0, 0] == 60


def test_delivered_two_officers_at_once_are_one_presence_and_two_officers_time():
    rows = [
        (0, 0, at("2025-03-04 12:00"), at("2025-03-04 12:30")),
        (0, 1, at("2025-03-04 12:10"), at("2025-03-04 12:40")),
    ]
    found = of(rows, MONDAY, 1)
    assert found.presence[0, 0] == 40
    assert found.patrol[0, :, 0].tolist() == [30, 30]
    assert found.officer.sum() == 60


def test_delivered_visit_that_still_runs_counts_without_minutes():
    found = of([(0, 0, at("2025-03-04 12:00"), None)], MONDAY, 1)
    assert (found.visits[0, 0, 0], found.running[0, 0, 0], found.ended[0, 0, 0]) == (1, 1, 0)
    assert found.officer.sum() == found.patrol.sum() == found.visit_minutes.sum() == 0


def test_delivered_units_of_one_operation_make_one_visit():
    start, end = at("2025-03-04 12:00"), at("2025-03-04 14:00")
    found = of([(0, 0, start, end), (0, 0, start, end, True)], MONDAY, 1)
    assert found.visits[0, 0, 0] == 1
    assert (found.patrol[0, 0, 0], found.officer[0, 0, 0]) == (120, 240)


def test_delivered_stay_beyond_a_day_counts_for_a_day_and_is_told():
    found = of([(0, 0, at("2025-03-04 12:00"), at("2025-03-07 12:00"))], MONDAY, 1)
    assert found.officer[0, 0, 0] == 1440
    assert found.too_long[0, 0, 0] == 1


def test_delivered_refuses_records_that_are_not_sorted():
    rows = [
        (0, 0, at("2025-03-04 12:00"), at("2025-03-04 12:30")),
        (0, 0, at("2025-03-05 12:00"), at("2025-03-05 12:30")),
    ]
    visits = visits_of(rows)
    upside_down = replace(visits, starts=visits.starts[::-1], ends=visits.ends[::-1])
    with pytest.raises(ValueError, match="sorted"):
        delivered(upside_down, borders_from(MONDAY, 1), SPOTS, TACTICS, WAYS)


def test_delivered_of_nothing_is_nothing():
    found = of([], MONDAY, 2)
    assert found.presence.tolist() == [[0, 0]] * SPOTS
    assert found.visits.shape == (SPOTS, TACTICS, 2)
    assert found.recorded.shape == (SPOTS, TACTICS, 2, WAYS)


def test_delivered_minutes_are_those_of_microseconds():
    found = of([(2, 1, at("2025-03-04 12:00:30"), at("2025-03-04 12:01"))], MONDAY, 1)
    assert found.officer[2, 1, 0] == pytest.approx(30_000_000 / MINUTE)


def test_delivered_stop_during_an_officers_own_patrol_adds_nothing_to_the_total():
    rows = [
        (0, 0, at("2025-03-04 12:00"), at("2025-03-04 12:30"), False, 7),
        (0, 1, at("2025-03-04 12:10"), at("2025-03-04 12:15"), False, 7),
        (0, 1, at("2025-03-04 12:10"), at("2025-03-04 12:15"), False, 8),
    ]
    found = of(rows, MONDAY, 1)
    assert found.officer[0, :, 0].tolist() == [30, 10]
    assert found.attendance[0, 0] == 35
    assert found.visits[0, :, 0].tolist() == [1, 2]


def test_delivered_repeated_record_shows_presence_and_is_no_visit():
    rows = [
        (0, 0, at("2025-03-04 12:00"), at("2025-03-04 12:30"), False, 7),
        (0, 0, at("2025-03-04 11:58"), at("2025-03-04 12:34"), False, -3, True),
    ]
    found = of(rows, MONDAY, 1)
    assert (found.visits.sum(), found.repeated.sum(), found.recorded.sum()) == (1, 1, 1)
    assert found.presence[0, 0] == found.patrol[0, 0, 0] == 36
    assert found.attendance[0, 0] == found.officer[0, 0, 0] == found.visit_minutes[0, 0, 0] == 30


def test_delivered_is_the_same_where_groups_do_not_fit_on_one_line(monkeypatch):
    rng = np.random.default_rng(5)
    starts = [at("2025-03-04 12:00") + timedelta(minutes=int(minute)) for minute in rng.integers(0, 3000, 80)]
    rows = [
        (int(rng.integers(SPOTS)), int(rng.integers(TACTICS)), start, start + timedelta(minutes=45), False, number % 4)
        for number, start in enumerate(starts)
    ]
    whole = of(rows, MONDAY, 1)
    monkeypatch.setattr(dosage, "LARGEST", 2 * dosage.DAY)
    parts = of(rows, MONDAY, 1)
    for name in ("presence", "patrol", "attendance"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@pytest.mark.parametrize("seed", range(20))
def test_logged_too_as_each_pair_compared(seed):
    rng = np.random.default_rng(seed)
    number = int(rng.integers(1, 80))
    keys = tuple(rng.integers(0, 2 + seed % 3, number) for _ in range(3))
    starts = rng.integers(0, 200, number)
    ends = starts + rng.integers(0, 30, number)
    imported, known = rng.random(number) < 0.5, rng.random(number) < 0.8
    expected = [
        any(
            imported[this]
            and known[this]
            and known[other]
            and not imported[other]
            and all(key[this] == key[other] for key in keys)
            and starts[this] <= ends[other]
            and starts[other] <= ends[this]
            for other in range(number)
        )
        for this in range(number)
    ]
    assert logged_too(keys, starts, ends, imported, known).tolist() == expected


@pytest.mark.parametrize("imported", [[], [False, False], [True, True]])
def test_logged_too_of_one_way_of_recording_is_nothing(imported):
    some = np.arange(len(imported))
    found = logged_too((some, some, some), some, some + 5, np.array(imported, dtype=bool), np.ones(len(some), bool))
    assert not found.any()
