"""From the columns of a chunk to what an incident is made of: dates, offense, place, identity. No row is touched alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone
from pandas.util import hash_array

from hotspots.ingest.columns import hex_column
from hotspots.ingest.mapping import GEOMETRY_X, GEOMETRY_Y, WGS84, Condition, DateColumn, Mapping
from hotspots.ingest.readers import BadRow, Chunk, OnBadRow

EARLIEST = np.datetime64("1900-01-01")
SEPARATOR = "\x1f"
DIGEST_KEYS = ("hot-spot-first-0", "hot-spot-second1")
NO_DATE = "no date of occurrence"


@dataclass(frozen=True)
class Bound:
    """A mapping and the headers of one file that it speaks of."""

    mapping: Mapping
    headers: dict[str, str]
    has_geometry: bool
    known_offenses: frozenset[str]
    offense_cache: dict[tuple[str, str], str]

    @property
    def xy(self) -> tuple[str, str]:
        """The columns of the coordinates: those of the mapping, else the file's own geometry."""
        if self.mapping.x:
            return self.mapping.x, self.mapping.y
        return (GEOMETRY_X, GEOMETRY_Y) if self.has_geometry else ("", "")

    @property
    def crs(self) -> str:
        return WGS84 if self.xy[0] == GEOMETRY_X else self.mapping.crs


def bind(
    mapping: Mapping,
    headers: Sequence[str],
    known_offenses: frozenset[str],
    offense_cache: dict[tuple[str, str], str] | None = None,
) -> Bound:
    """`offense_cache` is shared by the files of one import."""
    cache = {} if offense_cache is None else offense_cache
    return Bound(mapping, mapping.bind(headers), GEOMETRY_X in headers, known_offenses, cache)


@dataclass(frozen=True)
class Rows:
    """What is to be staged of a chunk, with how many rows it had and how many were left out as no incidents."""

    incidents: pa.Table
    locations: pa.Table
    read: int
    excluded: int


def translate(chunk: Chunk, bound: Bound, file: int, on_bad_row: OnBadRow) -> Rows:
    """Rows without a usable date, or without their declared key, go to `on_bad_row`."""
    mapping = bound.mapping
    columns = _cleaned(chunk.table, bound)
    excluded = _any(mapping.exclude, columns, len(chunk.table))
    dates = {
        name: _instants(date, columns, mapping)
        for name, date in (
            ("occurred_from", mapping.occurred_from),
            ("occurred_to", mapping.occurred_to),
            ("reported_at", mapping.reported_at),
        )
        if date
    }
    reasons = _reasons(dates, columns, mapping)
    bad = (reasons != "") & ~excluded
    for position in np.flatnonzero(bad):
        on_bad_row(BadRow(int(chunk.lines[position]), str(reasons[position]), _row_text(chunk.table, int(position))))
    keep = pa.array(~excluded & ~bad)
    columns = {name: column.filter(keep) for name, column in columns.items()}
    dates = {name: tuple(values[np.asarray(keep)] for values in pair) for name, pair in dates.items()}
    incidents, locations = _staged(columns, dates, chunk.lines[np.asarray(keep)], bound, file)
    return Rows(incidents, locations, len(chunk.table), int(excluded.sum()))


def _cleaned(table: pa.Table, bound: Bound) -> dict[str, pa.Array]:
    """The columns that the mapping speaks of, trimmed; what the source writes for "nothing" becomes empty."""
    mapping = bound.mapping
    names = dict(bound.headers)
    if not mapping.x and bound.has_geometry:
        names |= {GEOMETRY_X: GEOMETRY_X, GEOMETRY_Y: GEOMETRY_Y}
    columns = {}
    for canonical, header in names.items():
        values = pc.utf8_trim_whitespace(table.column(header).combine_chunks())
        if mapping.nulls:
            values = pc.if_else(pc.is_in(values, pa.array(mapping.nulls)), "", values)
        if canonical in mapping.leading_zeros:
            values = pc.utf8_ltrim(values, "0")
        columns[canonical] = values
    return columns


def _any(conditions: Sequence[Condition], columns: dict[str, pa.Array], length: int) -> np.ndarray:
    found = np.zeros(length, dtype=bool)
    for condition in conditions:
        column = columns[condition.column]
        if condition.pattern:
            hits = pc.match_substring_regex(column, condition.pattern, ignore_case=True)
        else:
            hits = pc.is_in(column, pa.array(condition.values))
        found |= np.asarray(hits)
    return found


# --- dates ----------------------------------------------------------------------------------------------------------

Instants = tuple[np.ndarray, np.ndarray]  # local wall clock and UTC, both datetime64[s]; NaT where there is none


