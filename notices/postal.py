"""Addresses as USPS Publication 28 (Postal Addressing Standards) has them, one line of the block at a time.

What the standard form of a street is, the ground floor knows (hotspots.ingest.street_names); here are the units, boxes,
names and last lines around it. What it says, by section:

- 212: capital letters are preferred, all lines with one left margin. 213: the unit at the end of the delivery line; `#`
  only where what kind of unit it is is not known.
- 354 takes special characters and punctuation off a line: commas, periods, parentheses, quotation marks, colons,
  apostrophes, and hyphens but those of a ZIP+4 and of a house number; no spaces around a hyphen or a slash. D5: they are
  not recommended on a mailpiece, and were taken out of the ZIP+4 file.
- 35: machines read 40 characters of a line; longer ones are abbreviated (352), from the right to the left (353).

Of letters with accents it says nothing of its own. They are folded here (Ñ is N), so that one address is written in one
way whoever typed it; the text of a letter keeps them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from hotspots.ingest.street_names import SUFFIXES, normalize_street

WIDTH = 40  # characters: what machines read of a line, and what stands in a window and on a label
MOST_LINES = 4

# Section 213 and appendix C2: standard abbreviation, then the word and other spellings.
_UNITS = """
APT APARTMENT   BSMT BASEMENT   BLDG BUILDING   DEPT DEPARTMENT   FL FLOOR   FRNT FRONT   HNGR HANGAR HANGER   KEY KEY
LBBY LOBBY   LOT LOT   LOWR LOWER   OFC OFFICE   PH PENTHOUSE   PIER PIER   REAR REAR   RM ROOM   SIDE SIDE   SLIP SLIP
SPC SPACE   STOP STOP   STE SUITE   TRLR TRAILER   UNIT UNIT   UPPR UPPER
"""
UNITS = {word: entry.split()[0] for entry in re.split(r"\s{2,}|\n", _UNITS.strip()) for word in entry.split()}
# Need no number behind them (section 213.1).
ALONE = frozenset(["BSMT", "FRNT", "LBBY", "LOWR", "OFC", "PH", "REAR", "SIDE", "UPPR"])

# Publication 28, appendix B.
STATES = frozenset(
    "AL AK AS AZ AR CA CO CT DE DC FM FL GA GU HI ID IL IN IA KS KY LA ME MH MD MA MI MN MS MO MT NE NV NH NJ NM NY NC"
    " ND MP OH OK OR PW PA PR RI SC SD TN TX UT VT VI VA WA WV WI WY AA AE AP".split()
)
# Business words (appendix G), and cities' (appendix A): only where a line is too long.
_SHORT = {
    "APARTMENTS": "APTS", "ASSOCIATES": "ASSOC", "ASSOCIATION": "ASSN", "BROTHERS": "BROS", "BUILDING": "BLDG",
    "CENTER": "CTR", "COMMUNITY": "CMNTY", "COMPANY": "CO", "CORPORATION": "CORP", "COUNTY": "CNTY",
    "DEPARTMENT": "DEPT", "DEVELOPMENT": "DEV", "ENTERPRISES": "ENTPS", "GOVERNMENT": "GOVT", "HEIGHTS": "HTS",
    "HOUSING": "HSNG", "INCORPORATED": "INC", "INTERNATIONAL": "INTL", "INVESTMENT": "INVMT", "INVESTMENTS": "INVMTS",
    "LIMITED": "LTD", "MANAGEMENT": "MGMT", "MANUFACTURING": "MFG", "NATIONAL": "NATL", "PARTNERSHIP": "PRTNSHP",
    "PROPERTIES": "PROPS", "PROPERTY": "PROP", "REVOCABLE": "REV", "SERVICES": "SVCS", "TRUSTEE": "TR",
    "TRUSTEES": "TRS", "FORT": "FT", "MOUNT": "MT", "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "SAINT": "ST", "SPRINGS": "SPGS", "JUNCTION": "JCT", "UNIVERSITY": "UNIV", "CREEK": "CRK",
}  # fmt: skip

_LETTERS = str.maketrans({"ß": "SS", "ẞ": "SS", "Æ": "AE", "æ": "AE", "Ø": "O", "ø": "O", "Ł": "L", "ł": "L"})
_NOT_KEPT = re.compile(r"[^A-Z0-9#/\- ]")
_LONE = re.compile(r"(?<![A-Z0-9])[-/]+|[-/]+(?![A-Z0-9])")
_ZIP = re.compile(r"(\d{5})(?:-?(\d{4}))?")
_BOX = re.compile(
    r"^(?:(?:POST(?:AL)? OFFICE|P ?O) ?(?:BOX|DRAWER|BIN)|(?:CALLER|FIRM CALLER|BIN|LOCKBOX|DRAWER|BOX|POB))"
    r" ?(?:#|NO\b|NUMBER\b)? ?(\d[A-Z0-9-]*|[A-Z])$"
)
_ROUTE = re.compile(
    r"^(RR|RFD|RD|RURAL ROUTE|HC|HCR|STAR ROUTE|HIGHWAY CONTRACT) ?(?:#|NO\b)? ?0*(\d+)(?: BOX ?#? ?0*(\d[A-Z0-9-]*))?$"
)
_NUMBERED = re.compile(r"^(\d+[A-Z]?(?:-\d+[A-Z]?)?|[NSEW]\d+[NSEW]\d+)(?: (\d/\d))? (.+)$")
_GRID = re.compile(r"\s*(\d+[A-Za-z]?)\s+(\d+\.\d+)\s+(\S.*)")
_UNIT_AT_END = re.compile(
    rf" (?:({'|'.join(sorted(UNITS, key=len, reverse=True))})(?: ?(?:#|NO\b)? ?([A-Z0-9][A-Z0-9/-]*))?|# ?([A-Z0-9][A-Z0-9/-]*))$"
)
_CARE_OF = re.compile(r"^(?:C ?/ ?O|%|CARE OF|ATTN|ATTENTION|IN CARE OF)\b[ :.]*|^% ?")
_MOST_ZEROS = re.compile(r"^0+(?=\d)")
FOREIGN = frozenset(
    "CANADA MEXICO ENGLAND GERMANY FRANCE SPAIN ITALY CHINA JAPAN INDIA AUSTRALIA ISRAEL UK SWITZERLAND".split()
) | {"UNITED KINGDOM", "NEW ZEALAND", "GREAT BRITAIN", "HONG KONG"}


@lru_cache(maxsize=100_000)
def standard(text: str) -> str:
    """Capital letters without accents and without punctuation but `-`, `/` and `#`."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode().upper()
    plain = plain.replace("'", "").replace("`", "").replace("&", " AND ")
    plain = re.sub(r"(?<=[A-Z])\.(?=[A-Z]\b)", "", plain)  # P.O. → PO, L.L.C. → LLC
    return " ".join(_LONE.sub(" ", _NOT_KEPT.sub(" ", plain)).replace("#", " # ").split())


