"""What the proof sends and must find nowhere, in every form that we could think of.

Nothing here, and nothing that the proof prints or stores, holds a canary in one piece: it would be found the next time.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from tips.proof.search import LEAST, Needle

C = "CANARY"
ADDRESS = ".".join(("203", "0", "113", "77"))  # of TEST-NET-3 (RFC 5737): nobody's
BROWSER = f"{C}-UA"
COOKIE = f"{C}-COOKIE"
REFERRER = f"{C}-REFERRER"
PATH = f"{C}-PATH"
LANGUAGE = f"{C.lower()}la"  # a part of a language tag has eight letters at most
FILE = f"{C}-FILE"
PHONE = f"{C}-PHONE"
WORDS = f"{C}-WORDS"

TEXTS = {
    "browser": BROWSER,
    "cookie": COOKIE,
    "referrer": REFERRER,
    "path or query": PATH,
    "language of the browser": LANGUAGE,
    "name of the photo's file": FILE,
    "maker of the phone in the photo": PHONE,
    "words of the tip": WORDS,
}
DIGESTS = ("md5", "sha1", "sha256", "sha512")
TELLING = 8  # bytes of a digest: shortened digests are found too, and chance does not find so many
BETWEEN = ("", " ", ":", "|", "-", ",", "_", "/")


@dataclass(frozen=True)
class Canary:
    name: str
    content: bytes


def canaries() -> list[Canary]:
    return [Canary("client address", ADDRESS.encode()), *(Canary(name, text.encode()) for name, text in TEXTS.items())]


def receipt_canaries(receipts: list[str], said: list[bytes]) -> list[Canary]:
    """The words that were shown, and the bytes they stand for: stored is only what a slow hash makes of them."""
    return [
        *(Canary("receipt, its words", words.encode()) for words in receipts),
        *(Canary("receipt, what its words say", each) for each in said),
    ]


def needles(more: list[Canary]) -> list[Needle]:
    """Each once, whichever canary it came from first."""
    found: dict[bytes, Needle] = {}
    for needle in _all(more):
        if len(needle.content) < LEAST:
            raise ValueError(f"too short to be told from chance: {needle.name}, {needle.form}")
        found.setdefault(needle.content, needle)
    return list(found.values())


def _all(more: list[Canary]) -> Iterator[Needle]:
    for canary in canaries() + more:
        name, content = canary.name, canary.content
        yield from forms(name, "as it is", content)
        for shape in dict.fromkeys((content, content.lower(), content + b"\n")):
            yield from digests(name, shape)
    yield from forms("client address", "shortened", b"203.0.113.0", whole=True)
    for form in ("203-0-113-77", "203_0_113_77", ".".join(reversed(ADDRESS.split("."))), "203.000.113.077"):
        yield from forms("client address", "in other signs", form.encode())
    yield from packed_address()
    for first, second in permutations((ADDRESS, BROWSER)):
        for between in BETWEEN:
            yield from digests("client address with browser", (first + between + second).encode())


def forms(name: str, form: str, content: bytes, *, whole: bool = False) -> Iterator[Needle]:
    for shape in dict.fromkeys((content, content.lower(), content.upper())):
        if len(shape) >= LEAST:
            yield Needle(name, form, shape, whole)
    yield Needle(name, f"{form}, two bytes a letter", content.decode("latin-1").encode("utf-16-le"))
    for digits in (content.hex(), content.hex().upper()):
        yield Needle(name, f"{form}, in hexadecimal", digits.encode())
    for coded in base64_inside(content):
        yield Needle(name, f"{form}, in base64", coded)


def digests(name: str, content: bytes) -> Iterator[Needle]:
    for algorithm in DIGESTS:
        digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
        form = f"its {algorithm} digest"
        yield Needle(name, form, digest[:TELLING])
        for digits in (digest[:TELLING].hex().encode(), digest[:TELLING].hex().upper().encode()):
            yield Needle(name, f"{form} in hexadecimal", digits)
            for coded in base64_inside(digits):
                yield Needle(name, f"{form} in hexadecimal, in base64", coded)
        for coded in base64_inside(digest[:TELLING]):
            yield Needle(name, f"{form} in base64", coded)


def packed_address() -> Iterator[Needle]:
    """Four bytes alone stand anywhere by chance. With the length that a database or a protocol writes before them they do not."""
    parts = bytes(int(part) for part in ADDRESS.split("."))
    number, name = int.from_bytes(parts, "big"), "client address"
    yield Needle(name, "as PostgreSQL's inet", b"\x02\x20\x00\x04" + parts)
    yield Needle(name, "as PostgreSQL's cidr", b"\x02\x20\x01\x04" + parts)
    yield Needle(name, "packed, in an IPv6 address", bytes(2) + b"\xff\xff" + parts)
    for order, each in (("big", parts), ("little", parts[::-1])):
        yield Needle(name, f"packed into four bytes, {order}-endian", (4).to_bytes(4, "big") + each)
    yield Needle(name, "packed into eight bytes, big-endian", bytes(4) + parts)
    yield Needle(name, "packed into eight bytes, little-endian", parts[::-1] + bytes(4))
    yield Needle(name, "as a number", str(number).encode(), whole=True)
    for digits in (parts.hex(), parts[::-1].hex()):
        yield Needle(name, "packed, in hexadecimal", digits.encode(), whole=True)
        yield Needle(name, "packed, in hexadecimal", digits.upper().encode(), whole=True)
    for text in (f"0x{parts.hex()}", f"::ffff:{parts[:2].hex()}:{parts[2:].hex()}"):
        yield Needle(name, "in other signs", text.encode())
    yield from digests(name, parts)


def base64_inside(content: bytes) -> Iterator[bytes]:
    """The signs that stand for it in base64, wherever in a longer text it begins; in both alphabets."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + content)
        own = coded[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]
        if len(own) >= LEAST:
            yield from dict.fromkeys((own, own.replace(b"+", b"-").replace(b"/", b"_")))
