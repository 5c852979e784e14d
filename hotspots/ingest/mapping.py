"""How the columns of a source become incidents: read from TOML, checked key by key.

A mapping names columns by one canonical header each; `[aliases]` lists what other layouts of the source call them.
Headers are compared without case, spaces, `-` and `_`. `docs/mappings.md` explains every key with an example.
"""

import re
import tomllib
from collections.abc import Container, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pyproj

from hotspots.ingest.errors import InputError

FOLDER = Path(__file__).resolve().parent.parent / "mappings"
GEOMETRY_X, GEOMETRY_Y = "geometry.x", "geometry.y"
WGS84 = "EPSG:4326"
CLOCK_RULES = ("same_day", "nearest")
NAMED_FORMATS = ("iso", "epoch_s", "epoch_ms")


def bare(header: str) -> str:
    """A header as it is compared: without case, spaces and punctuation."""
    return re.sub(r"[^a-z0-9.]", "", header.lower())


@dataclass(frozen=True)
class DateColumn:
    """Where an instant stands. `zone` is the zone the stamp is written in; `clock` a column with the local HHMM."""

    column: str
    formats: tuple[str, ...]
    zone: str
    clock: str = ""
    clock_rule: str = "same_day"


@dataclass(frozen=True)
class Condition:
    """Rows whose column has one of these values, or matches the pattern."""

    column: str
    values: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Offenses:
    """From a local code or description to NIBRS: exact code, exact description, longest prefix, first pattern, default."""

    default: str = "90Z"
    width: int = 0
    nibrs: bool = False
    codes: AnyMapping[str, str] = field(default_factory=dict)
    descriptions: AnyMapping[str, str] = field(default_factory=dict)
    prefixes: AnyMapping[str, str] = field(default_factory=dict)
    patterns: tuple[tuple[str, str], ...] = ()

    @cached_property
    def _by_length(self) -> list[tuple[str, str]]:
        return sorted(self.prefixes.items(), key=lambda item: -len(item[0]))

    @cached_property
    def _compiled(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(pattern, re.IGNORECASE), code) for pattern, code in self.patterns]

    def nibrs_code(self, code: str, description: str, known: Container[str]) -> str:
        if code in self.codes:
            return self.codes[code]
        if self.nibrs and code.upper() in known:
            return code.upper()
        if description in self.descriptions:
            return self.descriptions[description]
        for prefix, nibrs in self._by_length:
            if code.startswith(prefix):
                return nibrs
        for pattern, nibrs in self._compiled:
            if pattern.search(description):
                return nibrs
        return self.default

    @property
    def targets(self) -> set[str]:
        return {
            self.default,
            *self.codes.values(),
            *self.descriptions.values(),
            *self.prefixes.values(),
            *(code for _, code in self.patterns),
        }


@dataclass(frozen=True)
class Mapping:
    name: str
    title: str
    source: str
    zone: str
    occurred_from: DateColumn
    occurred_to: DateColumn | None = None
    reported_at: DateColumn | None = None
    code: str = ""
    description: str = ""
    address: str = ""
    x: str = ""
    y: str = ""
    crs: str = WGS84
    nulls: tuple[str, ...] = ()
    date_nulls: tuple[str, ...] = ()
    leading_zeros: tuple[str, ...] = ()
    aliases: AnyMapping[str, tuple[str, ...]] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    revision: str = ""
    retract_when: tuple[Condition, ...] = ()
    retract_match: tuple[str, ...] = ()
    exclude: tuple[Condition, ...] = ()
    offenses: Offenses = field(default_factory=Offenses)
    document: AnyMapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def columns(self) -> list[str]:
        """Every column that the mapping speaks of, by its canonical header."""
        dates = [date for date in (self.occurred_from, self.occurred_to, self.reported_at) if date]
        named = [name for date in dates for name in (date.column, date.clock)]
        named += [self.code, self.description, self.x, self.y, self.revision, *template_columns(self.address)]
        named += [*self.key, *self.content, *(name for name in self.retract_match if name not in MATCHABLE)]
        named += [condition.column for condition in (*self.retract_when, *self.exclude)]
        return list(dict.fromkeys(name for name in named if name))

    def bind(self, headers: Sequence[str]) -> dict[str, str]:
        """Which header of a file is which column. Raises InputError that names what is missing."""
        there = {bare(header): header for header in reversed(headers)}
        bound, missing = {}, []
        for column in self.columns:
            names = [column, *self.aliases.get(column, ())]
            found = next((there[bare(name)] for name in names if bare(name) in there), None)
            if found is None:
                missing.append(" or ".join(names))
            else:
                bound[column] = found
        if missing:
            raise InputError(
                f"the mapping {self.name} needs the column {', '.join(missing)}, which is not there; "
                f"the file has {', '.join(headers) or 'no columns'}"
            )
        return bound