def unit_text(unit: str) -> str:
    """`Apartment 3` → `APT 3`; `3` → `# 3`, for nobody said what it is; `Bldg 2 Apt 4` → `BLDG 2 APT 4`."""
    words = standard(unit).split()
    if not words:
        return ""
    told: list[str] = []
    for position, word in enumerate(words):
        if word == "#":
            if position and words[position - 1] in UNITS:
                continue  # APT # 3
            told.append(word)
        else:
            told.append(UNITS.get(word, word) if word in UNITS else word)
    is_named = told[0] in UNITS.values() or told[0] == "#"
    return " ".join(told if is_named else ["#", *told])


def delivery_line(number: str | int, street: str, unit: str = "") -> str:
    """House number, street and unit on one line (sections 231 to 235): `108 W SOUTH ST APT 201`.

    A letter or a fraction that the ground floor reads as a unit belongs to the house number: `12B`, `123 1/2`.
    """
    unit_words = standard(unit)
    house = standard(str(number))
    fraction = re.match(r"^(?:([A-Z]) )?(\d/\d)(?: (.*))?$", unit_words)
    if fraction:
        house = f"{house}{fraction[1] or ''} {fraction[2]}"
        unit_words = fraction[3] or ""
    return " ".join(filter(None, [house, normalize_street(street), unit_text(unit_words)]))


@lru_cache(maxsize=100_000)
def street_line(text: str) -> str:
    """Any delivery line as somebody wrote it: a street address, a PO box (281 to 283), a rural route (241 to 244)."""
    if grid := _GRID.fullmatch(text):  # 842 39.2 RD: the period is part of the street's name (D2)
        return street_line(f"{grid[1]} GRID {grid[3]}").replace(" GRID ", f" {grid[2]} ", 1)
    line = standard(text)
    boxless = re.sub(r"^P O\b", "PO", line)
    if box := _BOX.match(boxless):
        return f"PO BOX {_MOST_ZEROS.sub('', box[1])}"
    if route := _ROUTE.match(line):
        kind = "HC" if route[1].startswith(("H", "S")) else "RR"
        return f"{kind} {route[2]}" + (f" BOX {route[3]}" if route[3] else "")
    units: list[str] = []
    while found := _UNIT_AT_END.search(line):
        name, value = UNITS.get(found[1] or "", "#"), found[2] or found[3] or ""
        if value in SUFFIXES or (not value and (name not in ALONE or _is_whole_street(line))):
            break
        units.insert(0, f"{name} {value}".strip())
        line = line[: found.start()]
    if numbered := _NUMBERED.match(line):
        line = " ".join(filter(None, [numbered[1], numbered[2], normalize_street(numbered[3])]))
    return " ".join([line, *units])


