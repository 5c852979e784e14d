"""Reading of addresses as departments write them: house numbers, hundred blocks, intersections, units."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hotspots.ingest.street_names import DIRECTIONALS, DIRECTIONS, SUFFIXES, normalize_street


class Kind(StrEnum):
    ADDRESS = "address"
    BLOCK = "block"
    INTERSECTION = "intersection"
    NAME = "name"  # a street or a place without a number
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """What an address text says. `low` and `high` are equal for one house; an intersection may carry a hundred block."""

    kind: Kind
    street: str = ""
    low: int | None = None
    high: int | None = None
    unit: str = ""
    cross: str = ""


_FRACTION = r"(?:[1-9]/[2-9]\b)"
_SEPARATOR = re.compile(r"\s*(?:(?<![0-9])/|/(?![0-9])|(?<=\d)/(?=\d{2})|[&@+\\]|\b(?:AND|AT)\b)\s*")
_SUFFIX_THEN_HYPHEN = re.compile(rf"(?<= )({'|'.join(sorted(SUFFIXES))}) ?- ?(?=[A-Z0-9]{{2}})")
_LEAD_WORDS = re.compile(
    r"^(?:@ ?|(?:IN )?FRONT OF |REAR OF |BEHIND |OUTSIDE (?:OF )?|NEAR |AREA OF |INTERSECTION OF |(?:THE )?CORNER OF "
    r"|OFF (?:OF )?|AT |(?:APT|UNIT|STE|SUITE|#) ?[A-Z0-9-]+ (?=\d+ ))+"
)
_NUMBER = re.compile(
    r"^(?P<low>\d{1,6})(?!\d|(?:ST|ND|RD|TH)\b| (?:TH|ND)\b)"
    r"(?: ?- ?(?P<high>\d{1,6})\b(?!(?:ST|ND|RD|TH)\b)|(?P<masked>[X*]{1,2})(?=[ -])"
    r"|(?P<letter>-[A-Z]|[A-DF-MO-RT-VX-Z])(?=[ -]\S+ \S))?"
    rf"(?: (?P<half>{_FRACTION}))?"
    r"(?P<block>[ -]?(?:HUNDRED )?(?:BLKS?|BLOCKS?|BL)\b\.?)?"
    r"[ -]+(?:OF )?(?P<rest>.*)$"
)
_BLOCK_FIRST = re.compile(r"^(?:BLK|BLOCK) (\d+)\b")
_DIRECTION_AT_NUMBER = re.compile(r"^(\d+)([NSEW]) ")
_DESIGNATORS = (
    "APARTMENT|APT|BUILDING|BLDG|DEPARTMENT|DEPT|FLOOR|FL|HANGAR|HNGR|LOT|OFFICE|OFC|PENTHOUSE|PH|PIER|ROOM|RM|SLIP"
    "|SPACE|SPC|STOP|SUITE|STE|TRAILER|TRLR|UNIT"
)
_UNIT = re.compile(rf"(?:(?<= )(?:{_DESIGNATORS})\b\.?|#) ?(?:#|NO\b)? ?([A-Z0-9][A-Z0-9-]*)?")
_BARE_UNIT = re.compile(r" (?:BASEMENT|BSMT|FRONT|FRNT|LOBBY|LBBY|LOWER|LOWR|REAR|SIDE|UPPER|UPPR)$")
_ZIP = re.compile(r" (\d{5}(?:-\d{4})?)$")
_STATES = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR"
    " PA RI SC SD TN TX UT VT VA WA WV WI WY KANSAS MISSOURI OKLAHOMA ARKANSAS NEBRASKA".split()
)
_PLAIN = re.compile(r"^([1-9]\d{0,5}) ((?:[NSEW] |\d{1,3}(?:ST|ND|RD|TH) )?(?:[A-Z]{2,} ){0,2}[A-Z]{2,})$")
_NOT_PLAIN = (
    frozenset(["AND", "AT", "OF", "BL", "BLK", "BLKS", "BLOCK", "BLOCKS", "HUNDRED", "TH", "ND", "XX"]) | _STATES
)
_NOT_PLAIN |= frozenset(_DESIGNATORS.split("|"))
_NOT_PLAIN |= frozenset(
    ["BASEMENT", "BSMT", "FRONT", "FRNT", "LOBBY", "LBBY", "LOWER", "LOWR", "REAR", "SIDE", "UPPER", "UPPR"]
)
_ROAD_KINDS = frozenset(["HWY", "HIGHWAY", "RTE", "RT", "ROUTE", "RD", "ROAD", "BYP", "BYPASS"])
_SPACES = re.compile(r"[\s;]+")


@lru_cache(maxsize=50_000)
def parse(text: str) -> ParsedAddress:
    """Take an address text apart. Any text gives an answer; what says nothing gives kind UNKNOWN."""
    return _plainly(text) or _thoroughly(text)


def _plainly(text: str) -> ParsedAddress | None:
    """The shortest way for most texts: a number, a street, and no word that could mean anything else."""
    found = _PLAIN.match(text)
    if not found or not _NOT_PLAIN.isdisjoint(found[2].split()):
        return None
    number = int(found[1])
    return ParsedAddress(Kind.ADDRESS, normalize_street(found[2]), number, number)


def _thoroughly(text: str) -> ParsedAddress:
    line = _main_part(_plain(text))
    if not line:
        return ParsedAddress(Kind.UNKNOWN)
    first, *others = [part for part in _SEPARATOR.split(_SUFFIX_THEN_HYPHEN.sub(r"\1/", line), maxsplit=2) if part] or [
        ""
    ]
    is_street = any(word in SUFFIXES for word in first.split()[1:])
    if others and not is_street and not first[0].isdigit() and re.match(r"\d+ [A-Z0-9]", others[0]) and "/" not in line:
        first, others = others[0], []  # WALMART @ 3201 MAIN ST
    parsed = _numbered(first) or ParsedAddress(Kind.NAME, street=normalize_street(_without_city(first)))
    if others:
        return _crossing(parsed, others[0], is_slash="/" in line or "&" in line)
    if not parsed.street:
        return ParsedAddress(Kind.UNKNOWN)
    return parsed


def _plain(text: str) -> str:
    line = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return _LEAD_WORDS.sub("", _SPACES.sub(" ", line).strip(" ,.-"))


def _main_part(line: str) -> str:
    """Without city, state and ZIP behind a comma, and without a place's name or words in front."""
    if "," in line:
        parts = [part.strip() for part in line.split(",") if part.strip()]
        numbered = [part for part in parts if part[0].isdigit()]
        main = numbered[0] if numbered and not _SEPARATOR.search(parts[0]) else parts[0]
        units = [part for part in parts if part is not main and _UNIT.match(" " + part, 1)]
        line = " ".join([main, *units])
    if ":" in line:
        line = next((part.strip() for part in line.split(":") if part.strip()[:1].isdigit()), line)
    return _DIRECTION_AT_NUMBER.sub(r"\1 \2 ", _BLOCK_FIRST.sub(r"\1 BLK", line))


