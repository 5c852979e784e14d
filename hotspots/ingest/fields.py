"""Which column of somebody's file holds what: guessed from its name, since every source has its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hotspots.ingest.addresses import parse

ID_FIELDS = (
    "masteraddressid", "address_id", "addressid", "addrrecnum", "addr_id", "place_id", "site_id", "parcelnumber",
    "parcel_id", "parcelid", "apn", "gpin", "pin", "geoid", "geoid20", "geoid10", "handle", "segment_id", "segmentid",
    "streetsegid", "stsegid", "tlid", "linearid", "centerline_id", "globalid", "guid", "uuid", "id", "code",
    "objectid", "object_id", "ogc_fid", "fid", "gid",
)  # fmt: skip
NUMBER_FIELDS = (
    "streetnumber", "street_number", "st_number", "stnumber", "house_number", "housenumber", "house_num", "houseno",
    "house_no", "hse_nbr", "addrnum", "addr_num", "add_number", "addressnumber", "address_number", "addno_full",
    "stnum", "st_num", "number", "num",
)  # fmt: skip
STREET_FIELDS = (
    "st_name", "stname", "streetname", "street_name", "st_fullname", "fullstreet", "full_street", "street", "road",
    "roadname", "fullname",
)  # fmt: skip
BEFORE_FIELDS = (
    "predir", "pre_dir", "predirection", "st_predir", "stpredir", "prefixdir", "prefix_dir", "dir_pre", "street_dir",
    "stdir",
)  # fmt: skip
SUFFIX_FIELDS = (
    "suffix", "st_suffix", "stsuffix", "st_type", "sttype", "streettype", "street_type", "st_postyp", "posttype",
    "post_type", "suftype",
)  # fmt: skip
AFTER_FIELDS = (
    "postdir", "post_dir", "postdirection", "st_posdir", "stposdir", "sufdir", "suf_dir", "suffixdir", "suffix_dir",
)  # fmt: skip
UNIT_FIELDS = (
    "st_unit", "unit", "unitnumber", "unit_number", "unit_no", "unit_num", "unitid", "unit_id", "apt", "apartment",
    "aptno", "sub_addr",
)  # fmt: skip
UNIT_TYPE_FIELDS = (
    "unit_type", "unittype", "unit_typ",
)  # fmt: skip
ADDRESS_FIELDS = (
    "address", "full_address", "fulladdress", "fulladdr", "full_addr", "addr", "site_address", "siteaddress", "situs",
    "situsaddress", "addr_full",
)  # fmt: skip
RANGE_FIELDS = (
    ("lfromadd", "lfromhn", "l_f_add", "fraddl", "fromaddr_l", "from_left", "left_from", "leftfrom", "l_from", "lf_addr"),
    ("ltoadd", "ltohn", "l_t_add", "toaddl", "toaddr_l", "to_left", "left_to", "leftto", "l_to", "lt_addr"),
    ("rfromadd", "rfromhn", "r_f_add", "fraddr", "fromaddr_r", "from_right", "right_from", "rightfrom", "r_from", "rf_addr"),
    ("rtoadd", "rtohn", "r_t_add", "toaddr", "toaddr_r", "to_right", "right_to", "rightto", "r_to", "rt_addr"),
)  # fmt: skip


def find_field(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """The column that has one of these names, the first of them that there is; case does not matter."""
    by_lower = {column.lower(): column for column in columns}
    return next((by_lower[name] for name in names if name in by_lower), None)


def guess_id(frame: pd.DataFrame, columns: Sequence[str]) -> str | None:
    """A field with a name that identifiers have, and which does tell nearly all rows apart."""
    by_lower = {column.lower(): column for column in columns}
    candidates = [by_lower[name] for name in ID_FIELDS if name in by_lower]
    return next((name for name in candidates if text_of(frame[name]).nunique() >= 0.99 * len(frame)), None)


def text_of(column: pd.Series) -> pd.Series:
    """Trimmed text; "" for what is missing, and whole numbers without a decimal point."""
    if pd.api.types.is_float_dtype(column):
        whole = column.notna() & (column == column.round())
        text = column.astype(object)
        text[whole] = column[whole].astype("int64").astype(object)
        column = text
    text = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    return text.str.replace(r"\s+", " ", regex=True)


def whole_numbers(text: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Leading house numbers ("1035-67" is 1035, "12A" is 12), and which texts have none though they say something."""
    digits = text.str.extract(r"^(\d{1,6})(?!\d)", expand=False)
    return pd.to_numeric(digits).astype(float), (digits.isna() & (text != "")).to_numpy()