MATCHABLE = ("occurred_from", "occurred_to", "code", "description", "address", "x", "y")
_TEMPLATE_COLUMN = re.compile(r"\{([^{}]+)\}")


def template_columns(template: str) -> list[str]:
    """The columns that an address template names: `{Number} {Street}`; `[…]` is left out where one inside is empty."""
    return _TEMPLATE_COLUMN.findall(template)


def shipped() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_file: str) -> Mapping:
    """A mapping that ships, by name, or one in a file."""
    path = Path(name_or_file)
    if path.suffix != ".toml":
        if name_or_file not in shipped():
            raise InputError(
                f"there is no mapping {name_or_file}; there are {', '.join(shipped())}, or name a .toml file"
            )
        path = FOLDER / f"{name_or_file}.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"there is no mapping file {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the mapping {path.name} is not TOML: {error}") from None
    return from_document({"name": path.stem, **document})


def from_document(document: AnyMapping[str, Any]) -> Mapping:
    """Check a mapping key by key. Raises InputError that names the key."""
    reader = _Reader(document)
    zone = reader.text("zone")
    if zone not in available_timezones():
        raise reader.error("zone", f"{zone!r} is not a time zone such as America/Chicago")
    columns = reader.table("columns")
    dates = reader.table("dates")
    formats = dates.texts("formats") or ("iso",)
    key, retract, offenses, clean = (reader.table(name) for name in ("key", "retract", "offenses", "clean"))
    mapping = Mapping(
        name=reader.text("name"),
        title=reader.text("title", reader.text("name")),
        source=reader.text("source", reader.text("name")),
        zone=zone,
        occurred_from=_date(columns, "occurred_from", formats, zone),
        occurred_to=_date(columns, "occurred_to", formats, zone) if "occurred_to" in columns.document else None,
        reported_at=_date(columns, "reported_at", formats, zone) if "reported_at" in columns.document else None,
        code=columns.text("code", ""),
        description=columns.text("description", ""),
        address=_template(columns),
        x=columns.text("x", ""),
        y=columns.text("y", ""),
        crs=_crs(reader),
        nulls=clean.texts("nulls"),
        date_nulls=dates.texts("nulls"),
        leading_zeros=clean.texts("leading_zeros"),
        aliases={name: reader.table("aliases").texts(name) for name in reader.table("aliases").document},
        key=key.texts("columns"),
        content=key.texts("content"),
        revision=key.text("revision", ""),
        retract_when=retract.conditions("when"),
        retract_match=retract.texts("match"),
        exclude=reader.conditions("exclude"),
        offenses=_offenses(offenses),
        document=document,
    )
    _check_whole(reader, mapping)
    for table in (columns, dates, key, retract, offenses, clean):
        table.check_known(KNOWN[table.path])
    reader.check_known(KNOWN[""])
    return mapping


KNOWN = {
    "": {
        "name",
        "title",
        "source",
        "zone",
        "crs",
        "aliases",
        "columns",
        "dates",
        "clean",
        "key",
        "retract",
        "exclude",
        "offenses",
    },
    "columns": {"occurred_from", "occurred_to", "reported_at", "code", "description", "address", "x", "y"},
    "dates": {"formats", "nulls"},
    "clean": {"nulls", "leading_zeros"},
    "key": {"columns", "content", "revision"},
    "retract": {"when", "match"},
    "offenses": {"default", "width", "nibrs", "codes", "descriptions", "prefixes", "patterns"},
}


def _check_whole(reader: "_Reader", mapping: Mapping) -> None:
    if not (mapping.code or mapping.description):
        raise reader.error("columns", "needs `code` or `description`, to tell the offense")
    if bool(mapping.x) != bool(mapping.y):
        raise reader.error("columns", "needs both `x` and `y`, or neither")
    if not (mapping.address or mapping.x):
        raise reader.error("columns", "needs `address`, or `x` and `y`, to tell the place")
    if bool(mapping.retract_when) != bool(mapping.retract_match):
        raise reader.error("retract", "needs both `when` and `match`, or neither")
    if mapping.revision and not mapping.key:
        raise reader.error("key.revision", "says which row of one key wins, so it needs `key.columns`")


def _date(columns: "_Reader", name: str, formats: tuple[str, ...], zone: str) -> DateColumn:
    if isinstance(columns.document.get(name), str):
        return DateColumn(columns.text(name), formats, zone)
    table = columns.table(name, required=True)
    table.check_known({"column", "format", "zone", "clock", "clock_rule"})
    stamp_zone = table.text("zone", "UTC" if table.texts("format")[:1] in (("epoch_s",), ("epoch_ms",)) else zone)
    if stamp_zone not in available_timezones():
        raise table.error("zone", f"{stamp_zone!r} is not a time zone such as UTC")
    rule = table.text("clock_rule", "same_day")
    if rule not in CLOCK_RULES:
        raise table.error("clock_rule", f"must be {' or '.join(CLOCK_RULES)}, not {rule!r}")
    return DateColumn(table.text("column"), table.texts("format") or formats, stamp_zone, table.text("clock", ""), rule)


def _template(columns: "_Reader") -> str:
    address = columns.text("address", "")
    if address and "{" not in address:
        return f"{{{address}}}"
    if _TEMPLATE_COLUMN.sub("", address).count("[") != _TEMPLATE_COLUMN.sub("", address).count("]"):
        raise columns.error("address", f"{address!r} opens a [ that it does not close")
    return address


def _crs(reader: "_Reader") -> str:
    crs = reader.text("crs", WGS84)
    try:
        pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise reader.error("crs", f"{crs!r} is not a coordinate system such as EPSG:4326 or ESRI:102696") from None
    return crs


def _offenses(table: "_Reader") -> Offenses:
    patterns = []
    for entry in table.entries("patterns"):
        pattern = entry.text("pattern")
        entry.check_pattern("pattern", pattern)
        patterns.append((pattern, entry.text("nibrs")))
    return Offenses(
        default=table.text("default", "90Z"),
        width=int(table.document.get("width", 0)),
        nibrs=bool(table.document.get("nibrs", False)),
        codes=table.table("codes").all_texts(),
        descriptions=table.table("descriptions").all_texts(),
        prefixes=table.table("prefixes").all_texts(),
        patterns=tuple(patterns),
    )


class _Reader:
    """A table of the document that knows its own path, so that an error can name the key."""

    def __init__(self, document: AnyMapping[str, Any], path: str = "", name: str = "") -> None:
        self.document, self.path = document, path
        self.name = name or str(document.get("name", "mapping"))

    def error(self, key: str, what: str) -> InputError:
        where = ".".join(part for part in (self.path, key) if part)
        return InputError(f"mapping {self.name}, `{where}`: {what}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.document.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str):
            raise self.error(key, f"must be a text in quotes, not {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.document.get(key, ())
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list | tuple) or not all(isinstance(item, str) for item in values):
            raise self.error(key, f"must be a list of texts, not {value!r}")
        return tuple(values)

    def all_texts(self) -> dict[str, str]:
        return {key: self.text(key) for key in self.document}

    def table(self, key: str, required: bool = False) -> "_Reader":
        value = self.document.get(key, None if required else {})
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, AnyMapping):
            raise self.error(key, f"must be a table, not {value!r}")
        return _Reader(value, ".".join(part for part in (self.path, key) if part), self.name)

    def entries(self, key: str) -> list["_Reader"]:
        value = self.document.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, AnyMapping) for item in value):
            raise self.error(key, f"must be a list of tables ([[{self.path or key}]])")
        return [
            _Reader(item, ".".join(part for part in (self.path, f"{key}[{n}]") if part), self.name)
            for n, item in enumerate(value)
        ]

    def conditions(self, key: str) -> tuple[Condition, ...]:
        found = []
        for entry in self.entries(key):
            entry.check_known({"column", "values", "pattern", "why"})
            pattern = entry.text("pattern", "")
            entry.check_pattern("pattern", pattern)
            if bool(pattern) == bool(entry.texts("values")):
                raise entry.error("values", "needs either `values` or `pattern`")
            found.append(Condition(entry.text("column"), entry.texts("values"), pattern))
        return tuple(found)

    def check_pattern(self, key: str, pattern: str) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise self.error(key, f"{pattern!r} is not a regular expression: {error}") from None

    def check_known(self, known: set[str]) -> None:
        if unknown := sorted(set(self.document) - known):
            raise self.error(unknown[0], f"is not known here; known are {', '.join(sorted(known))}")
