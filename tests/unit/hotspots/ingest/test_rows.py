"""What a chunk's columns become, without a database."""

import numpy as np
import pyarrow as pa
import pytest

from hotspots.ingest import mapping as mappings
from hotspots.ingest.readers import BadRow, Chunk
from hotspots.ingest.rows import Rows, bind, translate

BASE = {
    "name": "base",
    "zone": "America/Chicago",
    "columns": {"occurred_from": "when", "code": "code", "address": "where"},
    "dates": {"formats": ["%m/%d/%Y %H:%M"]},
}


def run(rows: list[dict[str, str]], **changes: object) -> tuple[Rows, list[BadRow]]:
    table = pa.Table.from_pylist(
        [{"when": "01/02/2020 10:00", "code": "23C", "where": "1 MAIN ST"} | row for row in rows]
    )
    mapping = mappings.from_document({**BASE, **changes})
    bad: list[BadRow] = []
    bound = bind(mapping, table.column_names, frozenset({"23C", "220"}))
    return translate(Chunk(table, np.arange(2, len(table) + 2)), bound, 0, bad.append), bad


def instants(*texts: str, **changes: object) -> list[str]:
    rows, _ = run([{"when": text} for text in texts], **changes)
    return [value.strftime("%Y-%m-%dT%H:%MZ") for value in rows.incidents.column("occurred_from").to_pylist()]


def test_digests_hold_still():
    # Stored rows are recognized by them: another value here means that every import doubles what it brought before.
    rows, _ = run(
        [{"extra": "é"}],
        key={"content": ["extra"]},
        retract={"when": [{"column": "code", "values": ["-"]}], "match": ["occurred_from", "code"]},
    )
    row = rows.incidents.to_pylist()[0]
    assert (row["key"], row["digest"], row["location"], row["match_key"]) == HELD


HELD = (
    "20200102-59d43a079fa7c768d99cdec40f4a978b",
    "d2d8e8b8af0c67bac100bee333fd3bac",
    "234ff4bd67ddb833a5c3ac9ab6732ba8",
    "80004757182bd2db9dadf55e02c7eff4",
)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("01/02/2020 10:00", "2020-01-02T16:00Z"),
        ("7/2/2020 9:05", "2020-07-02T14:05Z"),
        ("03/08/2020 02:30", "2020-03-08T08:30Z"),  # left out by the clock: counted on from before
        ("11/01/2020 01:30", "2020-11-01T06:30Z"),  # comes twice: the first is meant
        ("2020-01-02T10:00:00-05:00", "2020-01-02T15:00Z"),
        ("2020-01-02 10:00", "2020-01-02T16:00Z"),
    ],
)
def test_local_time_becomes_an_instant(text, utc):
    assert instants(text) == [utc]


def test_mixed_formats_are_tried_in_turn():
    found = instants("01/02/2020 10:00", "2020/01/02", dates={"formats": ["%m/%d/%Y %H:%M", "%Y/%m/%d"]})
    assert found == ["2020-01-02T16:00Z", "2020-01-02T06:00Z"]


def test_epoch_counts_in_utc_unless_said_otherwise():
    columns = {**BASE["columns"], "occurred_from": {"column": "when", "format": "epoch_ms"}}
    assert instants("1577959200000", columns=columns) == ["2020-01-02T10:00Z"]
    columns["occurred_from"]["zone"] = "America/Chicago"
    assert instants("1577959200000", columns=columns) == ["2020-01-02T16:00Z"]


@pytest.mark.parametrize(
    ("stamp", "clock", "rule", "utc"),
    [
        ("2020/01/02 02:00:00+00", "0200", "nearest", "2020-01-02T08:00Z"),  # local time that says it is UTC
        ("2020/01/02 08:00:00+00", "0200", "nearest", "2020-01-02T08:00Z"),  # UTC
        ("2020/01/02 04:30:00+00", "2230", "nearest", "2020-01-02T04:30Z"),  # the local day before
        ("2020/01/02 12:00:00+00", "", "nearest", "2020-01-02T12:00Z"),
        ("2020/01/02 12:00:00+00", "9999", "nearest", "2020-01-02T12:00Z"),
        ("2020/01/02 06:00:00+00", "12:46", "same_day", "2020-01-02T18:46Z"),
    ],
)
def test_clock_column_tells_the_local_time(stamp, clock, rule, utc):
    columns = {
        **BASE["columns"],
        "occurred_from": {"column": "when", "format": "%Y/%m/%d %H:%M:%S%z", "clock": "hour", "clock_rule": rule},
    }
    rows, _ = run([{"when": stamp, "hour": clock}], columns=columns)
    assert rows.incidents.column("occurred_from")[0].as_py().strftime("%Y-%m-%dT%H:%MZ") == utc


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("where", ["100 MAIN ST", "MAIN ST"]),
        ("{number} {street}", ["100 MAIN ST", "MAIN ST"]),
        ("[{number} BLK ]{street}", ["100 BLK MAIN ST", "MAIN ST"]),
    ],
)
def test_address_template(template, expected):
    rows, _ = run(
        [
            {"where": "100  MAIN ST", "number": "0100", "street": " MAIN ST"},
            {"where": "MAIN ST", "number": "0", "street": "MAIN ST "},
        ],
        columns={**BASE["columns"], "address": template},
        clean={"leading_zeros": ["number"]},
    )
    texts = dict(
        zip(rows.locations.column("digest").to_pylist(), rows.locations.column("address_text").to_pylist(), strict=True)
    )
    assert [texts[digest] for digest in rows.incidents.column("location").to_pylist()] == expected


@pytest.mark.parametrize(
    ("code", "words", "expected"),
    [
        ("777", "", "220"),
        ("23c", "", "23C"),
        ("0312", "", "120"),
        ("03", "", "200"),
        ("x", "Theft of bike", "23H"),
        ("x", "", "90Z"),
    ],
)
def test_offense_by_code_then_nibrs_then_longest_prefix_then_words(code, words, expected):
    rows, _ = run(
        [{"code": code, "what": words}],
        columns={**BASE["columns"], "description": "what"},
        offenses={
            "nibrs": True,
            "codes": {"777": "220"},
            "prefixes": {"0": "290", "03": "200", "031": "120"},
            "patterns": [{"pattern": "theft", "nibrs": "23H"}],
        },
    )
    assert rows.incidents.column("offense").to_pylist() == [expected]


def test_nothing_written_as_a_word_is_nothing():
    rows, bad = run(
        [{"where": "NULL"}, {"when": "1/1/1900 0:00"}],
        clean={"nulls": ["NULL"]},
        dates={**BASE["dates"], "nulls": ["1/1/1900 0:00"]},
    )
    assert rows.locations.column("address_text").to_pylist() == [""]
    assert [row.reason for row in bad] == ["no date of occurrence"]


def test_chunk_without_rows_to_keep():
    rows, bad = run([{"when": "never"}], columns={**BASE["columns"], "address": "{where} {code}"})
    assert (len(rows.incidents), len(bad), rows.read) == (0, 1, 1)
