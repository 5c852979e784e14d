"""A made-up town in metres: Maple Ave runs east along y = 0 in blocks of 100 m, numbered streets cross it."""

import itertools

import numpy as np
import pytest
import shapely

from hotspots.ingest.addresses import Address, AddressIndex, Block, Match, parse
from hotspots.models import Location

Method, Problem = Location.Method, Location.Problem
HALF_BLOCK = 50


def block(number: int, street: str, ends: list[tuple[float, float]], low: int | None = None) -> Block:
    return Block(number, street, low, None if low is None else low + 98, shapely.LineString(ends))


@pytest.fixture(scope="module")
def town() -> AddressIndex:
    ids = itertools.count(1)
    blocks = [
        # Drawn from east to west, so that numbers rise against the line.
        *(block(next(ids), "MAPLE AVE", [(x + 100, 0), (x, 0)], low) for x, low in [(0, 100), (100, 200), (200, 300)]),
        *(
            block(next(ids), f"{name} ST", [(x, y), (x, y + 100)])
            for x, name in [(100, "5TH"), (200, "6TH")]
            for y in (-100, 0)
        ),
        block(next(ids), "N MAIN ST", [(1000, 100), (1000, 200)], 100),
        block(next(ids), "S MAIN ST", [(1000, -100), (1000, -200)], 100),
        block(next(ids), "OAK ST", [(3000, 0), (3100, 0)], 500),
        block(next(ids), "KINGSHIGHWAY BLVD", [(4000, 0), (4100, 0)], 700),
        block(next(ids), "DEAD END LN", [(6000, 0), (6100, 0)]),
    ]
    addresses = [
        Address(1001, "MAPLE AVE", 102, 102, "", 1, 2, 15),
        Address(1002, "MAPLE AVE", 110, 110, "", 1, 10, 15),
        Address(1003, "MAPLE AVE", 151, 151, "A", 1, 51, -15),
        Address(1004, "MAPLE AVE", 151, 151, "B", 1, 51, -15),
        Address(1005, "OAK ST", 500, 512, "", 10, 3005, 15),
        # The hundred of Elm St is on no block that we know of.
        *(Address(1010 + n, "ELM ST", 900 + 2 * n, 900 + 2 * n, "", None, 5000 + 10 * n, 0) for n in range(5)),
        # Two streets of one name at two ends of the town.
        Address(1020, "PINE CT", 5, 5, "", None, 0, 9000),
        Address(1021, "PINE CT", 5, 5, "", None, 8000, 9000),
    ]
    return AddressIndex(addresses, blocks, lambda x, y: (x, y))


def find(town: AddressIndex, text: str) -> Match:
    return town.match([text])[0]


@pytest.mark.parametrize(
    ("text", "method", "score", "point", "address", "block"),
    [
        ("102 Maple Ave", Method.ADDRESS, 1, (2, 15), 1001, 1),
        ("102 MAPLE AVENUE, PARSONS, KS 67357", Method.ADDRESS, 1, (2, 15), 1001, 1),
        ("151 MAPLE AVE APT B", Method.ADDRESS, 1, (51, -15), 1004, 1),
        ("151 MAPLE AVE APT C", Method.ADDRESS, 0.97, (51, -15), 1003, 1),
        ("506 OAK ST", Method.ADDRESS, 1, (3005, 15), 1005, 10),
        ("106 MAPLE AVE", Method.BLOCK_RANGE, 0.92, (6, 15), None, 1),
        ("249 MAPLE AVE", Method.BLOCK_RANGE, 0.9, (150, 0), None, 2),
        ("300 BLK MAPLE AVE", Method.BLOCK_RANGE, 0.9, (250, 0), None, 3),
        ("300 MAPLE AVE", Method.BLOCK_RANGE, 0.9, (250, 0), None, 3),
        ("3XX MAPLE AVE", Method.BLOCK_RANGE, 0.9, (250, 0), None, 3),
        ("900 BLK ELM ST", Method.BLOCK_RANGE, 0.85, (5020, 0), None, None),
        ("299 MAPLE AVE", Method.BLOCK_RANGE, 0.75, (150, 0), None, 2),
        ("DEAD END LN", Method.BLOCK_RANGE, 0.6, (6050, 0), None, 12),
        ("5TH ST / MAPLE AVE", Method.INTERSECTION, 0.95, (100, 0), None, None),
        ("MAPLE AVE AT SIXTH ST", Method.INTERSECTION, 0.95, (200, 0), None, None),
    ],
)
def test_match_of_a_standard_spelling(
    town: AddressIndex,
    text: str,
    method: str,
    score: float,
    point: tuple[float, float],
    address: int | None,
    block: int | None,
):
    match = find(town, text)
    assert (match.method, match.score, match.address_id, match.block_id) == (method, score, address, block)
    assert match.point == pytest.approx(point, abs=1)
    assert match.problem == ""