def _numbered(line: str) -> ParsedAddress | None:
    found = _NUMBER.match(line)
    if not found:
        return None
    rest = found["rest"]
    if rest in ("BLK", "BLOCK"):
        return None
    if found["half"] and rest.split(" ", 1)[0] in SUFFIXES:
        return None  # 10 1/2 ST is a street
    street, unit = _without_unit(_without_city(rest))
    low = int(found["low"])
    high = low
    is_block = bool(found["block"])
    if found["masked"]:  # 18XX
        places = 10 ** len(found["masked"])
        low, high, is_block = low * places, low * places + places - 1, True
    elif is_block or (low == 0 and not found["high"]):
        low, is_block = low - low % 100, True
        high = low + 99
    if found["high"]:
        high, is_block = _upper_number(low, found["high"]), is_block
        is_block = is_block or high // 100 != low // 100 or high - low == 99
    unit = " ".join(filter(None, [(found["letter"] or "").strip("-"), found["half"], unit]))
    return ParsedAddress(Kind.BLOCK if is_block else Kind.ADDRESS, normalize_street(street), low, high, unit)


def _upper_number(low: int, written: str) -> int:
    """1035-67 ends at 1067; what would run backwards is no range."""
    if len(written) < len(str(low)):
        written = str(low)[: -len(written)] + written
    return max(low, int(written))


