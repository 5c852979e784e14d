import numpy as np
import pandas as pd
import pytest

from hotspots.ingest.fields import AddressFields, RangeFields, as_title, guess_id, text_of, whole_numbers


def read(**columns):
    frame = pd.DataFrame(columns)
    return [series.tolist() for series in AddressFields.found_in(list(frame.columns)).read(frame)]


def test_address_of_parts_in_fields_of_their_own():
    number, street, unit = read(
        ST_NUMBER=["108"], PREDIR=["W"], ST_NAME=["SOUTH"], SUFFIX=["ST"], POSTDIR=[" "], ST_UNIT=["201"]
    )
    assert (number, street, unit) == (["108"], ["W SOUTH ST"], ["201"])


def test_address_of_a_number_and_a_whole_street():
    assert read(StreetNumber=[600.0], StreetName=["MASSIE RD"]) == [["600"], ["MASSIE RD"], [""]]


def test_address_of_one_text():
    assert read(address=["1524 S Grand Blvd # 2"]) == [["1524"], ["S GRAND BLVD"], ["2"]]


def test_address_without_any_field():
    assert read(foo=["1"]) == [[""], [""], [""]]


def test_guess_id_takes_a_known_name_that_tells_rows_apart():
    frame = pd.DataFrame({"OBJECTID": [1, 2, 3], "GEOID": ["a", "a", "b"], "name": ["x", "y", "z"]})
    assert guess_id(frame, list(frame.columns)) == "OBJECTID"
    assert guess_id(frame, ["name", "GEOID"]) is None


def test_text_of_whole_numbers_has_no_decimal_point():
    assert text_of(pd.Series([1.0, 2.5, np.nan])).tolist() == ["1", "2.5", ""]
    assert text_of(pd.Series([" a  b ", None, 7], dtype=object)).tolist() == ["a b", "", "7"]


def test_whole_numbers_take_the_leading_number():
    numbers, unusable = whole_numbers(pd.Series(["1035-67", "12A", "", "LOT 4", "1234567"]))
    assert numbers.tolist()[:2] == [1035, 12]
    assert unusable.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("shouted", "shown"),
    [
        ("W SOUTH ST", "W South St"),
        ("7 1/2 ST SW", "7 1/2 St SW"),
        ("5TH ST", "5th St"),
        ("MCDONALD AVE", "McDonald Ave"),
        ("Elm St", "Elm St"),
    ],
)
def test_title(shouted, shown):
    assert as_title(shouted) == shown


def test_ranges_of_tiger_and_their_gaps():
    left = {"LFROMADD": ["1", "", "0"], "LTOADD": ["99", "5", "0"]}
    frame = pd.DataFrame(left | {"RFROMADD": ["2", "", "2"], "RTOADD": ["98", "", "98"]})
    ranges = RangeFields.found_in(list(frame.columns)).read(frame)
    nan = np.nan
    np.testing.assert_array_equal(ranges, [[1, 99, 2, 98], [nan] * 4, [nan, nan, 2, 98]])


def test_ranges_of_a_file_without_any():
    frame = pd.DataFrame({"FULLNAME": ["Elm St"]})
    assert RangeFields.found_in(list(frame.columns)).read(frame) is None
