"""Guess what the columns of a file hold, from their names and from their first values."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj

from accounts.agency import current_agency
from hotspots.ingest import mapping as mappings
from hotspots.ingest.errors import InputError
from hotspots.ingest.mapping import GEOMETRY_X, GEOMETRY_Y, Mapping, bare
from hotspots.ingest.offense_words import guess_offense
from hotspots.ingest.readers import Chunk, Reader, find_files
from hotspots.models import Offense
from hotspots.queries.map import city_extent

SAMPLE_ROWS = 2_000
SHARE = 0.9  # of the values that are not empty must fit
REGION_DEGREES = 15  # no State Plane or UTM zone is wider
NAMED_SHARE = 0.5  # where the name says the same

DATE_FORMATS = (
    "iso",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S%z",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m-%d-%Y %H:%M",
    "%m-%d-%Y",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y",
    "%Y%m%d",
    "%Y%m%d%H%M",
)

# Words in a bare header, the surest first.
NAMES = {
    "occurred_from": (
        "occurredfrom", "datestart", "startdate", "dateoccur", "occurreddate", "occurdate", "occurredon", "datetimefrom",
        "fromdate", "offensedate", "incidentdate", "dateofoccurrence", "occurred", "begindate", "datesingle", "datetime",
        "crimedate", "reporteddate", "datereported", "daterept", "reportdate", "date",
    ),
    "occurred_to": ("occurredto", "dateend", "enddate", "todate", "datetimeto", "finishdate"),
    "reported_at": ("reportedat", "reporteddate", "datereported", "daterept", "reportdate"),
    "code": ("nibrscode", "nibrs", "ucrcode", "offensecode", "crimecode", "iucr", "ucr", "offcode", "statute", "code", "crime"),
    "description": (
        "offensedescription", "description", "chrgdesc", "offense", "offence", "crimetype", "primarytype", "incidenttype",
        "calltype", "category", "type", "charge", "crime", "locationtype",
    ),
    "address": (
        "ileadsaddress", "blockaddress", "hundredblock", "streetaddress", "incidentaddress", "fulladdress", "address2",
        "address1", "address", "location", "block", "streetname", "street",
    ),
    "x": ("xcoordinate", "xcoord", "coordx", "longitude", "long", "lng", "lon", "pointx", "easting", "x"),
    "y": ("ycoordinate", "ycoord", "coordy", "latitude", "lat", "pointy", "northing", "y"),
    "key": (
        "incidentid", "inciid", "incidentnumber", "casenumber", "caseid", "casenum", "reportnumber", "uid", "uuid",
        "globalid", "id",
    ),
}  # fmt: skip
NUMBER_NAMES = (
    "blocknumber",
    "streetnumber",
    "housenumber",
    "stnumber",
    "addressnumber",
    "streetno",
    "houseno",
    "ileadsaddress",
)
STREET_NAMES = ("streetname", "ileadsstreet", "stname", "street")


@dataclass(frozen=True)
class Column:
    """A column of the file with its first values that are not empty."""

    header: str
    values: pd.Series = field(repr=False)
    is_unique: bool

    @property
    def samples(self) -> list[str]:
        return list(dict.fromkeys(self.values.head(50)))[:3]


@dataclass(frozen=True)
class Code:
    """A local code, or a description where the source has no codes, with the NIBRS code that its words suggest."""

    text: str
    words: str
    count: int
    guess: str


@dataclass
class Suggestion:
    """A mapping as a document, with the header for each use and what is uncertain about each key."""

    document: dict[str, object]
    found: dict[str, str]
    date_format: str
    notes: dict[str, str]
    columns: list[Column]
    problems: list[str]

    @property
    def is_sure(self) -> bool:
        return not self.problems


def sample(path: Path, rows: int = SAMPLE_ROWS) -> Chunk:
    """The first rows of a file. Raises InputError for a file without rows."""
    for chunk in Reader(path).chunks(lambda _: None):
        if len(chunk.table):
            return Chunk(chunk.table.slice(0, rows), chunk.lines[:rows])
    raise InputError(f"{path.name} has a header but no rows")


def frequent_codes(chunk: Chunk, code: str, description: str, most: int = 40) -> list[Code]:
    """The most frequent local codes of some rows; their descriptions where there is no code. NIBRS codes need no mapping."""
    names = [name for name in (code, description) if name in chunk.table.column_names]
    if not names:
        return []
    frame = pd.DataFrame({name: chunk.table.column(name).to_pandas().astype(str).str.strip() for name in names})
    known = set(Offense.objects.values_list("code", flat=True))
    own = frame[(frame[names[0]] != "") & ~frame[names[0]].str.upper().isin(known)]
    counts = own[names[0]].value_counts().head(most)
    words = own.groupby(names[0])[names[-1]].agg(lambda values: values.mode().iloc[0])
    return [Code(text, words[text], int(count), guess_offense(words[text])) for text, count in counts.items()]


def suggest(path: Path) -> Suggestion:
    """Propose a mapping for a file."""
    return suggest_from(path.name, sample(path))


def suggest_from(file_name: str, chunk: Chunk) -> Suggestion:
    columns = _columns(chunk)
    notes: dict[str, str] = {}
    problems: list[str] = []
    found = _by_name(columns)
    dates, formats = _dates(columns, found, notes, problems)
    crs = _coordinates(columns, found, notes)
    found["address"] = _address(columns, found, notes)
    _offense(columns, found, notes, problems)
    key = _key(columns, found, notes)
    if not (found.get("address") or found.get("x")):
        problems.append("no column looks like an address or like coordinates")
    mapped = {name: found[name] for name in ("code", "description", "address", "x", "y") if found.get(name)}
    document: dict[str, object] = {
        "name": re.sub(r"\W+", "_", file_name.split(".")[0].lower()).strip("_") or "source",
        "zone": str(current_agency().time_zone),
        "crs": crs,
        "columns": dates | mapped,
        "dates": {"formats": formats},
        "key": {"columns": [key]} if key else {},
        "offenses": _offense_table(chunk, columns, found, notes),
    }
    for column in columns:
        if _takes_back(column):
            notes["columns"] = (
                f"{column.header} is -1 in some rows: do they take back earlier ones? Then say so under [retract]"
            )
    notes.setdefault("zone", "the agency's own: check that the times in the file are local")
    first = dates.get("occurred_from")
    date_format = str(first["format"]) if isinstance(first, dict) else formats[0]
    return Suggestion(document, _for_choices(found, columns, key), date_format, notes, columns, problems)


def guess_mapping(paths: Sequence[Path]) -> Mapping:
    """The mapping for files that come without one: the only one that ships and fits, else a suggestion without doubts."""
    first = _first_table(paths)
    headers = Reader(first).headers()
    fitting = fitting_mappings(headers)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(mapping.name for mapping in fitting)
        raise InputError(f"several mappings fit {first.name}: {names}. Say which with --mapping")
    suggestion = suggest(first)
    if not suggestion.is_sure:
        raise InputError(
            f"what the columns of {first.name} hold is not clear: {'; '.join(suggestion.problems)}. "
            f"Run `manage.py suggest_mapping {first.name} > mine.toml`, complete it and give it with --mapping mine.toml"
        )
    return mappings.from_document(suggestion.document)


def fitting_mappings(headers: Sequence[str]) -> list[Mapping]:
    """The mappings that ship and whose columns are all there."""
    return [mapping for mapping in map(mappings.load, mappings.shipped()) if _fits(mapping, headers)]


def _first_table(paths: Sequence[Path]) -> Path:
    """The file that speaks for all: the largest, since a folder may hold small tables of other things."""
    return max(find_files(paths)[0], key=lambda path: path.stat().st_size)


def _fits(mapping: Mapping, headers: Sequence[str]) -> bool:
    try:
        mapping.bind(headers)
    except InputError:
        return False
    return True


def _columns(chunk: Chunk) -> list[Column]:
    columns = []
    for header in chunk.table.column_names:
        values = chunk.table.column(header).to_pandas().astype(str).str.strip()
        filled = values[values != ""]
        columns.append(Column(header, filled, bool(len(filled) == len(values) and filled.is_unique)))
    return columns


def _by_name(columns: Sequence[Column]) -> dict[str, str]:
    """The first column, by the sureness of its name, for each use; a column has one use."""
    found: dict[str, str] = {}
    for use, names in NAMES.items():
        taken = set(found.values())
        by_bare = {bare(column.header): column.header for column in reversed(columns) if column.header not in taken}
        exact = next((by_bare[name] for name in names if name in by_bare), None)
        within = next((by_bare[other] for name in names if len(name) > 5 for other in by_bare if name in other), None)
        if header := exact or within:
            found[use] = header
    return found


def date_format(values: pd.Series) -> tuple[str, float]:
    """The format that most values have, and their share. Digits alone may count seconds or milliseconds since 1970."""
    if not len(values):
        return "", 0.0
    numbers = pd.to_numeric(values, errors="coerce")
    for name, low, high in (("epoch_ms", 3e11, 4e12), ("epoch_s", 3e8, 4e9)):
        share = float(numbers.between(low, high).mean())
        if share >= SHARE and values.str.fullmatch(r"\d+(\.0)?").all():
            return name, share
    if values.str.fullmatch(r"\d{1,6}").mean() > 0.5:
        return "", 0.0
    shares = {name: float(_parsed(values, name).notna().mean()) for name in DATE_FORMATS}
    best = max(shares, key=lambda name: shares[name])
    return best, shares[best]


def _parsed(values: pd.Series, name: str) -> pd.Series:
    form = "ISO8601" if name == "iso" else name
    return pd.to_datetime(values, format=form, errors="coerce", utc=name == "iso" or "%z" in name)


def _dates(
    columns: Sequence[Column], found: dict[str, str], notes: dict[str, str], problems: list[str]
) -> tuple[dict[str, object], list[str]]:
    by_header = {column.header: column for column in columns}
    formats: dict[str, str] = {}
    for use in ("occurred_from", "occurred_to", "reported_at"):
        if use in found:
            name, share = date_format(by_header[found[use]].values)
            if share >= NAMED_SHARE:
                formats[use] = name
            else:
                del found[use]
    if "occurred_from" not in formats:
        dated = [(column, *date_format(column.values)) for column in columns if column.header not in found.values()]
        good = [(column, name) for column, name, share in dated if share >= SHARE]
        if len(good) != 1:
            problems.append("no column looks like the date of occurrence" if not good else "several columns hold dates")
        if good:
            found["occurred_from"], formats["occurred_from"] = good[0][0].header, good[0][1]
            notes["occurred_from"] = "found by its values, not by its name"
    for use in list(formats):
        if "%d/%m" in formats[use]:
            notes[use] = "day before month: some day is above 12"
    dates: dict[str, object] = {}
    for use, name in formats.items():
        if name.startswith("epoch"):
            dates[use] = {"column": found[use], "format": name, "zone": "UTC"}
            notes[use] = "counted from 1970 in UTC; some sources count in local time: compare with a known incident"
        else:
            dates[use] = found[use]
    named = [name for name in dict.fromkeys(formats.values()) if not name.startswith("epoch")]
    return dates, named or ["iso"]


def _coordinates(columns: Sequence[Column], found: dict[str, str], notes: dict[str, str]) -> str:
    """The CRS in which the coordinates lie in the city, by their range."""
    if not ("x" in found and "y" in found):
        found.pop("x", None), found.pop("y", None)
        if any(column.header == GEOMETRY_X for column in columns):
            found["x"], found["y"] = GEOMETRY_X, GEOMETRY_Y
        return mappings.WGS84
    by_header = {column.header: column for column in columns}
    x, y = (pd.to_numeric(by_header[found[name]].values, errors="coerce") for name in ("x", "y"))
    if x.notna().mean() < SHARE or y.notna().mean() < SHARE:
        del found["x"], found["y"]
        return mappings.WGS84
    crs, doubt = guess_crs(x.to_numpy(), y.to_numpy())
    if doubt:
        notes["crs"] = doubt
    return crs


def guess_crs(x: np.ndarray, y: np.ndarray) -> tuple[str, str]:
    """A CRS for coordinates, and what is doubtful about it: degrees by their range, else a projected one of the city."""
    used = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0)
    if not used.any():
        return mappings.WGS84, "all coordinates are 0 or missing"
    x, y = np.median(x[used]), np.median(y[used])
    if abs(x) <= 180 and abs(y) <= 90:
        return mappings.WGS84, ""
    if abs(x) <= 90 and abs(y) <= 180:
        return mappings.WGS84, "latitude and longitude look swapped: exchange x and y"
    if (extent := city_extent()) is None:
        return mappings.WGS84, "not degrees: say the coordinate system, or import the city's boundary first"
    near = _crs_near(extent, round(float(x)), round(float(y)))
    if not near:
        return mappings.WGS84, "not degrees, and in no usual coordinate system do they lie in this city: ask the source"
    (crs, name), others = near[0], ", ".join(other for other, _ in near[1:4])
    return crs, f"{name}, by the range of the values" + (f"; {others} would do nearly as well" if others else "")


@lru_cache(maxsize=100)
def _crs_near(extent: tuple[float, float, float, float], x: float, y: float) -> list[tuple[str, str]]:
    """The regional projected CRSs, by code and name, in which a point lies in the city: the nearest to its middle first."""
    west, south, east, north = extent
    candidates = pyproj.database.query_crs_info(
        area_of_interest=pyproj.aoi.AreaOfInterest(west, south, east, north),
        pj_types=[pyproj.enums.PJType.PROJECTED_CRS],
        contains=True,
    )
    near = []
    for candidate in candidates:
        area = candidate.area_of_use
        # Others are of other planets, or of the whole continent and world: of these only web maps' own is in use.
        is_regional = (area is not None and area.east - area.west < REGION_DEGREES) or candidate.code == "3857"
        if candidate.auth_name not in ("EPSG", "ESRI") or not is_regional:
            continue
        crs = f"{candidate.auth_name}:{candidate.code}"
        lon, lat = _about(crs, x, y)
        if west - 0.5 <= lon <= east + 0.5 and south - 0.5 <= lat <= north + 0.5:
            near.append((abs(lon - (west + east) / 2) + abs(lat - (south + north) / 2), crs, candidate.name))
    return [(crs, name) for _, crs, name in sorted(near)]


def _about(crs: str, x: float, y: float) -> tuple[float, float]:
    """Degrees of a point, to some hundred metres: without the shift between datums, which takes long to set up."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a Proj leaves out of a CRS
            return pyproj.Proj(crs)(x, y, inverse=True)
    except (pyproj.exceptions.CRSError, pyproj.exceptions.ProjError):
        return np.inf, np.inf


