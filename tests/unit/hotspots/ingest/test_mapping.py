import copy

import pytest

from hotspots.ingest import mapping as mappings
from hotspots.ingest.errors import InputError

GOOD = {
    "name": "good",
    "zone": "America/Chicago",
    "columns": {"occurred_from": "Date", "code": "Code", "address": "{Number} {Street}"},
    "key": {"columns": ["Id"]},
}


@pytest.mark.parametrize("name", mappings.shipped())
def test_shipped_mapping_is_valid(name):
    assert mappings.load(name).name == name


def test_mapping_lists_every_column_it_needs():
    assert mappings.from_document(GOOD).columns == ["Date", "Code", "Number", "Street", "Id"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"zone": "Mars"}, "`zone`: 'Mars' is not a time zone"),
        ({"zone": 5}, "`zone`: must be a text in quotes"),
        ({"crs": "EPSG:0"}, "`crs`: 'EPSG:0' is not a coordinate system"),
        ({"colums": {}}, "`colums`: is not known here"),
        ({"columns": {"code": "Code", "address": "A"}}, "`columns.occurred_from`: is missing"),
        ({"columns": {"occurred_from": "D", "address": "A"}}, "`columns`: needs `code` or `description`"),
        ({"columns": {"occurred_from": "D", "code": "C"}}, "`columns`: needs `address`, or `x` and `y`"),
        ({"columns": {"occurred_from": "D", "code": "C", "x": "X"}}, "`columns`: needs both `x` and `y`"),
        ({"columns": {"occurred_from": "D", "code": "C", "address": "[{A}"}}, "`columns.address`:"),
        (
            {"columns": {"occurred_from": {"column": "D", "clock_rule": "x"}, "code": "C", "address": "A"}},
            "`columns.occurred_from.clock_rule`: must be same_day or nearest",
        ),
        ({"key": {"revision": "R"}}, "`key.revision`: says which row of one key wins"),
        ({"retract": {"match": ["code"]}}, "`retract`: needs both `when` and `match`"),
        ({"exclude": [{"column": "C", "pattern": "("}]}, "`exclude[0].pattern`: '(' is not a regular expression"),
        ({"exclude": [{"column": "C"}]}, "`exclude[0].values`: needs either `values` or `pattern`"),
        ({"offenses": {"codes": {"1": 5}}}, "`offenses.codes.1`: must be a text"),
        ({"dates": {"formats": 3}}, "`dates.formats`: must be a list of texts"),
    ],
)
def test_wrong_key_is_named(change, message):
    with pytest.raises(InputError) as raised:
        mappings.from_document({**copy.deepcopy(GOOD), **change})
    assert message in str(raised.value)


def test_headers_are_compared_without_case_spaces_and_dashes():
    mapping = mappings.from_document({**GOOD, "aliases": {"Date": ["Date Occured"]}})
    bound = mapping.bind(["DATE-OCCURED", "code ", "num_ber", "Street", "ID"])
    assert bound == {"Date": "DATE-OCCURED", "Code": "code ", "Number": "num_ber", "Street": "Street", "Id": "ID"}


def test_missing_column_is_named_with_its_other_names():
    mapping = mappings.from_document({**GOOD, "aliases": {"Date": ["DateOccured"]}})
    with pytest.raises(InputError, match="needs the column Date or DateOccured, Street, which is not there"):
        mapping.bind(["Code", "Number", "Id"])


def test_mapping_that_is_not_toml_says_where(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("zone = \n")
    with pytest.raises(InputError, match=r"mine\.toml is not TOML: .*line 1"):
        mappings.load(str(path))
