"""Files of rows from outside, in chunks of text columns, whatever their format and encoding.

Memory stays flat: no reader holds more than a chunk. What a row's line is: the line of its first character in a CSV,
the number of the row in Parquet and GeoJSON.
"""

import gzip
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

if TYPE_CHECKING:
    import pyarrow.parquet

from hotspots.ingest.errors import InputError
from hotspots.ingest.mapping import GEOMETRY_X, GEOMETRY_Y, WGS84

CHUNK_ROWS = 50_000
BLOCK_BYTES = 1 << 22
ENDINGS = (".csv", ".tsv", ".parquet", ".geoparquet", ".geojson", ".json")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file. `table` has text columns only; `lines` is the line of each row."""

    table: pa.Table
    lines: np.ndarray


@dataclass(frozen=True)
class BadRow:
    line: int
    reason: str
    text: str


OnBadRow = Callable[[BadRow], None]


def ending(path: Path) -> str:
    """The ending that tells the format: `.csv` of `May2013.CSV.gz`."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def find_files(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Files to read, by name, and what else lay in the folders. A file that is named itself is read in any case."""
    if not paths:
        raise InputError("the files are gone; upload them again")
    found, passed_over = {}, []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} does not exist")
        inside = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
        for file in inside:
            if path.is_dir() and ending(file) not in ENDINGS:
                passed_over.append(file)
            else:
                found[file.resolve()] = file
    if not found:
        raise InputError(
            f"there is no file to read in {', '.join(map(str, paths))}; readable are {', '.join(ENDINGS)}, also .gz"
        )
    return sorted(found.values(), key=lambda file: (file.name, str(file))), passed_over


