"""Coordinates, shades and words of the charts, on inputs small enough to reckon by hand."""

import re
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from hotspots import charts
from hotspots.analytics.timing import aoristic
from hotspots.queries.charts import Month


def measure(**changes: Any) -> dict[str, Any]:
    chance = {
        "gini": [0.1, 0.2, 0.3],
        "generalised_gini": [0.0, 0.1, 0.2],
        "shares": {"25": [0.1, 0.2, 0.2], "50": [0.3, 0.4, 0.4], "80": [0.7, 0.7, 0.8]},
        "curve": [[0, 0, 0, 0], [0.5, 0.55, 0.6, 0.65], [1, 1, 1, 1]],
    }
    return {
        "total": 10,
        "gini": 0.7,
        "generalised_gini": 0.6,
        "unbiased_gini": 0.65,
        "shares": {"25": 0.05, "50": 0.1, "80": 0.3},
        "curve": [[0, 0], [0.1, 0.5], [0.5, 1], [1, 1]],
        "chance": {"equal": chance, "length": None},
        **changes,
    }


def points(path: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split())) for pair in re.split("[MLZ]", path) if pair]


def test_share_curve_starts_bottom_left_and_ends_top_right():
    drawn = points(charts.share_curve(measure()).line)
    assert drawn == [(38, 200), (65.2, 104), (174, 8), (310, 8)]


def test_share_curve_band_goes_out_along_the_low_and_back_along_the_high():
    band = charts.share_curve(measure()).chances[0].band
    assert band.endswith("Z")
    assert points(band) == [(38, 200), (174, 94.4), (310, 8), (310, 8), (174, 75.2), (38, 200)]


def test_share_curve_marks_half():
    curve = charts.share_curve(measure())
    assert (curve.half_x, curve.chance_half_x) == ("65.2", "146.8")
    assert (curve.half_share, curve.half_chance) == (0.1, 0.4)
    assert curve.has_labels


def test_share_curve_leaves_labels_out_that_would_overlap():
    near = measure(shares={"25": 0.1, "50": 0.3, "80": 0.6})
    assert not charts.share_curve(near).has_labels


def test_share_curve_by_length_has_two_bands():
    both = measure()
    both["chance"]["length"] = both["chance"]["equal"]
    curve = charts.share_curve(both)
    assert [each.name for each in curve.chances] == ["equal", "length"]
    assert all(len(row.chances) == 2 for row in [*curve.portions, *curve.ginis, *curve.rows])


def test_share_curve_rows_tell_the_curve():
    rows = {row.share: row for row in charts.share_curve(measure()).rows}
    assert 0.05 not in rows  # the first place is a tenth of all
    assert rows[0.3].held == pytest.approx(0.75)
    assert rows[0.5].chances == pytest.approx([0.6])


def test_share_curve_without_incidents_is_none():
    assert charts.share_curve(measure(total=0)) is None


def test_coordinates_have_points_in_every_language():
    with translation.override("de"):
        curve = charts.share_curve(measure())
    assert "," not in curve.line + curve.chances[0].band + curve.half_x


def hours(*times: str):
    return aoristic(
        np.array(times, dtype="datetime64[s]"), np.full(len(times), np.datetime64("NaT"), dtype="datetime64[s]")
    )


def test_hour_matrix_puts_hours_in_their_place():
    matrix = charts.hour_matrix(hours("2024-01-06T23:30", "2024-01-06T23:40", "2024-01-01T00:10"))
    cells = {(day.name, hour): cell for day in matrix.days for hour, cell in enumerate(day.cells)}
    assert cells["Saturday", 23].level == charts.LEVELS
    assert cells["Saturday", 23].words == "Saturday 23:00: 2.0"
    assert cells["Monday", 0].level == 4
    assert sum(cell.level for cell in cells.values()) == charts.LEVELS + 4
    assert matrix.by_hour[23][1][5] is cells["Saturday", 23]
    assert (matrix.days[5].total, matrix.most, matrix.counted) == (2, 2, 3)


def test_hour_matrix_finds_the_busiest_hours_over_the_end_of_the_week():
    matrix = charts.hour_matrix(hours("2024-01-07T23:30", "2024-01-08T00:10", "2024-01-08T01:10", "2024-01-03T12:00"))
    assert matrix.peak in {"Sunday 22:00 to 02:00", "Sunday 23:00 to 03:00"}
    assert matrix.peak_share == pytest.approx(0.75)


def test_hour_matrix_rounds_what_it_says():
    starts, ends = ["2024-01-01T00:00"] * 2, ["2024-01-01T00:30", "2024-01-01T01:16"]
    matrix = charts.hour_matrix(aoristic(np.array(starts, "datetime64[s]"), np.array(ends, "datetime64[s]")))
    cells = {(day.name, number): cell for day in matrix.days for number, cell in enumerate(day.cells)}
    assert cells["Monday", 0].words == "Monday 00:00: 1.8"  # 1 + 60/76 = 1.789


def test_hour_matrix_without_a_known_hour_is_none():
    assert charts.hour_matrix(hours()) is None


def months(*counts: int, partial: tuple[int, ...] = ()) -> list[Month]:
    return [Month(date(2023 + i // 12, i % 12 + 1, 1), count, partial=i in partial) for i, count in enumerate(counts)]


def test_trend_marks_the_window_and_months_that_are_not_whole():
    drawn = charts.trend(months(*[10] * 12, 20, 30, 4, partial=(0, 14)), date(2024, 1, 1))
    assert [bar.state for bar in drawn.bars] == ["before"] * 12 + ["window"] * 3
    assert [i for i, bar in enumerate(drawn.bars) if bar.partial] == [0, 14]
    assert drawn.sentence == "February 2024: 30 incidents; 10 a year before"
    assert drawn.bars[12].year_before is None  # January 2023 is not whole
    assert (drawn.has_window, drawn.has_before, drawn.has_partial) == (True, True, True)


def test_trend_bars_stand_on_the_axis_and_reach_their_count():
    drawn = charts.trend(months(20, 40), date(2023, 1, 1))
    assert [tick.label for tick in drawn.y_ticks] == ["0", "20", "40"]
    assert [(bar.y, bar.height) for bar in drawn.bars] == [("60.0", "50.0"), ("10.0", "100.0")]


def test_trend_without_a_whole_month_says_nothing_of_one():
    assert charts.trend(months(3, partial=(0,)), date(2023, 1, 5)).sentence == ""


def test_trend_without_incidents_is_none():
    assert charts.trend(months(0, 0), date(2023, 1, 1)) is None
    assert charts.trend([], date(2023, 1, 1)) is None


@pytest.mark.parametrize(("most", "top"), [(1, 2), (3, 4), (7, 8), (9, 10), (10, 10), (4495, 6000), (99_999, 100_000)])
def test_axis_ends_on_a_round_even_number(most, top):
    assert charts._round_up(most) == top