def _instants(date: DateColumn, columns: dict[str, pa.Array], mapping: Mapping) -> Instants:
    """The instants of a date column. A clock column, where there is one, tells the local time of day.

    At the end of daylight saving time an hour comes twice and the first is meant; at its start an hour is left out,
    and a time in it is counted on from before (02:30 becomes 03:30).
    """
    local, utc = _parsed(columns[date.column], date, mapping)
    if date.clock:
        local = _with_clock(local, columns[date.clock], date.clock_rule)
        utc = _to_utc(local, mapping.zone)
    return local, utc


def _parsed(texts: pa.Array, date: DateColumn, mapping: Mapping) -> Instants:
    """Each distinct text is parsed once."""
    encoded = texts.dictionary_encode()
    distinct = encoded.dictionary.to_pandas()
    utc = pd.Series(pd.NaT, index=distinct.index, dtype="datetime64[us, UTC]")
    local = pd.Series(pd.NaT, index=distinct.index, dtype="datetime64[us]")
    left = ~distinct.isin(["", *mapping.date_nulls])
    for name in dict.fromkeys((*date.formats, "iso")):
        if not left.any():
            break
        found_local, found_utc = _parse_as(distinct[left], name, date.zone, mapping.zone)
        local[found_local.index], utc[found_utc.index] = found_local, found_utc
        left &= local.isna()
    positions = encoded.indices.to_numpy()
    seconds = "datetime64[s]"
    return local.to_numpy().astype(seconds)[positions], utc.dt.tz_localize(None).to_numpy().astype(seconds)[positions]


def _parse_as(texts: pd.Series, name: str, stamp_zone: str, zone: str) -> tuple[pd.Series, pd.Series]:
    """Local wall clock (of `zone`) and UTC of the texts that have this format; the others are left out."""
    if name.startswith("epoch"):
        numbers = pd.to_numeric(texts, errors="coerce")
        parsed = pd.to_datetime(numbers, unit=name.removeprefix("epoch_"), errors="coerce").dropna()
    else:
        offset: Any = name == "iso" and texts.str.contains(r"(?:Z|[+-]\d\d:?\d\d?)$", regex=True)
        if name == "iso" and offset.any():
            aware = pd.to_datetime(texts[offset], format="ISO8601", errors="coerce", utc=True).dropna()
            naive_local, naive_utc = (
                _parse_as(texts[~offset], name, stamp_zone, zone) if not offset.all() else (None, None)
            )
            local = aware.dt.tz_convert(zone).dt.tz_localize(None)
            return (
                (local, aware)
                if naive_local is None
                else (pd.concat([local, naive_local]), pd.concat([aware, naive_utc]))
            )
        form = "ISO8601" if name == "iso" else name
        parsed = pd.to_datetime(texts, format=form, errors="coerce", utc="%z" in form or None).dropna()
        if "%z" in form:
            return parsed.dt.tz_convert(zone).dt.tz_localize(None), parsed
    parsed = parsed.astype("datetime64[us]")
    utc = (
        pd.Series(_to_utc(parsed.to_numpy(), stamp_zone), index=parsed.index)
        .astype("datetime64[us]")
        .dt.tz_localize("UTC")
    )
    local = parsed if stamp_zone == zone else utc.dt.tz_convert(zone).dt.tz_localize(None)
    return local, utc


def _to_utc(local: np.ndarray, zone: str) -> np.ndarray:
    index = pd.DatetimeIndex(local).tz_localize(
        zone, ambiguous=np.ones(len(local), dtype=bool), nonexistent=pd.Timedelta(hours=1)
    )
    return index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")


def _with_clock(local: np.ndarray, clock: pa.Array, rule: str) -> np.ndarray:
    """The date of `local` with the time of the clock column ("0930", "09:30"); without a clock, as it was."""
    digits = pd.to_numeric(pc.replace_substring(clock, ":", "").to_pandas(), errors="coerce").to_numpy()
    hours, minutes = digits // 100, digits % 100
    usable = (hours < 24) & (minutes < 60) & (hours >= 0)
    time = np.where(usable, hours * 60 + minutes, 0).astype("timedelta64[m]")
    timed = local.astype("datetime64[D]").astype("datetime64[s]") + time
    if rule == "nearest":  # the stamp is right to within half a day, the clock exactly
        day = np.timedelta64(1, "D")
        half = np.timedelta64(12, "h")
        timed = np.where(timed - local > half, timed - day, np.where(local - timed > half, timed + day, timed))
    return np.where(usable, timed, local)