def _crossing(first: ParsedAddress, second: str, *, is_slash: bool) -> ParsedAddress:
    numbered = _numbered(second)
    is_house = numbered and numbered.street not in SUFFIXES  # which the 250 of 250 BYP is not
    cross_street = numbered.street if numbered and is_house else normalize_street(_without_city(second))
    if not cross_street or cross_street == first.street:
        return first if first.street else ParsedAddress(Kind.UNKNOWN)
    if first.kind == Kind.ADDRESS and not is_slash:
        return first  # 1200 MAIN ST AT WALMART
    if not first.street:
        return ParsedAddress(Kind.NAME, cross_street)
    low, high = first.low, first.high
    if low is not None and high == low and low % 100 == 0:
        high = low + 99
    if low == 0:  # 0 stands for "no number" before an intersection
        low = high = None
    return ParsedAddress(Kind.INTERSECTION, first.street, low, high, cross=cross_street)


def _without_unit(line: str) -> tuple[str, str]:
    found = next(
        (hit for hit in _UNIT.finditer(line) if hit.start() > 0 and _is_unit(hit[1], at_end=hit.end() == len(line))),
        None,
    )
    if found:
        values = [hit[1] for hit in _UNIT.finditer(line, found.start()) if hit[1]]
        return line[: found.start()].strip(), " ".join(values)
    if bare := _BARE_UNIT.search(line):
        return line[: bare.start()], bare[0].strip()
    words = line.split()
    if len(words) > 2 and any(c.isdigit() for c in words[-1]) and "/" not in words[-1]:  # 1234 MAIN ST 4B
        ahead = words[:-1]
        while len(ahead) > 2 and ahead[-1] in DIRECTIONALS:
            ahead.pop()
        if len(ahead) > 1 and ahead[-1] in SUFFIXES and ahead[-1] not in _ROAD_KINDS:
            return " ".join(words[:-1]), words[-1]
    return line, ""


def _is_unit(value: str | None, *, at_end: bool) -> bool:
    if value is None:
        return at_end
    return any(c.isdigit() for c in value) or len(value) == 1 or (at_end and value not in SUFFIXES)


def _without_city(line: str) -> str:
    """Without ZIP, state and city at the end, as far as a ZIP or a state shows that they are there."""
    had_zip = _ZIP.search(line)
    words = (line[: had_zip.start()] if had_zip else line).split()
    if had_zip and not (len(words) > 1 and (words[-1] in _STATES or any(word in SUFFIXES for word in words[1:]))):
        return line
    is_state = len(words) > 2 and words[-1] in _STATES
    if is_state and not had_zip and (words[-1] in SUFFIXES or words[-1] in DIRECTIONALS):
        is_state = False
    if not is_state:
        return " ".join(words)
    return " ".join(_until_suffix(words[:-1]))


def _until_suffix(words: list[str]) -> list[str]:
    """Up to the suffix and what belongs to it: the words behind are a city's."""
    for position in range(len(words) - 1, 0, -1):
        if words[position] in SUFFIXES and not (words[position] == "ST" and position + 1 < len(words)):
            return _with_trail(words, position)
    for position in range(1, len(words)):
        if words[position] == "ST":
            return _with_trail(words, position)
    return words


def _with_trail(words: list[str], position: int) -> list[str]:
    end = position + 1
    if end < len(words) and (words[end] in DIRECTIONALS or words[end] in DIRECTIONS):
        end += 1
    while end + 1 < len(words) and _UNIT.match(" " + words[end] + " " + words[end + 1], 1):
        end += 2
    return words[:end]
