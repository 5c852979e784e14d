"""Columns and times of files from CAD and AVL systems."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from hotspots.ingest.errors import InputError
from tactics.ingest import choose_columns, instants

CENTRAL = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["Unit", "Timestamp", "Longitude", "Latitude"], ("Unit", "Timestamp", "Longitude", "Latitude")),
        (["VEHICLE_ID", "GPS Time", "Lng", "Lat", "Speed"], ("VEHICLE_ID", "GPS Time", "Lng", "Lat")),
        (["call sign", "date", "x", "y"], ("call sign", "date", "x", "y")),
    ],
)
def test_columns_of_positions_are_found_by_their_names(headers, columns):
    assert tuple(choose_columns("pings", headers, {}).values()) == columns


def test_columns_that_are_named_win_over_those_that_are_guessed():
    headers = ["Unit", "Dispatched", "Arrived", "Clear", "On Scene", "Hot Spot"]
    chosen = choose_columns("visits", headers, {"arrived": "on scene"})
    assert (chosen["arrived"], chosen["cleared"], chosen["hot_spot"]) == ("On Scene", "Clear", "Hot Spot")


def test_visits_need_a_hot_spot_or_a_position():
    with pytest.raises(InputError, match=r"no column found for hot_spot \(or longitude and latitude\)"):
        choose_columns("visits", ["Unit", "Arrived", "Cleared", "Lon"], {})


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-03-05T18:00:00Z", "2025-03-05T18:00:00"),
        ("2025-03-05 12:00:00-06:00", "2025-03-05T18:00:00"),
        ("2025-03-05 12:00", "2025-03-05T18:00:00"),
        ("2025-03-05T12:00:00.250", "2025-03-05T18:00:00.250"),
        ("03/05/2025 12:00:30", "2025-03-05T18:00:30"),
        ("3/5/2025 12:00", "2025-03-05T18:00:00"),
        ("03/05/2025 12:00:30 PM", "2025-03-05T18:00:30"),
        ("20250305120030", "2025-03-05T18:00:30"),
        ("1741197600", "2025-03-05T18:00:00"),
        ("1741197600500", "2025-03-05T18:00:00.500"),
        ("2025-07-05 12:00", "2025-07-05T17:00:00"),
        ("2025-11-02 01:30", "2025-11-02T06:30:00"),  # the first of the two
        ("2025-03-09 02:30", "2025-03-09T08:00:00"),  # skipped: the first instant after the gap
        ("", "NaT"),
        ("soon", "NaT"),
        ("2025-02-30 12:00", "NaT"),
    ],
)
def test_time_is_read_as_local_unless_it_says_otherwise(text, instant):
    found = instants(pd.Series([text], dtype=object), CENTRAL)
    np.testing.assert_array_equal(found, np.array([instant], dtype="datetime64[us]"))


def test_times_of_mixed_formats_are_read_each_by_its_own():
    texts = pd.Series(["2025-03-05 12:00", "never", "03/05/2025 12:00", "2025-03-05T18:00:00Z"], dtype=object)
    found = instants(texts, CENTRAL)
    assert found[0] == found[2] == found[3] == np.datetime64(datetime(2025, 3, 5, 18))
    assert np.isnat(found[1])
