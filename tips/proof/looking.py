"""Where the proof looks, one part of the report each: what was read, how much, and what was found there."""

import bz2
import gzip
import json
import lzma
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from redis import Redis

from tips.proof.search import Search, Stream
from tips.queries import proof as queries
from tips.queries import rights

PIECE = 1 << 20
OPENERS: dict[str, Callable[..., IO[bytes]]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}  # type: ignore[dict-item]
NAMED_UNREAD = 10
POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")
NO_MAIL = ("ADMINS", "MANAGERS", "EMAIL_", "SERVER_EMAIL", "DEFAULT_FROM_EMAIL")
NOT_IN_INTAKE = ("sentry_sdk", "rollbar", "raven", "elasticapm", "django.contrib.sessions", "SESSION_")


@dataclass
class Looked:
    """One place. What could not be read makes the proof incomplete, but where `may_miss` says that others' files lie there."""

    where: str
    amount: str = ""
    found: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    may_miss: bool = False

    @property
    def clean(self) -> bool:
        return not self.found and (self.may_miss or not self.unread)


class Looker:
    """Goes through all places with one search."""

    def __init__(self, search: Search) -> None:
        self.search = search

    # --- the database

    def tables(self) -> Looked:
        looked, rows, number, size = Looked("database, every table"), 0, 0, 0
        for table in queries.tables():
            if not table.readable:
                if not table.is_system:  # the server's own few are its passwords and raw statistics
                    looked.unread.append(f"table {table}")
                continue
            stream = self.search.stream()
            rows += queries.copy_table(table, stream)
            number, size = number + 1, size + stream.read
            if stream.close():
                looked.found += list(self._in_columns(table)) or [f"table {table}: {each}" for each in _told(stream)]
        looked.amount = f"{number} tables, {rows:,} rows, {in_words(size)}"
        return looked

    def _in_columns(self, table: queries.Table) -> Iterator[str]:
        for column in queries.columns(table):
            stream = self.search.stream()
            queries.copy_table(table, stream, column=column)
            stream.close()
            yield from (f"table {table}, column {column}: {each}" for each in _told(stream))

    def beside_tables(self) -> Looked:
        looked, stream = Looked("database, beside its tables"), self.search.stream()
        read = queries.copy_beside(stream)
        number = queries.copy_large_objects(stream)
        for data in queries.sessions():
            stream.write(json.dumps(SessionStore().decode(data), default=str).encode())
        stream.close()
        looked.found = [f"{looked.where}: {each}" for each in _told(stream)]
        looked.amount = f"{', '.join(read)}, large objects ({number}), sessions unpacked, {in_words(stream.read)}"
        return looked

    def dump(self) -> Looked | None:
        """Once more, as a backup would have it. Without the program the tables themselves must do."""
        program = pg_dump()
        if program is None:
            return None
        database = connections["owner"].settings_dict
        address = ("-h", database["HOST"], "-p", str(database["PORT"] or 5432), "-U", database["USER"])
        command = [program, *address, "-d", database["NAME"], "--no-password"]
        looked = self.output_of(command, "database, dump by pg_dump", {"PGPASSWORD": database["PASSWORD"]})
        looked.found = [each.replace(shlex.join(command), "pg_dump") for each in looked.found]
        return looked

    def rights(self) -> Looked:
        looked = Looked("database, rights of the tip form's role")
        had = queries.rights_of_intake(settings.INTAKE_DB_USER)
        may_read = tuple(f"SELECT public.{view}." for view in rights.VIEWS)
        looked.found = [
            f"the role of the tip form has a right too many: {each}"
            for each in sorted(had)
            if not each.startswith(may_read)
        ]
        looked.amount = f"it can write no table, and call these functions alone: {', '.join(rights.FUNCTIONS)}"
        return looked

    # --- the queue

    def redis(self) -> Looked:
        looked, keys, size = Looked("Redis, every key and value"), 0, 0
        client = Redis.from_url(settings.REDIS_URL)
        numbers = sorted(int(name[2:]) for name in client.info("keyspace")) or [0]
        for number in numbers:
            base = Redis.from_url(settings.REDIS_URL, db=number)
            for key in base.scan_iter(count=1000):
                stream = self.search.stream()
                for piece in (key, *_values(base, key)):
                    stream.write(piece + b"\n")
                keys, size = keys + 1, size + stream.read
                stream.close()
                looked.found += [f"Redis, base {number}, key {self._name(key)}: {each}" for each in _told(stream)]
        stream = self.search.stream()
        for entry in client.slowlog_get(10_000):
            stream.write(entry["command"] + b"\n")
        stream.write(repr(client.client_list()).encode())
        stream.close()
        looked.found += [f"Redis, slow log or list of clients: {each}" for each in _told(stream)]
        looked.amount = (
            f"{keys:,} keys in {len(numbers)} base(s), its slow log and its clients, {in_words(size + stream.read)}"
        )
        return looked

    def _name(self, key: bytes) -> str:
        """Not a canary again, should the key itself be one."""
        stream = self.search.stream()
        stream.write(key)
        return "(the key itself)" if stream.close() else repr(key.decode(errors="replace"))

    # --- files

    def files(self, where: str, files: Iterable[Path], *, may_miss: bool = False) -> Looked:
        looked, number, size = Looked(where, may_miss=may_miss), 0, 0
        for path in files:
            stream = self.search.stream()
            stream.write(str(path).encode(errors="surrogateescape") + b"\n")
            try:
                read = _read(path, stream)
            except FileNotFoundError:
                continue  # a temporary file that went meanwhile
            except (OSError, EOFError, lzma.LZMAError) as error:
                looked.unread.append(f"{path} ({type(error).__name__})")
                continue
            number, size = number + 1, size + read
            stream.close()
            looked.found += [f"file {path}: {each}" for each in _told(stream)]
        looked.amount = f"{number:,} files, {in_words(size)}"
        return looked

    def output_of(self, command: list[str], where: str, more: dict[str, str] | None = None) -> Looked:
        looked, stream = Looked(where), self.search.stream()
        try:
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **(more or {})}
            ) as process:
                while process.stdout and (piece := process.stdout.read(PIECE)):
                    stream.write(piece)
            code = process.returncode
        except OSError as error:
            code = error.errno or 1
        if code:
            looked.unread.append(f"{where}: the command failed ({code})")
        stream.close()
        looked.found = [f"{where}: {each}" for each in _told(stream)]
        looked.amount = in_words(stream.read)
        return looked

    def mail_of_intake(self) -> Looked:
        """The settings of the intake process differ from Django's by what this prints; a process of its own reads them."""
        looked = Looked("mail and error reports of the tip form")
        command = [sys.executable, "-m", "django", "diffsettings", "--settings", "config.intake_settings"]
        done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
        lines = done.stdout.splitlines()
        if done.returncode:
            looked.unread.append("config.intake_settings")
        for line in lines:
            name = line.partition(" ")[0]
            if name.startswith(NO_MAIL):
                looked.found.append(f"the tip form has a setting of mail: {name}")
            looked.found += [f"the tip form reports or remembers by {each}" for each in NOT_IN_INTAKE if each in line]
        looked.amount = (
            f"{len(lines)} settings: none of mail, of error reports or of sessions" if not looked.found else ""
        )
        return looked