def _reasons(dates: dict[str, Instants], columns: dict[str, pa.Array], mapping: Mapping) -> np.ndarray:
    """Why a row cannot be an incident; empty where it can. The first reason found stands."""
    local, start = dates["occurred_from"]
    text = columns[mapping.occurred_from.column].to_numpy(zero_copy_only=False)
    is_empty = pc.is_in(columns[mapping.occurred_from.column], pa.array(["", *mapping.date_nulls]))
    latest = np.datetime64((timezone.now() + timedelta(days=1)).replace(tzinfo=None), "s")
    reasons = np.full(len(local), "", dtype=object)

    def say(mask: np.ndarray, reason: str | np.ndarray) -> None:
        mask = mask & (reasons == "")
        reasons[mask] = reason[mask] if isinstance(reason, np.ndarray) else reason

    say(np.asarray(is_empty), NO_DATE)
    say(np.isnat(local), "cannot read the date of occurrence: " + text)
    say(local < EARLIEST, "the date of occurrence is before 1900: " + text)
    say(start > latest, "the date of occurrence lies in the future: " + text)
    if "occurred_to" in dates and mapping.occurred_to:
        end_text = columns[mapping.occurred_to.column].to_numpy(zero_copy_only=False)
        no_end = np.asarray(pc.is_in(columns[mapping.occurred_to.column], pa.array(["", *mapping.date_nulls])))
        say(np.isnat(dates["occurred_to"][1]) & ~no_end, "cannot read the end of the occurrence: " + end_text)
        say(dates["occurred_to"][1] < start, "it ends (" + end_text + ") before it starts (" + text + ")")
    for column in mapping.key:
        say(np.asarray(pc.equal(columns[column], "")), f"the key column {column} is empty")
    return reasons


# --- what is staged -------------------------------------------------------------------------------------------------


def _staged(
    columns: dict[str, pa.Array], dates: dict[str, Instants], lines: np.ndarray, bound: Bound, file: int
) -> tuple[pa.Table, pa.Table]:
    mapping, count = bound.mapping, len(lines)
    empty = pa.array([""] * count, pa.string())
    code = _offense_code(columns, mapping, empty)
    description = columns[mapping.description] if mapping.description else empty
    address = _address(mapping.address, columns, empty)
    x, y = (columns[name] if name else empty for name in bound.xy)
    local = {name: _stamp_text(values[0]) for name, values in dates.items()}
    fields = {"code": code, "description": description, "address": address, "x": x, "y": y, **local}
    retracts = _any(mapping.retract_when, columns, count)

    place, locations = _locations(address, x, y, retracts)
    said = _join([*fields.values(), *(columns[name] for name in mapping.content)])
    offense = _offenses(code, description, bound)
    digest = _hex(_join([said, offense, *(_stamp_text(values[1]) for values in dates.values())]))
    match = _match_keys(mapping, fields, columns, dates["occurred_from"][0]) if mapping.retract_match else None
    key = _key(mapping, columns, said, dates["occurred_from"][0])
    stamps = {name: pa.array(values[1], pa.timestamp("s", tz="UTC")) for name, values in dates.items()}
    nothing = pa.nulls(count, pa.timestamp("s", tz="UTC"))
    incidents = pa.table(
        {
            "file": pa.array(np.full(count, file, dtype=np.int32)),
            "line": pa.array(lines),
            "retracts": pa.array(retracts),
            "key": key,
            "digest": digest,
            "match_key": match if match is not None else pa.nulls(count, pa.string()),
            "location": place,
            "offense": offense,
            "code": pc.utf8_slice_codeunits(code, 0, 30),
            "description": pc.utf8_slice_codeunits(description, 0, 200),
            "occurred_from": stamps["occurred_from"],
            "occurred_to": stamps.get("occurred_to", nothing),
            "reported_at": stamps.get("reported_at", nothing),
            "revision": pc.utf8_slice_codeunits(columns[mapping.revision], 0, 40) if mapping.revision else empty,
        }
    )
    return incidents, locations


def _offense_code(columns: dict[str, pa.Array], mapping: Mapping, empty: pa.Array) -> pa.Array:
    if not mapping.code:
        return empty
    code = columns[mapping.code]
    width = mapping.offenses.width
    return pc.if_else(pc.equal(code, ""), code, pc.utf8_lpad(code, width, "0")) if width else code


def _offenses(code: pa.Array, description: pa.Array, bound: Bound) -> pa.Array:
    """NIBRS codes: each distinct pair of local code and description is looked up once."""
    pairs = _join([code, description]).dictionary_encode()
    nibrs = []
    for pair in pairs.dictionary.to_pylist():
        code_text, description_text = pair.split(SEPARATOR)
        found = bound.offense_cache.get((code_text, description_text))
        if found is None:
            found = bound.mapping.offenses.nibrs_code(code_text, description_text, bound.known_offenses)
            bound.offense_cache[code_text, description_text] = found
        nibrs.append(found)
    return pa.array(nibrs, pa.string()).take(pairs.indices)


