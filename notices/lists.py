"""Lists that a clerk uploads, read row by row: mailing addresses of households, and owners of parcels. Knows no database.

Encoding, delimiter and lines are the ground floor's business (hotspots.ingest.readers): UTF-8 with or without a mark, UTF-16,
cp1252; comma, semicolon, tab or bar.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from hotspots.ingest.address_text import Kind, parse
from hotspots.ingest.errors import InputError
from hotspots.ingest.readers import BadRow, Reader
from hotspots.ingest.street_names import normalize_street
from notices import postal

ADDRESSES, OWNERS = "addresses", "owners"
MOST_ROWS = 500_000
SHOWN_ROWS = 3
TOLD_ROWS = 2_000  # between two words on how far it is

# Our name of a column: the names that lists give it, in small letters and figures alone.
NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    ADDRESSES: {
        "address": ("address", "fulladdress", "siteaddress", "addressline1", "deliveryaddress", "addr", "streetaddress"),
        "number": ("number", "housenumber", "streetnumber", "stnumber", "houseno", "addrnum", "hseno", "primarynumber"),
        "street": ("street", "streetname", "stname", "fullstreet", "road"),
        "unit": ("unit", "apt", "apartment", "unitnumber", "secondary", "suite", "stunit", "addressline2"),
        "zip_code": ("zipcode", "zip", "zip5", "zip4code", "postalcode", "zipplus4", "sitezip"),
        "zip_4": ("zip4", "plus4", "zipfour"),
        "carrier_route": ("carrierroute", "crrt", "cart", "route", "crid", "carrier"),
        "sequence": ("sequence", "walksequence", "walkseq", "seq", "eldsequence", "elot", "lotnumber"),
        "vacant": ("vacant", "vacancy", "isvacant", "vacantflag", "vacind"),
    },
    OWNERS: {
        "parcel": ("parcel", "parcelid", "parcelnumber", "pin", "apn", "quickrefid", "parcelno", "gpin"),
        "place": ("place", "placeid", "sourceid", "addressid", "masteraddressid"),
        "address": ("siteaddress", "propertyaddress", "situsaddress", "situs", "address", "location", "siteaddr"),
        "owner_id": ("ownerid", "owneraccount", "accountnumber", "account"),
        "name": ("owner", "ownername", "name", "owner1", "ownername1", "ownernm1"),
        "care_of": ("careof", "co", "owner2", "ownername2", "secondname", "attention", "mailcareof"),
        "mail_street": ("mailingstreet", "mailingaddress", "mailstreet", "owneraddress", "mailaddress", "mailaddr1",
                        "mailingaddress1", "owneraddr", "maddress", "mailaddress1", "owneraddress1"),
        "city": ("city", "mailingcity", "mailcity", "ownercity", "mcity"),
        "state": ("state", "mailingstate", "mailstate", "ownerstate", "mstate"),
        "zip_code": ("zipcode", "zip", "mailingzip", "mailzip", "ownerzip", "mailingzipcode", "mzip", "mailzipcode"),
        "last_line": ("citystatezip", "mailingcitystatezip", "ownercitystatezip", "csz", "mailcsz", "lastline"),
    },
}  # fmt: skip
# One of each group has to be there, whole.
NEEDED: dict[str, tuple[tuple[tuple[str, ...], ...], ...]] = {
    ADDRESSES: (
        (("address",), ("number", "street")),
        (("zip_code",), ("carrier_route",), ("sequence",), ("vacant",)),
    ),
    OWNERS: (
        (("address",), ("place",), ("parcel",)),
        (("name",),),
        (("mail_street",),),
        (("last_line",), ("city", "state", "zip_code")),
    ),
}

BAD_NUMBER = "It has no house number."
BAD_ADDRESS = "This is no address of one house."
BAD_ZIP = "The ZIP Code has neither five nor nine digits."
BAD_SEQUENCE = "The turn on the route is no whole number."
NO_NAME = "It names no owner."
NO_PLACE = "It names no property: neither address nor parcel."
NOT_MAILABLE = "The mailing address cannot be used: "
TOO_LONG = "A field is longer than the system keeps."
YES = frozenset(["1", "Y", "YES", "TRUE", "T", "V", "VACANT", "X"])


class AddressRow(NamedTuple):
    line: int
    number: int
    street: str
    unit: str
    zip_code: str | None  # None: the list has no such column
    carrier_route: str | None
    sequence: int | None
    vacant: bool | None


class OwnerRow(NamedTuple):
    line: int
    parcel: str
    place: str
    number: int | None
    street: str
    unit: str
    key: str
    name: str
    care_of: str
    mail_street: str
    city: str
    state: str
    zip_code: str


class Refused(Exception):
    """Why a row is not taken in."""


def bare(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.lower())


def guess(kind: str, headers: Sequence[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our columns in a file: as the last list of this source had them, where it still has them, else by their names."""
    by_name = {bare(header): header for header in reversed(headers)}
    found: dict[str, str] = {}
    for ours, names in NAMES[kind].items():
        told = (known or {}).get(ours)
        if told in headers:
            found[ours] = str(told)
        elif not known:
            header = next((by_name[name] for name in names if name in by_name), None)
            if header and header not in found.values():
                found[ours] = header
    return found


def missing(kind: str, columns: Mapping[str, str]) -> list[tuple[tuple[str, ...], ...]]:
    """The groups of which a file has none."""
    return [group for group in NEEDED[kind] if not any(all(columns.get(name) for name in way) for way in group)]


def headers_of(path: Path) -> list[str]:
    return Reader(path).headers()


