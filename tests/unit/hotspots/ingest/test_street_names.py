import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.ingest.street_names import DIRECTIONS, SUFFIXES, normalize_street


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("North Maple Avenue", "N MAPLE AVE"),
        ("N. MAPLE AV.", "N MAPLE AVE"),
        ("  n   maple ave ", "N MAPLE AVE"),
        ("EMMET ST NORTH", "EMMET ST N"),
        ("10TH ST N.W.", "10TH ST NW"),
        ("N W 5TH ST", "NW 5TH ST"),
        ("SOUTH GRAND BOULEVARD", "S GRAND BLVD"),
        ("TRAFFORD LA", "TRAFFORD LN"),
        ("HARTMAN'S MILL RD", "HARTMANS MILL RD"),
        ("Avenida de la Cañada", "AVENIDA DE LA CANADA"),
        ("BROADWAY", "BROADWAY"),
        ("", ""),
    ],
)
def test_normalize_street_abbreviates_directions_and_suffix(written: str, standard: str):
    assert normalize_street(written) == standard


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("NORTH ST", "NORTH ST"),
        ("N ST", "N ST"),
        ("W SOUTH ST", "W SOUTH ST"),
        ("AVENUE B", "AVENUE B"),
        ("Ave B", "AVENUE B"),
        ("PARK PLACE", "PARK PL"),
        ("PARK LN E", "PARK LN E"),
        ("LOCUST LN CT", "LOCUST LANE CT"),
        ("LOCUST LANE COURT", "LOCUST LANE CT"),
        ("CASTALIA ST EXT", "CASTALIA STREET EXT"),
        ("DE LA CRUZ ST", "DE LA CRUZ ST"),
        ("OLD NORTH RD", "OLD NORTH RD"),
    ],
)
def test_normalize_street_keeps_what_is_part_of_a_name(written: str, standard: str):
    assert normalize_street(written) == standard


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("ST. LOUIS AVE", "SAINT LOUIS AVE"),
        ("SAINT LOUIS AVENUE", "SAINT LOUIS AVE"),
        ("ST CHARLES ST", "SAINT CHARLES ST"),
        ("OLD ST CLAIR AVE", "OLD SAINT CLAIR AVE"),
        ("E ST JAMES", "E SAINT JAMES"),
        ("MT VERNON ST", "MOUNT VERNON ST"),
        ("FT SCOTT RD", "FORT SCOTT RD"),
    ],
)
def test_normalize_street_tells_saints_from_streets(written: str, standard: str):
    assert normalize_street(written) == standard


@pytest.mark.parametrize("written", ["5TH ST", "FIFTH ST", "5 TH STREET", "5 ST", "5st st", "5th Str."])
def test_normalize_street_writes_ordinals_as_numbers(written: str):
    assert normalize_street(written) == "5TH ST"


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("FIFTH", "5TH"),
        ("21TH ST", "21ST ST"),
        ("Twenty-First Street", "21ST ST"),
        ("FORTIETH AVE", "40TH AVE"),
        ("TWELFTH", "12TH"),
        ("10 1/2 ST NW", "10 1/2 ST NW"),
        ("250 BYPASS", "250 BYP"),
        ("SHORT 18TH ST", "SHORT 18TH ST"),
    ],
)
def test_normalize_street_with_numbers(written: str, standard: str):
    assert normalize_street(written) == standard


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("US-59", "US HIGHWAY 59"),
        ("U.S. 59", "US HIGHWAY 59"),
        ("US HWY 59", "US HIGHWAY 59"),
        ("U S 59 HWY", "US HIGHWAY 59"),
        ("HWY 59", "HIGHWAY 59"),
        ("State Hwy 367", "STATE HIGHWAY 367"),
        ("ST RD 7", "STATE HIGHWAY 7"),
        ("I-70 West", "INTERSTATE 70 W"),
        ("NC 54 HWY E", "NC HIGHWAY 54 E"),
        ("K-96", "KS HIGHWAY 96"),
        ("CO RD 12", "COUNTY ROAD 12"),
    ],
)
def test_normalize_street_names_highways_by_kind(written: str, standard: str):
    assert normalize_street(written) == standard


@pytest.mark.parametrize(
    "written",
    ["MARTIN LUTHER KING JR DR", "DR MARTIN LUTHER KING DR", "Dr. M. L. King Drive", "MLK DR", "DR MARTIN L KING DR"],
)
def test_normalize_street_knows_the_many_spellings_of_martin_luther_king(written: str):
    assert normalize_street(written) == "MARTIN LUTHER KING JR DR"


words = st.sampled_from(
    [
        *DIRECTIONS,
        *DIRECTIONS.values(),
        *SUFFIXES,
        "MAPLE",
        "B",
        "5TH",
        "5",
        "1/2",
        "TWENTY",
        "FIRST",
        "I",
        "US",
        "DR",
        "DE",
    ]
)


@given(st.one_of(st.text(), st.lists(words, max_size=6).map(" ".join)))
def test_normalize_street_twice_changes_nothing(text: str):
    once = normalize_street(text)
    assert normalize_street(once) == once