@dataclass(frozen=True)
class AddressFields:
    number: str | None
    street: str | None
    before: str | None
    suffix: str | None
    after: str | None
    unit: str | None
    unit_type: str | None
    address: str | None

    @classmethod
    def found_in(cls, columns: Sequence[str]) -> "AddressFields":
        names = (
            NUMBER_FIELDS,
            STREET_FIELDS,
            BEFORE_FIELDS,
            SUFFIX_FIELDS,
            AFTER_FIELDS,
            UNIT_FIELDS,
            UNIT_TYPE_FIELDS,
            ADDRESS_FIELDS,
        )
        return cls(*(find_field(columns, group) for group in names))

    def read(self, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
        """Number, street and unit of each row, as text."""
        if self.number and self.street:
            parts = [text_of(frame[name]) for name in (self.before, self.street, self.suffix, self.after) if name]
            street = parts[0].str.cat(parts[1:], sep=" ") if len(parts) > 1 else parts[0]
            unit = text_of(frame[self.unit]) if self.unit else pd.Series("", index=frame.index)
            return text_of(frame[self.number]), street.str.split().str.join(" "), unit
        if not self.address:
            nothing = pd.Series("", index=frame.index)
            return nothing, nothing, nothing
        parsed = text_of(frame[self.address]).map(parse)
        number = parsed.map(lambda one: "" if one.low is None else str(one.low))
        unit = text_of(frame[self.unit]) if self.unit else parsed.map(lambda one: one.unit)
        return number, parsed.map(lambda one: one.street), unit

    def shown_street(self, street: pd.Series) -> pd.Series:
        return street.map(as_title)

    def unit_word(self, frame: pd.DataFrame) -> pd.Series:
        """ "Apt " or "# ": how the unit is called."""
        if not self.unit_type:
            return pd.Series("Unit ", index=frame.index)
        words = text_of(frame[self.unit_type]).str.title()
        return (words + " ").where(words.str.fullmatch(r"[A-Za-z]+"), "Unit ")


_KEEP_UPPER = re.compile(r"^(?:[NS][EW]?|[EW]|US|II+|IV|[A-Z]\d+)$")


def as_title(street: str) -> str:
    """ "W SOUTH ST" is shown as "W South St"; what is not all in capitals is left as its source writes it."""
    if street != street.upper():
        return street
    return " ".join(word if _KEEP_UPPER.match(word) else _title(word) for word in street.split())


def _title(word: str) -> str:
    word = word.lower()
    return (
        word
        if word[:1].isdigit()
        else re.sub(
            r"^(mc)?([a-z])|(?<=[-/])[a-z]",
            lambda found: found[0].title() if not found[1] else "Mc" + found[2].upper(),
            word,
        )
    )


@dataclass(frozen=True)
class RangeFields:
    """House numbers at the start and end of the left and the right side of a street line."""

    fields: tuple[str | None, ...]

    @classmethod
    def found_in(cls, columns: Sequence[str]) -> "RangeFields":
        return cls(tuple(find_field(columns, names) for names in RANGE_FIELDS))

    def read(self, frame: pd.DataFrame) -> np.ndarray | None:
        """(n, 4) left from, left to, right from, right to; NaN where unknown. None where the file has none."""
        if not any(self.fields):
            return None
        columns = [
            whole_numbers(text_of(frame[name]))[0] if name else pd.Series(np.nan, index=frame.index)
            for name in self.fields
        ]
        numbers = np.column_stack(columns).astype(float)
        numbers[numbers == 0] = np.nan  # how many sources write "none"
        for start, stop in ((0, 1), (2, 3)):  # a side with one number only says nothing of a range
            one = np.isnan(numbers[:, start]) ^ np.isnan(numbers[:, stop])
            numbers[np.ix_(one, [start, stop])] = np.nan
        return numbers
