import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.ingest.address_text import Kind, ParsedAddress, _plainly, _thoroughly, parse


@pytest.mark.parametrize(
    ("text", "street", "number", "unit"),
    [
        ("1234 N MAIN ST APT 4", "N MAIN ST", 1234, "4"),
        ("1234 N. Main St., Apt. #4", "N MAIN ST", 1234, "4"),
        ("1234 N MAIN ST #4", "N MAIN ST", 1234, "4"),
        ("1234 N MAIN ST, APT 4, PARSONS, KS 67357", "N MAIN ST", 1234, "4"),
        ("1234 N MAIN ST PARSONS KS 67357-1234", "N MAIN ST", 1234, ""),
        ("1234 N MAIN ST ST LOUIS MO", "N MAIN ST", 1234, ""),
        ("1234 MAIN ST LOT 12", "MAIN ST", 1234, "12"),
        ("1234 MAIN ST BLDG 3 APT 4B", "MAIN ST", 1234, "3 4B"),
        ("1234 MAIN ST 4B", "MAIN ST", 1234, "4B"),
        ("1234 MAIN ST REAR", "MAIN ST", 1234, "REAR"),
        ("123 1/2 MAIN ST", "MAIN ST", 123, "1/2"),
        ("1136-A EMMET ST N", "EMMET ST N", 1136, "A"),
        ("1136A EMMET ST N", "EMMET ST N", 1136, "A"),
        ("1234N MAIN ST", "N MAIN ST", 1234, ""),
        ("@ WALMART, 3201 MAIN ST", "MAIN ST", 3201, ""),
        ("WALMART @ 3201 MAIN ST", "MAIN ST", 3201, ""),
        ("WALMART: 3201 MAIN ST", "MAIN ST", 3201, ""),
        ("1200 MAIN ST AT WALMART", "MAIN ST", 1200, ""),
        ("12 5TH", "5TH", 12, ""),
        ("612 10 1/2 ST NW", "10 1/2 ST NW", 612, ""),
        ("1200 US-59", "US HIGHWAY 59", 1200, ""),
        ("900 250 BYPASS", "250 BYP", 900, ""),
        ("100 AVENUE B", "AVENUE B", 100, ""),
        ("1234 PARK LOT DR", "PARK LOT DR", 1234, ""),
        ("400 STE GENEVIEVE AVE", "STE GENEVIEVE AVE", 400, ""),
        ("100 COUNTY RD 12", "COUNTY ROAD 12", 100, ""),
    ],
)
def test_parse_one_house(text: str, street: str, number: int, unit: str):
    assert parse(text) == ParsedAddress(Kind.ADDRESS, street, number, number, unit)


@pytest.mark.parametrize(
    ("text", "street", "low", "high"),
    [
        ("1800 BLK MAIN ST", "MAIN ST", 1800, 1899),
        ("1800 BLOCK OF MAIN", "MAIN", 1800, 1899),
        ("1800 blk. of N. Main", "N MAIN", 1800, 1899),
        ("BLK 1800 MAIN ST", "MAIN ST", 1800, 1899),
        ("1850 BLK MAIN ST", "MAIN ST", 1800, 1899),
        ("18XX MAIN ST", "MAIN ST", 1800, 1899),
        ("180X MAIN ST", "MAIN ST", 1800, 1809),
        ("1800-1899 MAIN ST", "MAIN ST", 1800, 1899),
        ("0 KRAMER PL", "KRAMER PL", 0, 99),
    ],
)
def test_parse_a_block(text: str, street: str, low: int, high: int):
    assert parse(text) == ParsedAddress(Kind.BLOCK, street, low, high)


@pytest.mark.parametrize(
    ("text", "high"), [("1035-67 MILLMONT ST", 1067), ("1035-1067 MILLMONT ST", 1067), ("1035-7 MILLMONT ST", 1037)]
)
def test_parse_a_building_of_several_numbers(text: str, high: int):
    assert parse(text) == ParsedAddress(Kind.ADDRESS, "MILLMONT ST", 1035, high)


@pytest.mark.parametrize(
    ("text", "street", "cross"),
    [
        ("5TH / MAIN", "5TH", "MAIN"),
        ("5TH & MAIN", "5TH", "MAIN"),
        ("5TH AND MAIN", "5TH", "MAIN"),
        ("MAIN AT 5TH", "MAIN", "5TH"),
        ("10TH ST@E MARKET ST", "10TH ST", "E MARKET ST"),
        ("A ST/B ST", "A ST", "B ST"),
        ("1ST/2ND", "1ST", "2ND"),
        ("0 CLEMENS AVE / N SKINKER BLVD", "CLEMENS AVE", "N SKINKER BLVD"),
        ("CORNER OF 5TH AND MAIN", "5TH", "MAIN"),
        ("CHERRY AVE-SHAMROCK RD", "CHERRY AVE", "SHAMROCK RD"),
        ("EMMET ST S @ 250 BYP", "EMMET ST S", "250 BYP"),
        ("NORTH ST & SOUTH ST", "NORTH ST", "SOUTH ST"),
    ],
)
def test_parse_an_intersection(text: str, street: str, cross: str):
    assert parse(text) == ParsedAddress(Kind.INTERSECTION, street, cross=cross)


def test_parse_keeps_the_hundred_block_given_with_an_intersection():
    assert parse("1500 FAIRFAX RD/GREENBRIAR RD") == ParsedAddress(
        Kind.INTERSECTION, "FAIRFAX RD", 1500, 1599, cross="GREENBRIAR RD"
    )


@pytest.mark.parametrize(
    ("text", "street"), [("BROADWAY", "BROADWAY"), ("10 1/2 ST NW", "10 1/2 ST NW"), ("5TH ST", "5TH ST")]
)
def test_parse_a_name_without_a_number(text: str, street: str):
    assert parse(text) == ParsedAddress(Kind.NAME, street)


@pytest.mark.parametrize("text", ["", "  ", "/", ",,", "&&", "-"])
def test_parse_of_nothing_is_unknown(text: str):
    assert parse(text).kind == Kind.UNKNOWN


PIECES = "1234 0 BLK OF MAIN ST APT # 4 / & AT N 5TH 1/2 - , : XX KS 67357 STE @ UNIT LOT 99999999 é ²"
pieces = st.sampled_from(PIECES.split())


@given(st.one_of(st.text(), st.lists(pieces, max_size=8).map(" ".join), st.lists(pieces, max_size=8).map("".join)))
def test_parse_reads_any_text(text: str):
    parsed = parse(text)
    assert (parsed.kind == Kind.UNKNOWN) == (parsed.street == "")
    assert (parsed.kind == Kind.INTERSECTION) == (parsed.cross != "")
    assert (parsed.low is None) == (parsed.high is None)
    if parsed.low is not None:
        assert 0 <= parsed.low <= parsed.high <= 2**31 - 1


@given(
    st.lists(st.sampled_from([*PIECES.split(), "MAPLE", "AVE", "DR", "FRONT", "1ST", "SAINT"]), max_size=5),
    st.integers(0, 99_999),
)
def test_parse_reads_plain_addresses_as_thoroughly_as_others(words: list[str], number: int):
    text = " ".join([str(number), *words])
    assert _plainly(text) in (None, _thoroughly(text))