_GROUP = re.compile(r"\[([^\]]*)\]")
_PIECE = re.compile(r"\{([^{}]+)\}")


def _address(template: str, columns: dict[str, pa.Array], empty: pa.Array) -> pa.Array:
    """The address text of each row. A part in [brackets] is left out where a column in it is empty."""
    if not template:
        return empty
    parts, position = [], 0
    for group in _GROUP.finditer(template):
        parts.append(_filled(template[position : group.start()], columns, empty))
        inside = _filled(group[1], columns, empty)
        for name in _PIECE.findall(group[1]):
            inside = pc.if_else(pc.equal(columns[name], ""), "", inside)
        parts.append(inside)
        position = group.end()
    parts.append(_filled(template[position:], columns, empty))
    text = pc.binary_join_element_wise(*parts, "")
    text = pc.replace_substring_regex(text, r"\s+", " ")
    return pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(text), 0, 200)


def _filled(template: str, columns: dict[str, pa.Array], empty: pa.Array) -> pa.Array:
    pieces, position = [], 0
    for piece in _PIECE.finditer(template):
        pieces += [template[position : piece.start()], columns[piece[1]]]
        position = piece.end()
    pieces.append(template[position:])
    return pc.binary_join_element_wise(empty, *pieces, "")


def _locations(address: pa.Array, x: pa.Array, y: pa.Array, retracts: np.ndarray) -> tuple[pa.Array, pa.Table]:
    """The digest of each row's location, and the distinct locations of the chunk's incidents."""
    encoded = _join([pc.utf8_upper(address), x, y]).dictionary_encode()
    digests = _hex(encoded.dictionary)
    positions = np.flatnonzero(~retracts)
    which, first = np.unique(encoded.indices.to_numpy()[positions], return_index=True)
    first = positions[first]
    numbers = [_numbers(values.take(pa.array(first))) for values in (x, y)]
    distinct = {"digest": digests.take(pa.array(which)), "address_text": address.take(pa.array(first))}
    return digests.take(encoded.indices), pa.table(distinct | {"x": numbers[0], "y": numbers[1]})


def _numbers(texts: pa.Array) -> pa.Array:
    """Texts as numbers, null where they are none."""
    given = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    try:
        return given.cast(pa.float64())
    except pa.ArrowInvalid:
        return pa.array(pd.to_numeric(texts.to_pandas(), errors="coerce").to_numpy(dtype=float), from_pandas=True)


def _key(mapping: Mapping, columns: dict[str, pa.Array], said: pa.Array, local: np.ndarray) -> pa.Array:
    """The declared key; without one, the local day and a digest of what the row says (the day keeps the index warm)."""
    if not mapping.key:
        days = pc.strftime(pa.array(local, pa.timestamp("s")), format="%Y%m%d")
        return pc.binary_join_element_wise(days, _hex(said), "-")
    key = (
        columns[mapping.key[0]]
        if len(mapping.key) == 1
        else pc.binary_join_element_wise(*(columns[name] for name in mapping.key), "|")
    )
    too_long = pc.greater(pc.utf8_length(key), 120)
    return pc.if_else(too_long, _hex(key), key) if pc.any(too_long).as_py() else key


def _stamp_text(stamps: np.ndarray) -> pa.Array:
    return pc.fill_null(pa.array(stamps).cast(pa.string()), "")


def _join(columns: Sequence[pa.Array]) -> pa.Array:
    return pc.binary_join_element_wise(*columns, SEPARATOR)


def _hex(texts: pa.Array) -> pa.Array:
    """Digests of 128 bits in hexadecimal: two keyed 64-bit hashes of each text (SipHash, by pandas).

    Stored rows are recognized by them, so they must never come out differently; a test holds them still. SHA-256,
    one text at a time, takes four times as long.
    """
    values = texts.to_numpy(zero_copy_only=False)
    halves = [hash_array(values, hash_key=key, categorize=False) for key in DIGEST_KEYS]
    return hex_column(np.column_stack(halves).astype(">u8"))


def _match_keys(
    mapping: Mapping, fields: dict[str, pa.Array], columns: dict[str, pa.Array], local: np.ndarray
) -> pa.Array:
    """What a retraction and its incident have in common. Where that includes the time, the day comes first in the digest,
    so that the index on it grows at its end."""
    hashed = _hex(_join([fields.get(name, columns.get(name)) for name in mapping.retract_match]))
    if "occurred_from" in mapping.retract_match:
        day = (local.astype("datetime64[D]").astype(np.int64) + 2**31).astype(">u4")
        hashed = pc.binary_join_element_wise(hex_column(day), pc.utf8_slice_codeunits(hashed, 8, 32), "")
    return hashed


def _row_text(table: pa.Table, position: int) -> str:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([column[position].as_py() for column in table.columns])
    return out.getvalue()