@pytest.mark.parametrize(
    ("text", "score", "like"),
    [
        ("102 MAPLE", 0.9, "102 MAPLE AVE"),
        ("102 MAPLE DR", 0.75, "102 MAPLE AVE"),
        ("102 N MAPLE AVE", 0.85, "102 MAPLE AVE"),
        ("102 MAPEL AVE", 0.85, "102 MAPLE AVE"),
        ("750 KINGS HIGHWAY BLVD", 0.9 * 0.97, "750 KINGSHIGHWAY BLVD"),
        ("750 KINGSHIGWAY", 0.9 * 0.85 * 0.9, "750 KINGSHIGHWAY BLVD"),
        ("750 KINGSHI", 0.9 * 0.7 * 0.9, "750 KINGSHIGHWAY BLVD"),
        ("150 MAIN ST N", 0.9 * 0.97, "150 N MAIN ST"),
        ("FIFTH/MAPLE", 0.95 * 0.9 * 0.9, "5TH ST / MAPLE AVE"),
        ("5TH ST / MAPL", 0.95 * 0.7 * 0.9, "5TH ST / MAPLE AVE"),
    ],
)
def test_match_of_a_variant_lowers_the_score(town: AddressIndex, text: str, score: float, like: str):
    match = find(town, text)
    assert match.score == pytest.approx(score, abs=1e-4)
    assert match._replace(score=0) == find(town, like)._replace(score=0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("150 MAIN ST", Problem.AMBIGUOUS),  # North or South?
        ("5 PINE CT", Problem.AMBIGUOUS),
        ("MAPLE AVE", Problem.AMBIGUOUS),
        ("150 E MAIN ST", Problem.NO_MATCH),
        ("150 7TH ST", Problem.NO_MATCH),  # 5TH and 6TH are other streets, not other spellings
        ("5000 MAPLE AVE", Problem.NO_MATCH),
        ("5TH ST / OAK ST", Problem.NO_MATCH),
        ("WALMART", Problem.NO_MATCH),
        ("/", Problem.NO_MATCH),
        ("", Problem.NOTHING_REPORTED),
        ("  ", Problem.NOTHING_REPORTED),
    ],
)
def test_match_never_guesses(town: AddressIndex, text: str, problem: str):
    assert find(town, text) == Match("", 0.0, None, None, None, problem)


def test_match_takes_the_block_of_most_of_a_hundred():
    blocks = [block(1, "ASH ST", [(0, 0), (100, 0)], 100), block(2, "ASH ST", [(100, 0), (150, 0)], 160)]
    houses = [Address(n, "ASH ST", n, n, "", 1 if n < 160 else 2, n - 100, 10) for n in range(100, 180, 5)]
    match = AddressIndex(houses, blocks, lambda x, y: (x, y)).match(["100 BLK ASH ST"])[0]
    assert (match.block_id, match.score) == (1, pytest.approx(0.9 * 12 / 16, abs=1e-4))


def test_match_of_a_hundred_on_two_blocks_alike_is_ambiguous():
    blocks = [block(1, "ASH ST", [(0, 0), (100, 0)], 100), block(2, "ASH ST", [(100, 0), (200, 0)], 100)]
    match = AddressIndex([], blocks, lambda x, y: (x, y)).match(["100 BLK ASH ST"])[0]
    assert match.problem == Problem.AMBIGUOUS


def test_match_of_overlapping_ranges_follows_the_side_of_the_street():
    blocks = [block(1, "ASH ST", [(0, 0), (100, 0)], 100), block(2, "ASH ST", [(0, 40), (100, 40)], 100)]
    houses = [Address(1, "ASH ST", 100, 100, "", 1, 0, -10), Address(2, "ASH ST", 101, 101, "", 2, 0, 50)]
    index = AddressIndex(houses, blocks, lambda x, y: (x, y))
    assert [match.block_id for match in index.match(["150 ASH ST", "151 ASH ST"])] == [1, 2]