def pg_dump() -> str | None:
    """One that is not older than the server."""
    wanted = queries.server_programs_fit()
    versions = sorted(int(path.name) for path in POSTGRES_PROGRAMS.glob("[0-9]*") if (path / "bin/pg_dump").exists())
    fit = [version for version in versions if version >= wanted]
    if fit:
        return str(POSTGRES_PROGRAMS / str(fit[0]) / "bin/pg_dump")
    found = shutil.which("pg_dump")
    said = subprocess.run([found, "--version"], capture_output=True, text=True).stdout if found else ""
    number = next((word.split(".")[0] for word in said.split() if word[0].isdigit()), "0")
    return found if int(number) >= wanted else None


def walk(folder: Path, *, since: float = 0.0, without: Iterable[Path] = ()) -> Iterator[Path]:
    """Regular files below a folder (or the file itself), without following links."""
    if folder.is_file():
        yield folder
        return
    left_out = {path.resolve() for path in without}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if (Path(place) / name).resolve() not in left_out)
        for name in sorted(names):
            path = Path(place) / name
            try:
                about = path.lstat()
            except OSError:
                continue
            if path.is_file() and not path.is_symlink() and max(about.st_mtime, about.st_ctime) >= since:
                yield path


def in_words(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} bytes"


def _told(stream: Stream) -> list[str]:
    return sorted({str(needle) for needle in stream.found})


def _read(path: Path, stream: Stream) -> int:
    opener = OPENERS.get(path.suffix, Path.open)
    read = 0
    with opener(path, "rb") as handle:
        while piece := handle.read(PIECE):
            read += stream.write(piece)
    return read


def _values(base: Any, key: bytes) -> Iterator[bytes]:
    kind = base.type(key)
    if kind == b"string":
        yield base.get(key) or b""
    elif kind == b"list":
        for start in range(0, base.llen(key), 1000):
            yield from base.lrange(key, start, start + 999)
    elif kind == b"hash":
        yield from (part for pair in base.hscan_iter(key, count=1000) for part in pair)
    elif kind == b"set":
        yield from base.sscan_iter(key, count=1000)
    elif kind == b"zset":
        yield from (member for member, _ in base.zscan_iter(key, count=1000))
    elif kind == b"stream":
        yield repr(base.xrange(key)).encode()
    elif kind != b"none":
        yield base.dump(key) or b""
