"""Addresses against what Publication 28 asks for, made up and as a city has them."""

import csv
from pathlib import Path

import pytest

from notices import postal

# Rows of the Master Address Table of the City of Charlottesville, Virginia (open data), of every kind that it has.
ROWS = Path(__file__).parent / "charlottesville_addresses.csv"


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("100 N. Main Street", "100 N MAIN ST"),
        ("100 N. Main St., Apt. #3", "100 N MAIN ST APT 3"),
        ("5 Martin Luther King Jr. Blvd Suite 200", "5 MARTIN LUTHER KING JR BLVD STE 200"),
        ("12 Avenue B Bldg 2 Apt 4", "12 AVENUE B BLDG 2 APT 4"),
        ("123 1/2 Elm Avenue", "123 1/2 ELM AVE"),
        ("450 E. Peña Blvd #4", "450 E PENA BLVD # 4"),
        ("12 Main Street Rear", "12 MAIN ST REAR"),
        ("12 Front St", "12 FRONT ST"),
        ("12 Side St Apt 1", "12 SIDE ST APT 1"),
        ("P.O. Box 0123", "PO BOX 123"),
        ("Post Office Box A", "PO BOX A"),
        ("POB 12", "PO BOX 12"),
        ("Drawer 7", "PO BOX 7"),
        ("Rural Route 3 Box 012", "RR 3 BOX 12"),
        ("Star Route 4 Box 9", "HC 4 BOX 9"),
        ("112-10 Bronx Rd", "112-10 BRONX RD"),
        ("N6W23001 Bluemound Road", "N6W23001 BLUEMOUND RD"),
        ("842 39.2 Road, Apt. 3", "842 39.2 RD APT 3"),
    ],
)
def test_street_line_is_standard(written, line):
    assert postal.street_line(written) == line
    assert postal.street_line(line) == line


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        ("", "12 ELM ST"),
        ("3", "12 ELM ST # 3"),
        ("#3", "12 ELM ST # 3"),
        ("Apartment 3-B", "12 ELM ST APT 3-B"),
        ("suite 200", "12 ELM ST STE 200"),
        ("Bldg 2, Apt. #4", "12 ELM ST BLDG 2 APT 4"),
        ("LOT 9", "12 ELM ST LOT 9"),
        ("Floor 2", "12 ELM ST FL 2"),
        ("1/2", "12 1/2 ELM ST"),
        ("B 1/2", "12B 1/2 ELM ST"),
    ],
)
def test_unit_stands_at_the_end_of_the_line(unit, line):
    assert postal.delivery_line(12, "Elm Street", unit) == line


def test_last_line_has_one_space_and_no_comma():
    assert postal.last_line("St. Paul,", "ks", "67357-1234") == "ST PAUL KS 67357-1234"
    assert postal.last_line("Cañon City", "CO", "81212") == "CANON CITY CO 81212"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Parsons, KS 67357-1234", ("PARSONS", "KS", "67357-1234")),
        ("FORT SCOTT KS 667011234", ("FORT SCOTT", "KS", "66701-1234")),
        ("Parsons KS", ("PARSONS", "KS", "")),
        ("Toronto ON M5V 3L9", ("TORONTO ON M5V 3L9", "", "")),
        ("", ("", "", "")),
    ],
)
def test_last_line_is_taken_apart(text, parts):
    assert postal.split_last_line(text) == parts


@pytest.mark.parametrize(
    ("text", "zip_code"), [("2139", "02139"), ("67357.0", "67357"), ("673570000", "67357"), ("6", "")]
)
def test_zip_code_is_mended_where_a_spreadsheet_broke_it(text, zip_code):
    assert postal.zip_text(text) == zip_code


@pytest.mark.parametrize(
    ("text", "line"), [("% Ann Núñez", "C/O ANN NUNEZ"), ("c/o Bob", "C/O BOB"), ("Attn: Acct", "ATTN ACCT")]
)
def test_care_of_is_standard(text, line):
    assert postal.care_of_line(text) == line


def test_owner_has_four_lines_at_most_and_none_too_long():
    lines = postal.owner_lines(
        "Consolidated Investment Properties Management Company, L.L.C.", "% Accounting Department",
        "12345 North Saint Bartholomew Boulevard, Apartment 1234", "Fort Scott", "KS", "66701-1234",
    )  # fmt: skip
    assert lines == (
        "CONSOLIDATED INVMT PROPS MGMT CO LLC",
        "C/O ACCOUNTING DEPARTMENT",
        "12345 N SAINT BARTHOLOMEW BLVD APT 1234",
        "FORT SCOTT KS 66701-1234",
    )
    assert postal.check(lines) == []


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        (("RESIDENT", "ELM ST", "PARSONS KS 67357"), [postal.NO_NUMBER]),
        (("RESIDENT", "0 ELM ST", "PARSONS KS 67357"), [postal.NO_NUMBER]),
        (("RESIDENT", "12 APT 3", "PARSONS KS 67357"), [postal.NO_STREET]),
        (("RESIDENT", "12 ELM ST", "PARSONS KS"), [postal.BAD_ZIP]),
        (("RESIDENT", "12 ELM ST", "PARSONS 67357"), [postal.BAD_STATE]),
        (("X" * 41, "12 ELM ST", "PARSONS KS 67357"), [postal.TOO_LONG]),
        (("A", "B", "C", "12 ELM ST", "PARSONS KS 67357"), [postal.TOO_MANY]),
        (("12 ELM ST", "PARSONS KS 67357"), [postal.NO_NAME]),
        (("A", "12 QUEEN ST", "TORONTO CANADA"), [postal.FOREIGN_ADDRESS]),
        (("A", "PO BOX 7", "PARSONS KS 67357-1234"), []),
        ((), [postal.NO_STREET]),
    ],
)
def test_check_tells_what_keeps_mail_away(lines, problems):
    assert postal.check(lines) == problems


def rows():
    with ROWS.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["MasterAddressID"])
def test_addresses_of_a_city_are_standard(row):
    street = " ".join(filter(None, (row[name].strip() for name in ("PREDIR", "ST_NAME", "SUFFIX", "POSTDIR"))))
    unit = f"{row['UNIT_TYPE'].strip()} {row['ST_UNIT'].strip()}".strip()
    lines = postal.resident_lines(row["ST_NUMBER"].strip(), street, unit, "Charlottesville", "VA", row["ZIP"])
    assert lines[1] == row["EXPECTED"]
    assert postal.check(lines) == ([] if row["ST_NUMBER"].strip() not in ("", "0") else [postal.NO_NUMBER])