def lines_of(path: Path) -> int:
    """How many rows a file has at most: its lines without the header. Texts of several lines make it fewer rows."""
    count, last = 0, b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            count += block.count(b"\n")
            last = block[-2:]
    return max(count - (b"\n" in last), 0)


def first_rows(path: Path) -> list[dict[str, str]]:
    """What stands in the first rows, to see whether the columns are the right ones."""
    for chunk in Reader(path).chunks(lambda row: None):
        return [dict(row) for row in chunk.table.slice(0, SHOWN_ROWS).to_pylist()]
    return []


def read(
    path: Path,
    kind: str,
    columns: Mapping[str, str],
    on_bad_row: Callable[[BadRow, Mapping[str, str]], None],
    progress: Callable[[int], None],
) -> Iterator[AddressRow | OwnerRow]:
    """Each row that makes sense. `progress` is told how many were read; raises InputError for what is no list at all."""
    reader = Reader(path)
    headers = reader.headers()
    gone = [header for header in columns.values() if header and header not in headers]
    if gone:
        raise InputError(f"There is no column {', '.join(gone)}. The file has: {', '.join(headers)}.")
    translate = _address_row if kind == ADDRESSES else _owner_row
    count = 0

    def ragged(row: BadRow) -> None:
        nonlocal count
        count += 1
        on_bad_row(row, {})

    for chunk in reader.chunks(ragged):
        named = {ours: chunk.table.column(header).to_pylist() for ours, header in columns.items() if header}
        for position, line in enumerate(chunk.lines.tolist()):
            values = {ours: (texts[position] or "").strip() for ours, texts in named.items()}
            try:
                yield translate(line, values)
            except Refused as refusal:
                on_bad_row(BadRow(line, str(refusal), ""), values)
            if position % TOLD_ROWS == TOLD_ROWS - 1:
                progress(count + position + 1)
        count += len(chunk.table)
        if count > MOST_ROWS:
            raise InputError(f"The list has more than {MOST_ROWS:,} rows. Split it.")
        progress(count)
    progress(count)


def _house(values: Mapping[str, str]) -> tuple[int, str, str]:
    """House number, standard street and unit, as the city's addresses have them."""
    if values.get("number") and values.get("street"):
        text = f"{values['number']} {values['street']}"
    else:
        text = values.get("address", "")
    if unit := values.get("unit"):
        text = f"{text} # {unit.lstrip('# ')}"
    parsed = parse(text)
    if parsed.kind != Kind.ADDRESS or parsed.low is None:
        raise Refused(BAD_NUMBER if parsed.kind == Kind.NAME else BAD_ADDRESS)
    if parsed.low != parsed.high or parsed.low > 2_000_000:
        raise Refused(BAD_ADDRESS)
    return parsed.low, normalize_street(parsed.street), parsed.unit


def _address_row(line: int, values: Mapping[str, str]) -> AddressRow:
    number, street, unit = _house(values)
    zip_code = values.get("zip_code")
    if zip_code:
        plus = values.get("zip_4", "")
        zip_code = postal.zip_text(f"{zip_code}-{plus.zfill(4)}" if plus and len(zip_code) <= 5 else zip_code)
        if not zip_code:
            raise Refused(BAD_ZIP)
    sequence = re.sub(r"\.0$", "", values.get("sequence", ""))
    if sequence and not (sequence.isascii() and sequence.isdecimal() and len(sequence) < 10):
        raise Refused(BAD_SEQUENCE)
    route = values.get("carrier_route")
    if route and len(route) > 9:
        raise Refused(TOO_LONG)
    vacant = values.get("vacant")
    return AddressRow(
        line,
        number,
        street,
        unit,
        zip_code,
        route.upper() if route else route,
        int(sequence) if sequence else None,
        None if vacant is None else vacant.upper() in YES,
    )


def _owner_row(line: int, values: Mapping[str, str]) -> OwnerRow:
    if not values.get("name"):
        raise Refused(NO_NAME)
    address, parcel, place = (values.get(name, "") for name in ("address", "parcel", "place"))
    if not (address or parcel or place):
        raise Refused(NO_PLACE)
    try:
        number, street, unit = _house({"address": address}) if address else (None, "", "")
    except Refused:
        if not (parcel or place):
            raise
        number, street, unit = None, "", ""
    city, state, zip_code = _mailing_place(values)
    name, care_of, mail_street = (" ".join(values.get(each, "").split()) for each in ("name", "care_of", "mail_street"))
    lengths = ((name, 120), (care_of, 120), (mail_street, 120), (city, 60), (parcel, 60), (place, 120))
    if any(len(text) > most for text, most in lengths):
        raise Refused(TOO_LONG)
    lines = postal.owner_lines(name, care_of, mail_street, city, state, zip_code)
    if problems := postal.check(lines):
        raise Refused(f"{NOT_MAILABLE}{', '.join(problems)}.")
    told = values.get("owner_id", "")[:118]
    key = f"#{told}" if told else blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()
    return OwnerRow(line, parcel, place, number, street, unit, key, name, care_of, mail_street, city, state, zip_code)


def _mailing_place(values: Mapping[str, str]) -> tuple[str, str, str]:
    if values.get("last_line") and not values.get("city"):
        city, state, zip_code = postal.split_last_line(values["last_line"])
    else:
        city, state = values.get("city", ""), values.get("state", "").upper()
        zip_code = postal.zip_text(values.get("zip_code", ""))
    if len(state) != 2:
        raise Refused(f"{NOT_MAILABLE}{postal.BAD_STATE}.")
    if not zip_code:
        raise Refused(BAD_ZIP)
    return " ".join(city.split()), state, zip_code
