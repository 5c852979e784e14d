import base64
import hashlib
import random

import pytest

from tips.proof import canaries
from tips.proof.canaries import Canary, base64_inside, needles
from tips.proof.proving import tried_search
from tips.proof.search import BLOCK, Needle, Search

ADDRESS = canaries.ADDRESS.encode()
PACKED = bytes(int(part) for part in canaries.ADDRESS.split("."))


@pytest.fixture(scope="module")
def search() -> Search:
    return tried_search(needles([]))


def found(search: Search, *pieces: bytes) -> set[str]:
    stream = search.stream()
    for piece in pieces:
        stream.write(piece)
    assert stream.read == sum(map(len, pieces))
    return {str(needle) for needle in stream.close()}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ADDRESS, "client address, as it is"),
        (ADDRESS.hex().encode(), "client address, as it is, in hexadecimal"),
        (ADDRESS.decode().encode("utf-16-le"), "client address, as it is, two bytes a letter"),
        (b"77.113.0.203.in-addr.arpa", "client address, in other signs"),
        (b"(203.0.113.0)", "client address, shortened"),
        (b"id 3405803853.", "client address, as a number"),
        (b"/cb00714d/", "client address, packed, in hexadecimal"),
        (bytes(10) + b"\xff\xff" + PACKED, "client address, packed, in an IPv6 address"),
        (hashlib.md5(ADDRESS).digest(), "client address, its md5 digest"),
        (hashlib.sha512(ADDRESS).hexdigest().encode()[:16], "client address, its sha512 digest in hexadecimal"),
        (base64.b64encode(hashlib.sha1(ADDRESS).digest()), "client address, its sha1 digest in base64"),
        (base64.urlsafe_b64encode(hashlib.sha256(PACKED).digest()), "client address, its sha256 digest in base64"),
        (hashlib.sha256(ADDRESS + b"|CANARY-UA").digest(), "client address with browser, its sha256 digest"),
        (b"canary-ua", "browser, as it is"),
        (hashlib.sha256(b"canary-ua").digest()[:8], "browser, its sha256 digest"),
    ],
)
def test_trace_is_found_in_each_form(search: Search, content: bytes, told: str) -> None:
    assert told in found(search, b"before it ", content, b" and after")


@pytest.mark.parametrize(
    "content", [b"203.0.113.078", b"203.0.114.77", b"13405803853", b"acb00714d", b"CANARY-U", PACKED, b"", b"short"]
)
def test_what_only_resembles_a_trace_is_not_found(search: Search, content: bytes) -> None:
    assert found(search, b" ", content, b" ") == set()


@pytest.mark.parametrize("before", range(-40, 5))
def test_trace_across_the_border_of_a_block_is_found_once(search: Search, before: int) -> None:
    assert found(search, b"." * (BLOCK + before), ADDRESS, b"." * BLOCK) == {"client address, as it is"}


def test_word_at_the_border_of_a_block_is_told_from_a_part_of_a_longer_one() -> None:
    search = Search([Needle("n", "f", b"12345678", whole=True)])
    for before in range(-20, 5):
        assert found(search, b"." * (BLOCK + before), b"12345678", b"." * BLOCK) == {"n, f"}
        for around in ((b"9", b""), (b"", b"9")):
            inside = around[0] + b"12345678" + around[1]
            assert found(search, b"." * (BLOCK + before), inside, b"." * BLOCK) == set()


def test_random_bytes_hold_no_trace(search: Search) -> None:
    assert found(search, random.Random(5).randbytes(20_000_000)) == set()
    assert found(search, random.Random(6).randbytes(5_000_000).hex().encode()) == set()


def test_base64_is_found_wherever_the_text_begins() -> None:
    for before in range(7):
        coded = base64.b64encode(b"x" * before + ADDRESS + b"yz")
        assert any(inside in coded for inside in base64_inside(ADDRESS))


def test_receipts_are_searched_for_too() -> None:
    search = tried_search(needles(canaries.receipt_canaries(["eight words"], [bytes(range(11))])))
    assert found(search, b"eight words") == {"receipt, its words, as it is"}
    assert "receipt, what its words say, its sha256 digest" in found(search, hashlib.sha256(bytes(range(11))).digest())


def test_needle_that_chance_could_make_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        needles([Canary("a", b"abc")])