def test_match_of_two_carriageways_is_one_intersection():
    blocks = [
        block(1, "WIDE BLVD", [(0, 0), (0, 100)]),
        block(2, "WIDE BLVD", [(20, 0), (20, 100)]),
        block(3, "ASH ST", [(-100, 0), (0, 0)]),
        block(4, "ASH ST", [(20, 0), (100, 0)]),
    ]
    match = AddressIndex([], blocks, lambda x, y: (x, y)).match(["ASH ST & WIDE BLVD"])[0]
    assert match.point == (10, 0)


@pytest.fixture(scope="module")
def crescent() -> AddressIndex:
    """Moon Cres meets Ash St twice, 400 m apart."""
    return AddressIndex(
        [],
        [
            block(1, "MOON CRES", [(0, 0), (200, 300), (400, 0)], 500),
            block(2, "ASH ST", [(-100, 0), (0, 0)], 100),
            block(3, "ASH ST", [(0, 0), (400, 0)], 200),
            block(4, "ASH ST", [(400, 0), (500, 0)], 300),
        ],
        lambda x, y: (x, y),
    )


def test_match_of_streets_that_meet_twice_is_ambiguous(crescent: AddressIndex):
    assert find(crescent, "ASH ST / MOON CRES").problem == Problem.AMBIGUOUS


def test_match_of_streets_that_meet_twice_is_settled_by_the_hundred_given(crescent: AddressIndex):
    assert find(crescent, "100 ASH ST / MOON CRES").point == (0, 0)
    assert find(crescent, "300 ASH ST / MOON CRES")[2:5] == ((400, 0), None, 4)


def test_match_of_streets_that_almost_meet():
    blocks = [block(1, "ELM ST", [(0, 0), (100, 0)]), block(2, "ASH ST", [(110, 0), (110, 100)])]
    match = AddressIndex([], blocks, lambda x, y: (x, y)).match(["ELM ST & ASH ST"])[0]
    assert (match.score, match.point) == (0.8, (105, 0))


def test_match_falls_back_on_the_hundred_where_streets_do_not_meet(town: AddressIndex):
    match = find(town, "200 MAPLE AVE/EXIT 3 RAMP")
    assert (match.block_id, match.score) == (2, pytest.approx(0.7))


def test_match_of_a_known_street_turns_to_another_only_for_the_very_address():
    houses = [
        Address(1, "MAIN ST", 5, 5, "", None, 0, 0),
        Address(2, "E MAIN ST", 800, 800, "", None, 500, 0),
        Address(3, "E MAIN ST", 900, 900, "", None, 600, 0),
    ]
    index = AddressIndex(houses, [], lambda x, y: (x, y))
    assert index.match(["800 MAIN ST"])[0].score == pytest.approx(0.85 * 0.65, abs=1e-4)
    assert index.match(["900 BLK MAIN ST"])[0].problem == Problem.AMBIGUOUS


def test_match_answers_each_text_by_itself(town: AddressIndex):
    texts = ["102 MAPLE AVE", "", "102 MAPLE AVE", "5TH/MAPLE", "nowhere", "106 MAPLE AVE"]
    assert town.match(texts) == [find(town, text) for text in texts]
    assert town.match([]) == []


def test_match_in_an_empty_city():
    index = AddressIndex([], [], lambda x, y: (x, y))
    assert [match.problem for match in index.match(["102 MAPLE AVE", "5TH/MAPLE"])] == [Problem.NO_MATCH] * 2


def test_match_finds_what_was_put_in():
    """Every one of many addresses, however it is spelled."""
    rng = np.random.default_rng(7)
    streets = ["N MAPLE AVE", "SAINT LOUIS ST", "5TH ST NW", "AVENUE B", "US HIGHWAY 59", "BROADWAY", "10 1/2 ST"]
    houses = [
        Address(key, street, number, number, "", None, float(x), float(y))
        for key, (street, number, x, y) in enumerate(
            (street, int(number), *rng.uniform(0, 10_000, 2))
            for street in streets
            for number in rng.choice(np.arange(1, 9999), 50, replace=False)
        )
    ]
    index = AddressIndex(houses, [], lambda x, y: (x, y))
    written = {
        "N MAPLE AVE": "North Maple Avenue",
        "SAINT LOUIS ST": "st. louis street",
        "5TH ST NW": "FIFTH STREET N.W.",
        "AVENUE B": "Ave. B",
        "US HIGHWAY 59": "U.S. Hwy 59",
        "BROADWAY": "broadway",
        "10 1/2 ST": "10 1/2 Street",
    }
    texts = [f"{house.low} {written[house.street]}" for house in houses]
    assert [match.address_id for match in index.match(texts)] == [house.id for house in houses]
    assert all(parse(text).street == house.street for text, house in zip(texts, houses, strict=True))