class Reader:
    """One file: `headers` without reading its rows, then `chunks`, with `position` bytes of `size` done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._handle: IO[bytes] | None = None
        if self.size == 0:
            raise InputError(f"{path.name} is empty: 0 bytes")
        self.kind = _checked_kind(path)

    @property
    def position(self) -> int:
        return self._handle.tell() if self._handle and not self._handle.closed else 0

    def headers(self) -> list[str]:
        match self.kind:
            case "text":
                with self.path.open("rb") as handle:
                    return _headers(_TextStream(self.path, handle))[0]
            case "parquet":
                return _parquet_headers(self.path)
            case _:
                return _geojson_headers(self.path)

    def chunks(self, on_bad_row: OnBadRow) -> Iterator[Chunk]:
        with self.path.open("rb") as handle:
            self._handle = handle
            match self.kind:
                case "text":
                    yield from _text_chunks(self.path, handle, on_bad_row)
                case "parquet":
                    yield from _parquet_chunks(self.path, handle)
                case _:
                    yield from _geojson_chunks(self.path)


SIGNATURES = (
    (b"PAR1", "a Parquet file"),
    (b"PK\x03\x04", "a spreadsheet (.xlsx) or zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
    (b"SQLite format 3", "a GeoPackage or SQLite database"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed with gzip"),
)


def _checked_kind(path: Path) -> str:
    """What the ending says, if the content agrees. Raises InputError that says what the file seems to be."""
    suffix = ending(path)
    start = _start(path)
    if not start.strip():
        raise InputError(f"{path.name} is empty: there is nothing in it but blanks")
    looks = next((what for signature, what in SIGNATURES if start.startswith(signature)), "")
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not looks and text[:1] == b"<":
        looks = "a web page or XML"
    if suffix in (".parquet", ".geoparquet"):
        if looks != "a Parquet file":
            raise InputError(f"{path.name} is not Parquet: it looks like {looks or 'text'}")
        return "parquet"
    if looks:
        raise InputError(f"{path.name} cannot be read as {suffix or 'text'}: it looks like {looks}. {_advice(looks)}")
    if suffix in (".geojson", ".json"):
        if text[:1] != b"{":
            raise InputError(f"{path.name} is not GeoJSON: it does not start with {{")
        return "geojson"
    if text[:1] == b"{" or (text[:1] == b"[" and b'"' in text[:20]):
        raise InputError(f"{path.name} looks like JSON, not a table. If it is GeoJSON, name it .geojson")
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path.name} is not text: it holds binary data. Export it again as CSV")
    return "text"


def _advice(looks: str) -> str:
    if "gzip" in looks:
        return "Add .gz to its name"
    return "Name it .parquet" if "Parquet" in looks else "Export it as CSV"


def _start(path: Path) -> bytes:
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as handle:
            return handle.read(4096)
    except (gzip.BadGzipFile, EOFError):
        raise InputError(f"{path.name} ends in .gz but is not compressed with gzip, or is cut short") from None


# --- delimited text -------------------------------------------------------------------------------------------------


class _TextStream(io.RawIOBase):
    """The bytes of a text file as UTF-8, decided line by line: UTF-8 where that is what it is, else cp1252."""

    def __init__(self, path: Path, handle: IO[bytes]) -> None:
        self._path = path
        self._in: Any = gzip.GzipFile(fileobj=handle) if path.name.lower().endswith(".gz") else handle
        self._rest = b""
        self._out = memoryview(b"")
        self._at_end = False
        self._decoder: io.IncrementalNewlineDecoder | None = None
        start = self._read()
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            import codecs

            self._utf16: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-16")("replace")
            start = self._utf16.decode(start).encode()
        else:
            self._utf16 = None
            start = start.removeprefix(b"\xef\xbb\xbf")
        self._accept(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._out and not self._at_end:
            block = self._read()
            self._accept(self._utf16.decode(block, not block).encode() if self._utf16 else block, last=not block)
        count = min(len(buffer), len(self._out))
        buffer[:count] = self._out[:count]
        self._out = self._out[count:]
        return count

    def _read(self) -> bytes:
        try:
            return self._in.read(BLOCK_BYTES)
        except (OSError, EOFError) as error:
            raise InputError(f"{self._path.name} is damaged or cut short: {error}") from None

    def _accept(self, block: bytes, last: bool = False) -> None:
        """Pass whole lines on; what follows the last line end waits for the next block."""
        self._at_end = last
        whole = self._rest + block
        cut = len(whole) if last else whole.rfind(b"\n") + 1
        self._rest = whole[cut:]
        self._out = memoryview(as_utf8(whole[:cut]))


def as_utf8(lines: bytes) -> bytes:
    """Lines in UTF-8 without NUL, each decoded as cp1252 where it is not UTF-8 (undefined bytes as Latin-1)."""
    if b"\0" in lines:
        lines = lines.replace(b"\0", b"")
    try:
        lines.decode()
    except UnicodeDecodeError:
        return b"".join(_line_as_utf8(line) for line in lines.splitlines(keepends=True))
    return lines


def _line_as_utf8(line: bytes) -> bytes:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding).encode()
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1").encode()


def _headers(stream: _TextStream) -> tuple[list[str], str, int]:
    """The header row, its delimiter and how many lines it takes with the blank ones before it."""
    buffered = io.BufferedReader(stream, BLOCK_BYTES)
    lines = 0
    for line in buffered:
        lines += 1
        if line.strip():
            break
    else:
        raise InputError(f"{stream._path.name} is empty: there is no header")
    import csv

    text = line.decode().rstrip("\r\n")
    delimiter = max(DELIMITERS, key=text.count)
    names = [name.strip() for name in next(csv.reader([text], delimiter=delimiter))]
    return _distinct(names), delimiter, lines


def _distinct(names: list[str]) -> list[str]:
    """Headers as unique names: the second `Date` becomes `Date (2)`, one without a name `Column 7`."""
    taken: dict[str, int] = {}
    unique = []
    for position, name in enumerate(names, 1):
        name = name or f"Column {position}"
        taken[name] = taken.get(name, 0) + 1
        unique.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
    return unique


def _text_chunks(path: Path, handle: IO[bytes], on_bad_row: OnBadRow) -> Iterator[Chunk]:
    headers, delimiter, header_lines = _headers(_TextStream(path, handle))
    handle.seek(0)
    width = len(headers)
    bad: list[tuple[int, int, str]] = []  # row number, columns, text

    def keep(row: "pyarrow.csv.InvalidRow") -> str:
        bad.append((row.number, row.actual_columns, row.text))
        return "skip"

    stream = pa.PythonFile(io.BufferedReader(_TextStream(path, handle), BLOCK_BYTES), mode="r")
    try:
        batches = pyarrow.csv.open_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, block_size=BLOCK_BYTES, column_names=headers, skip_rows=header_lines
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in headers}, strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise InputError(f"{path.name} cannot be read as a table: {error}") from None
    counter = _LineCounter(header_lines, width, on_bad_row)
    while True:
        try:
            batch = batches.read_next_batch()
        except StopIteration:
            break
        except pa.ArrowInvalid as error:
            raise InputError(f"{path.name} cannot be read as a table: {error}") from None
        lines = counter.lines(batch, bad)
        table = pa.Table.from_batches([batch])
        filled = _is_filled(table)
        if not filled.all():
            table, lines = table.filter(pa.array(filled)), lines[filled]
        for start in range(0, len(table), CHUNK_ROWS):
            yield Chunk(table.slice(start, CHUNK_ROWS), lines[start : start + CHUNK_ROWS])
    counter.rest(bad)


def _is_filled(table: pa.Table) -> np.ndarray:
    """Blank lines, and rows of nothing but delimiters as spreadsheets leave them, are no rows."""
    filled = np.zeros(len(table), dtype=bool)
    for column in table.columns:
        if filled.all():
            break
        filled |= np.asarray(pc.not_equal(pc.utf8_trim_whitespace(column), ""))
    return filled


class _LineCounter:
    """From row numbers to line numbers: rows that were skipped and line ends inside quotes take lines too."""

    def __init__(self, header_lines: int, width: int, on_bad_row: OnBadRow) -> None:
        self._next_row = header_lines + 1
        self._shift = 0
        self._width = width
        self._on_bad_row = on_bad_row

    def lines(self, batch: pa.RecordBatch, bad: list[tuple[int, int, str]]) -> np.ndarray:
        """The line of each row of the batch; bad rows among them are reported and taken off the list."""
        rows, taken = self._row_numbers(batch.num_rows, bad)
        heights = _line_ends(batch)
        numbers = np.concatenate([rows, [number for number, _, _ in taken]]).astype(np.int64)
        extra = np.concatenate([heights, [text.strip("\r\n").count("\n") for _, _, text in taken]]).astype(np.int64)
        order = np.argsort(numbers, kind="stable")
        before = np.empty_like(extra)
        before[order] = np.concatenate([[0], np.cumsum(extra[order])[:-1]]) if len(order) else 0
        lines = numbers + before + self._shift
        for (_, columns, text), line in zip(taken, lines[len(rows) :], strict=True):
            self._report(int(line), columns, text)
        self._shift += int(extra.sum())
        return lines[: len(rows)]

    def rest(self, bad: list[tuple[int, int, str]]) -> None:
        for number, columns, text in bad:
            self._report(number + self._shift, columns, text)
            self._shift += text.strip("\r\n").count("\n")
        bad.clear()

    def _row_numbers(
        self, count: int, bad: list[tuple[int, int, str]]
    ) -> tuple[np.ndarray, list[tuple[int, int, str]]]:
        skipped = {number for number, _, _ in bad}
        end = self._next_row + count
        while True:  # each bad row before the end pushes the end on by one
            grown = self._next_row + count + sum(1 for number in skipped if number < end)
            if grown == end:
                break
            end = grown
        rows = np.arange(self._next_row, end)
        if skipped:
            rows = rows[~np.isin(rows, list(skipped))]
        taken = [row for row in bad if row[0] < end]
        bad[:] = [row for row in bad if row[0] >= end]
        self._next_row = end
        return rows, taken

    def _report(self, line: int, columns: int, text: str) -> None:
        if text.strip():
            self._on_bad_row(BadRow(line, f"the row has {columns} columns where the header has {self._width}", text))


def _line_ends(batch: pa.RecordBatch) -> np.ndarray:
    """How many line ends stand inside the values of each row."""
    total = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        if (data := column.buffers()[2]) is not None and (np.frombuffer(data, np.uint8) == ord("\n")).any():
            total += np.asarray(pc.count_substring(column, "\n"))
    return total


# --- Parquet and GeoJSON --------------------------------------------------------------------------------------------


def _open_parquet(source: object) -> "pyarrow.parquet.ParquetFile":
    from pyarrow.parquet import ParquetFile  # ten megabytes that an import of CSV has no use for

    try:
        return ParquetFile(source)
    except (pa.ArrowInvalid, OSError) as error:
        name = Path(str(getattr(source, "name", source))).name
        raise InputError(f"{name} is not Parquet, or is damaged: {error}") from None


def _parquet_chunks(path: Path, handle: IO[bytes]) -> Iterator[Chunk]:
    file = _open_parquet(handle)
    crs = _geoparquet_crs(file.schema_arrow)
    line = 1
    for batch in file.iter_batches(batch_size=CHUNK_ROWS):
        table = _as_text(pa.Table.from_batches([batch]), crs)
        yield Chunk(table, np.arange(line, line + len(table)))
        line += len(table)


def _parquet_headers(path: Path) -> list[str]:
    schema = _open_parquet(path).schema_arrow
    crs = _geoparquet_crs(schema)
    return _as_text(schema.empty_table(), crs).column_names


def _geoparquet_crs(schema: pa.Schema) -> dict[str, object]:
    """The CRS of each geometry column, where the file is GeoParquet."""
    import json

    metadata = (schema.metadata or {}).get(b"geo")
    columns = json.loads(metadata).get("columns", {}) if metadata else {}
    return {name: column.get("crs") or WGS84 for name, column in columns.items()}


def _geojson_headers(path: Path) -> list[str]:
    for chunk in _geojson_chunks(path, batch_size=1):
        return chunk.table.column_names
    return []


def _geojson_chunks(path: Path, batch_size: int = CHUNK_ROWS) -> Iterator[Chunk]:
    import pyogrio
    from pyogrio.errors import DataSourceError

    name = f"/vsigzip/{path}" if path.name.lower().endswith(".gz") else path
    try:
        with pyogrio.open_arrow(name, batch_size=batch_size, use_pyarrow=True) as (meta, batches):
            geometry = meta["geometry_name"] or "wkb_geometry"
            line = 1
            for batch in batches:
                table = _as_text(pa.Table.from_batches([batch]), {geometry: meta["crs"] or WGS84})
                yield Chunk(table, np.arange(line, line + len(table)))
                line += len(table)
    except (DataSourceError, RuntimeError, OSError) as error:
        raise InputError(f"{path.name} is not GeoJSON, or is damaged: {error}") from None


def _as_text(table: pa.Table, crs: dict[str, object]) -> pa.Table:
    """All columns as text; points of a geometry column become `geometry.x` and `geometry.y` in degrees."""
    names, columns = [], []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.cast(column.type.storage_type)
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            if name in crs:
                names += [GEOMETRY_X, GEOMETRY_Y]
                columns += _point_columns(column, crs[name])
            continue
        if pa.types.is_nested(column.type):
            continue
        names.append(name)
        columns.append(_text_column(column))
    return pa.table(columns, names=_distinct(names))


def _text_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S" + ("%z" if column.type.tz else ""))
    text = pc.fill_null(column.cast(pa.string()), "")
    return pc.replace_substring(text, "\0", "") if pc.any(pc.match_substring(text, "\0")).as_py() else text


def _point_columns(column: pa.ChunkedArray, crs: object) -> list[pa.Array]:
    import pyproj
    import shapely

    geometries = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    is_point = shapely.get_type_id(geometries) == 0
    x = np.where(is_point, shapely.get_x(geometries), np.nan)
    y = np.where(is_point, shapely.get_y(geometries), np.nan)
    if pyproj.CRS.from_user_input(crs) != pyproj.CRS.from_user_input(WGS84):
        x, y = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    missing = ~(np.isfinite(x) & np.isfinite(y))
    return [pc.fill_null(pa.array(np.round(values, 7), mask=missing).cast(pa.string()), "") for values in (x, y)]