def _address(columns: Sequence[Column], found: dict[str, str], notes: dict[str, str]) -> str:
    by_bare = {bare(column.header): column.header for column in reversed(columns)}
    number = next((by_bare[name] for name in NUMBER_NAMES if name in by_bare), None)
    street = next((by_bare[name] for name in STREET_NAMES if name in by_bare), None)
    if number and street and number != street:
        notes["address"] = "the number and the street of two columns; write BLK after a number of a hundred block"
        return f"{{{number}}} {{{street}}}"
    if "address" not in found:
        return ""
    values = next(column.values for column in columns if column.header == found["address"])
    speaks = values.str.contains(r"[A-Za-z]") & values.str.contains(r"\d|/|&")
    return f"{{{found['address']}}}" if speaks.mean() >= 0.5 else ""


def _offense(columns: Sequence[Column], found: dict[str, str], notes: dict[str, str], problems: list[str]) -> None:
    if "code" not in found and "description" not in found:
        problems.append("no column looks like the offense")
    elif "description" in found and "code" not in found:
        notes["description"] = "the offense is told by this text alone: map it below"


def _offense_table(
    chunk: Chunk, columns: Sequence[Column], found: dict[str, str], notes: dict[str, str]
) -> dict[str, object]:
    by_header = {column.header: column for column in columns}
    table: dict[str, object] = {"default": "90Z"}
    if "code" in found:
        known = set(Offense.objects.values_list("code", flat=True))
        share = float(by_header[found["code"]].values.str.upper().isin(known).mean())
        if share >= 0.5:
            notes["offenses"] = f"{share:.0%} of the codes are NIBRS"
            table["nibrs"] = True
    codes = frequent_codes(chunk, found.get("code", ""), found.get("description", ""))
    guessed = {code.text: code.guess for code in codes if code.guess}
    if guessed:
        table["codes" if "code" in found else "descriptions"] = guessed
    if codes:
        notes["offenses"] = "; ".join(
            part for part in (notes.get("offenses"), "guessed from the words; what is missing becomes 90Z") if part
        )
    return table