def _is_whole_street(line: str) -> bool:
    """In 12 FRONT and 12 N SIDE the word is the street itself."""
    numbered = _NUMBERED.match(line)
    rest = numbered[3].split() if numbered else line.split()
    return len(rest) < 2 or not any(word in SUFFIXES for word in rest[:-1])


def zip_text(zip_code: str) -> str:
    """`22902` or `22902-1234`; empty for anything else. Leading zeros that a spreadsheet ate are put back."""
    digits = re.sub(r"\.0$", "", zip_code.strip())
    if re.fullmatch(r"\d{3,4}", digits):
        digits = digits.zfill(5)
    found = _ZIP.fullmatch(digits)
    if not found or found[1] == "00000":
        return ""
    return found[1] + (f"-{found[2]}" if found[2] and found[2] != "0000" else "")


def last_line(city: str, state: str, zip_code: str) -> str:
    """City, state and ZIP Code with one space between (sections 221 to 224)."""
    place = " ".join(filter(None, [standard(city), standard(state)]))
    return shorten(" ".join(filter(None, [place, zip_text(zip_code) or standard(zip_code)])))


def owner_lines(name: str, care_of: str, street: str, city: str, state: str, zip_code: str) -> tuple[str, ...]:
    """The address block of an owner: name, care of or second name, delivery line, last line."""
    lines = [shorten(standard(name)), shorten(care_of_line(care_of)), shorten(street_line(street))]
    return (*filter(None, lines), last_line(city, state, zip_code))


def care_of_line(text: str) -> str:
    """`% Smith` and `c/o Smith` are `C/O SMITH`; a second name stays one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper().strip()
    found = _CARE_OF.match(plain)
    if not found:
        return standard(text)
    rest = standard(plain[found.end() :])
    return f"{'ATTN' if plain.startswith('ATT') else 'C/O'} {rest}" if rest else ""


def resident_lines(number: str | int, street: str, unit: str, city: str, state: str, zip_code: str) -> tuple[str, ...]:
    return "RESIDENT", shorten(delivery_line(number, street, unit)), last_line(city, state, zip_code)


def shorten(line: str) -> str:
    """A line that is too long, with the words that have a standard abbreviation abbreviated, the last first."""
    if len(line) <= WIDTH:
        return line
    words = line.split()
    for position in range(len(words) - 1, -1, -1):
        if len(" ".join(words)) <= WIDTH:
            break
        words[position] = _SHORT.get(words[position], words[position])
    return " ".join(words)


NO_NAME = "no name"
NO_NUMBER = "no house number"
NO_STREET = "no street"
TOO_LONG = f"a line of more than {WIDTH} characters"
TOO_MANY = f"more than {MOST_LINES} lines"
BAD_ZIP = "no ZIP Code of five or nine digits"
BAD_STATE = "no state of the United States"
FOREIGN_ADDRESS = "an address abroad"
_DELIVERY = re.compile(r"^(?:\d|PO BOX |RR \d|HC \d|[NSEW]\d+[NSEW]\d|GENERAL DELIVERY|PSC \d|CMR \d|UNIT \d)")


def check(lines: Sequence[str]) -> list[str]:
    """What keeps mail from getting there, in plain words; nothing where the block is fit to print."""
    if not lines:
        return [NO_STREET]
    problems = list(_checked_last(lines[-1]))
    delivery = lines[-2] if len(lines) > 1 else ""
    if len(lines) < 3:
        problems.append(NO_STREET if len(lines) < 2 else NO_NAME)
    elif not _DELIVERY.match(delivery):
        problems.append(NO_NUMBER if delivery else NO_STREET)
    elif re.fullmatch(r"\d+[A-Z]?(?: \d/\d)?(?: (?:#|APT|UNIT|STE) \S+)?", delivery):
        problems.append(NO_STREET)
    elif re.match(r"0+ ", delivery):
        problems.append(NO_NUMBER)
    if any(len(line) > WIDTH for line in lines):
        problems.append(TOO_LONG)
    if len(lines) > MOST_LINES:
        problems.append(TOO_MANY)
    return problems


def _checked_last(line: str) -> Iterable[str]:
    words = line.split()
    if any(
        line.endswith(country) or (f" {country} " in f" {line} " and not STATES & set(words)) for country in FOREIGN
    ):
        yield FOREIGN_ADDRESS
        return
    zip_code = words[-1] if words else ""
    if not _ZIP.fullmatch(zip_code):
        yield BAD_ZIP
        words = [*words, ""]
    if len(words) < 3 or words[-2] not in STATES:
        yield BAD_STATE


def split_last_line(text: str) -> tuple[str, str, str]:
    """City, state and ZIP Code out of one text: `Parsons, KS 67357-1234`. What is not there is empty."""
    words = standard(text).split()
    zip_code = ""
    if words and (found := zip_text(words[-1])) and len(words[-1]) >= 5:
        zip_code, words = found, words[:-1]
    state = words.pop() if words and words[-1] in STATES else ""
    return " ".join(words), state, zip_code
