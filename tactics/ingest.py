"""Files of visits and of positions from CAD and AVL systems: which column is what, and rows that make sense of it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from hotspots.ingest.errors import InputError
from hotspots.ingest.mapping import GEOMETRY_X, GEOMETRY_Y
from hotspots.ingest.readers import BadRow, Chunk, Reader
from tactics.catalogue import ACTIVITIES
from tactics.models import VisitImport

Kind = VisitImport.Kind

# Bare header words, the surest first.
NAMES: dict[str, tuple[str, ...]] = {
    "unit": (
        "unit", "unitid", "unitname", "callsign", "vehicle", "vehicleid", "vehiclename", "car", "radio", "deviceid", "device",
    ),
    "at": ("at", "timestamp", "time", "datetime", "gpstime", "reporttime", "recordedat", "fixtime", "date"),
    "longitude": ("longitude", "lon", "long", "lng", "x", "pointx"),
    "latitude": ("latitude", "lat", "y", "pointy"),
    "arrived": ("arrived", "arrival", "arrivedat", "onscene", "onscenetime", "start", "startedat", "starttime", "begin"),
    "cleared": ("cleared", "clear", "clearedat", "cleartime", "departed", "end", "endedat", "endtime", "finish"),
    "hot_spot": ("hotspot", "hotspotname", "zone", "location", "place", "name"),
    "tactic": ("tactic", "kind", "activity", "type", "nature"),
    "number": ("number", "eventnumber", "eventid", "incidentnumber", "callnumber", "cadnumber", "id"),
}  # fmt: skip
NEEDED = {Kind.PINGS: ("unit", "at", "longitude", "latitude"), Kind.VISITS: ("unit", "arrived", "cleared")}
WANTED = {Kind.PINGS: (), Kind.VISITS: ("hot_spot", "longitude", "latitude", "tactic", "number")}
FORMATS = (
    "ISO8601",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%Y%m%d%H%M%S",
)
LONGEST_UNIT, LONGEST_NUMBER = 30, 80
TACTICS = {
    re.sub(r"[^a-z0-9]", "", str(name).lower()): tactic.value
    for tactic in ACTIVITIES
    for name in (tactic.value, tactic.label)
}

OnBadRow = Callable[[BadRow], None]


def choose_columns(kind: str, headers: Sequence[str], named: Mapping[str, str]) -> dict[str, str]:
    """Use to header: those named, the others guessed. Raises InputError that says what is missing and what there is."""
    columns = {}
    for use in (*NEEDED[Kind(kind)], *WANTED[Kind(kind)]):
        header = _named(use, headers, named[use]) if named.get(use) else _guessed(use, headers)
        if header:
            columns[use] = header
    missing = [use for use in NEEDED[Kind(kind)] if use not in columns]
    if kind == Kind.VISITS and "hot_spot" not in columns and not {"longitude", "latitude"} <= columns.keys():
        missing.append("hot_spot (or longitude and latitude)")
    if missing:
        raise InputError(
            f"no column found for {', '.join(missing)}. The file has: {', '.join(headers)}. Say which column is which."
        )
    return columns


def _named(use: str, headers: Sequence[str], name: str) -> str:
    for header in headers:
        if header.strip().casefold() == name.strip().casefold():
            return header
    raise InputError(f"there is no column “{name}” for {use}. The file has: {', '.join(headers)}.")


def _guessed(use: str, headers: Sequence[str]) -> str:
    geometry = {"longitude": GEOMETRY_X, "latitude": GEOMETRY_Y}.get(use)
    if geometry in headers:
        return str(geometry)
    bare = {re.sub(r"[^a-z0-9]", "", header.lower()): header for header in reversed(headers)}
    return next((bare[name] for name in NAMES[use] if name in bare), "")


def read(
    path: Path, kind: str, named: Mapping[str, str], zone: ZoneInfo, on_bad_row: OnBadRow
) -> Iterator[tuple[int, pa.Table, float]]:
    """Chunks: how many rows were read, those that make sense as a table to stage, and the share of the file done."""
    reader = Reader(path)
    columns = choose_columns(kind, reader.headers(), named)
    translate = _pings if kind == Kind.PINGS else _visits
    ragged = 0

    def count_ragged(row: BadRow) -> None:
        nonlocal ragged
        ragged += 1
        on_bad_row(row)

    for chunk in reader.chunks(count_ragged):
        texts = {use: chunk.table.column(header).to_pandas().str.strip() for use, header in columns.items()}
        table = translate(chunk, texts, zone, on_bad_row)
        yield len(chunk.table) + ragged, table, reader.position / reader.size
        ragged = 0
    if ragged:
        yield ragged, pa.table({}), 1.0


def instants(texts: pd.Series, zone: ZoneInfo) -> np.ndarray:
    """UTC, datetime64[us]; NaT where no known format fits. Times without an offset are local.

    At the end of daylight saving time the first of the two hours is meant; a time that is skipped is moved forward.
    """
    found = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us, UTC]")
    numbers = pd.to_numeric(texts.where(texts.str.fullmatch(r"\d{9,13}(?:\.\d+)?", na=False)), errors="coerce")
    seconds = numbers.where(numbers < 1e11, numbers / 1000)
    found[seconds.notna()] = pd.to_datetime(seconds.dropna(), unit="s", utc=True).astype("datetime64[us, UTC]")
    for form in FORMATS:
        left = found.isna() & (texts != "")
        if not left.any():
            break
        offset = texts[left].str.contains(r"(?:[zZ]|[+-]\d\d:?\d\d)$") if form == "ISO8601" else texts[left] == ""
        aware, naive = texts[left][offset], texts[left][~offset]
        parsed = pd.to_datetime(aware, format=form, errors="coerce", utc=True)
        local = pd.to_datetime(naive, format=form, errors="coerce").dropna()
        ambiguous = np.ones(len(local), dtype=bool)
        known = local.dt.tz_localize(zone, ambiguous=ambiguous, nonexistent="shift_forward")
        for part in (parsed.dropna(), known.dt.tz_convert("UTC")):
            found[part.index] = part.astype("datetime64[us, UTC]")
    return found.dt.tz_localize(None).to_numpy()


class _Reasons:
    """Why a row makes no sense; the first reason found stands."""

    def __init__(self, length: int) -> None:
        self.texts = np.full(length, "", dtype=object)

    def say(self, mask: Any, reason: Any) -> None:
        mask = np.asarray(mask) & (self.texts == "")
        self.texts[mask] = np.broadcast_to(reason, len(mask))[mask]

    def tell(self, chunk: Chunk, on_bad_row: OnBadRow) -> np.ndarray:
        """Hand over the bad rows; a mask of the good ones."""
        for position in np.flatnonzero(self.texts != ""):
            row = chunk.table.slice(int(position), 1).to_pylist()[0]
            text = ", ".join(f"{name}={value}" for name, value in row.items())
            on_bad_row(BadRow(int(chunk.lines[position]), str(self.texts[position])[:300], text))
        return self.texts == ""


def _pings(chunk: Chunk, texts: dict[str, pd.Series], zone: ZoneInfo, on_bad_row: OnBadRow) -> pa.Table:
    at, (longitude, latitude) = instants(texts["at"], zone), _coordinates(texts)
    reasons = _Reasons(len(chunk.table))
    _check_unit(reasons, texts["unit"])
    reasons.say(np.isnat(at), "cannot read the time: " + texts["at"].to_numpy(dtype=object))
    _check_coordinates(reasons, texts, longitude, latitude)
    good = reasons.tell(chunk, on_bad_row)
    return pa.table(
        {
            "unit": pa.array(texts["unit"][good], pa.string()),
            "at": pa.array(at[good], pa.timestamp("us", tz="UTC")),
            "longitude": pa.array(longitude[good]),
            "latitude": pa.array(latitude[good]),
        }
    )


def _visits(chunk: Chunk, texts: dict[str, pd.Series], zone: ZoneInfo, on_bad_row: OnBadRow) -> pa.Table:
    length = len(chunk.table)
    empty = pd.Series([""] * length, dtype=object)
    hot_spot, number, tactic = (texts.get(use, empty) for use in ("hot_spot", "number", "tactic"))
    arrived, cleared = instants(texts["arrived"], zone), instants(texts["cleared"], zone)
    longitude, latitude = _coordinates(texts)
    kinds = tactic.str.lower().str.replace(r"[^a-z0-9]", "", regex=True).map({**TACTICS, "": "directed_patrol"})
    reasons = _Reasons(length)
    _check_unit(reasons, texts["unit"])
    reasons.say(np.isnat(arrived), "cannot read the time of arrival: " + texts["arrived"].to_numpy(dtype=object))
    reasons.say(np.isnat(cleared), "cannot read the time of leaving: " + texts["cleared"].to_numpy(dtype=object))
    with np.errstate(invalid="ignore"):
        reasons.say(cleared < arrived, "it ends before it starts")
        reasons.say(cleared - arrived > np.timedelta64(24, "h"), "it lasts longer than a day")
    reasons.say(kinds.isna(), "no such tactic: " + tactic.to_numpy(dtype=object))
    reasons.say(number.str.len() > LONGEST_NUMBER, f"its number is longer than {LONGEST_NUMBER} characters")
    has_point = ~np.isnan(longitude) & ~np.isnan(latitude)
    _check_coordinates(reasons, texts, longitude, latitude, where=(hot_spot == "").to_numpy() | has_point)
    good = reasons.tell(chunk, on_bad_row)
    return pa.table(
        {
            "line": pa.array(chunk.lines[good], pa.int64()),
            "unit": pa.array(texts["unit"][good], pa.string()),
            "arrived": pa.array(arrived[good], pa.timestamp("us", tz="UTC")),
            "cleared": pa.array(cleared[good], pa.timestamp("us", tz="UTC")),
            "kind": pa.array(kinds[good], pa.string()),
            "hot_spot_name": pa.array(hot_spot[good], pa.string()),
            "number": pa.array(number[good], pa.string()),
            "longitude": pa.array(longitude[good], from_pandas=True),
            "latitude": pa.array(latitude[good], from_pandas=True),
        }
    )


def _coordinates(texts: dict[str, pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    if "longitude" not in texts or "latitude" not in texts:
        nothing = np.full(len(next(iter(texts.values()))), np.nan)
        return nothing, nothing
    longitude, latitude = (
        pd.to_numeric(texts[use], errors="coerce").to_numpy(dtype=float) for use in ("longitude", "latitude")
    )
    return longitude, latitude


def _check_unit(reasons: _Reasons, units: pd.Series) -> None:
    reasons.say(units == "", "no unit")
    reasons.say(units.str.len() > LONGEST_UNIT, f"the unit's name is longer than {LONGEST_UNIT} characters")


def _check_coordinates(
    reasons: _Reasons, texts: dict[str, pd.Series], longitude: np.ndarray, latitude: np.ndarray, where: Any = True
) -> None:
    """Positions are longitude and latitude: what cannot be one is named, not guessed."""
    if "longitude" not in texts:
        reasons.say(where, "neither a hot spot nor a position")
        return
    pair = (texts["longitude"] + ", " + texts["latitude"]).to_numpy(dtype=object)
    unread = np.isnan(longitude) | np.isnan(latitude)
    reasons.say(where & unread, "cannot read the position: " + pair)
    reasons.say(where & (longitude == 0) & (latitude == 0), "the position is 0, 0")
    swapped = (np.abs(latitude) > 90) & (np.abs(longitude) <= 90)
    reasons.say(where & swapped, "longitude and latitude look swapped: " + pair)
    off = (np.abs(longitude) > 180) | (np.abs(latitude) > 90)
    reasons.say(where & off, "the position is not on the map: " + pair)