def _for_choices(found: dict[str, str], columns: Sequence[Column], key: str) -> dict[str, str]:
    """The header for each use, the address taken apart into number and street."""
    chosen = {**found, "key": key}
    named = mappings.template_columns(found.get("address", ""))
    chosen |= {"address": named[-1] if named else "", "number": named[0] if len(named) > 1 else ""}
    chosen["count"] = next((column.header for column in columns if _takes_back(column)), "")
    return chosen


def _takes_back(column: Column) -> bool:
    return bool(column.values.isin(["1", "-1"]).all() and (column.values == "-1").any())


def _key(columns: Sequence[Column], found: dict[str, str], notes: dict[str, str]) -> str:
    by_header = {column.header: column for column in columns}
    header = found.get("key", "")
    if header and not by_header[header].is_unique:
        notes["key"] = f"{header} occurs more than once, so rows are told apart by their content"
        return ""
    if not header:
        notes["key"] = "no column is a key, so rows are told apart by their content"
    return header


NESTED = {"codes", "descriptions"}


def as_toml(suggestion: Suggestion) -> str:
    """The mapping as TOML, with comments on what is uncertain."""
    document, notes = suggestion.document, suggestion.notes
    lines = ["# A suggestion: check each line, and the samples below, against what you know of the source."]
    lines += [f"# TO DO: {problem}" for problem in suggestion.problems]
    for key in ("name", "zone", "crs"):
        lines.append(_line(key, document[key], notes))
    for table in ("columns", "dates", "key", "offenses"):
        content = document[table]
        assert isinstance(content, dict)
        if comment := notes.get(table):
            lines += ["", f"# {comment}"]
        lines += ["" if not notes.get(table) else None, f"[{table}]"] if content else []  # type: ignore[list-item]
        lines += [_line(key, value, notes) for key, value in content.items() if key not in NESTED]
        for key in NESTED & set(content):
            lines += [
                "",
                f"[{table}.{key}]",
                *(f"{_toml(name)} = {_toml(value)}" for name, value in content[key].items()),
            ]
    lines += ["", "# The columns of the file:"]
    lines += [
        f"# {column.header}: {' | '.join(_short(value) for value in column.samples)}" for column in suggestion.columns
    ]
    return "\n".join(line for line in lines if line is not None) + "\n"


def _line(key: str, value: object, notes: dict[str, str]) -> str:
    comment = f"  # {notes[key]}" if key in notes else ""
    return f"{key} = {_toml(value)}{comment}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _short(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 40 else text[:39] + "…"
