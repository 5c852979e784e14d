"""The table: printed, and written to docs/benchmarks.md. What was measured is kept, so that a row can run by itself."""

import dataclasses
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import world

KEPT = world.CHECKOUT / "bench/results.json"  # beside the page, so that rows of another day or machine stay
PAGE = world.CHECKOUT / "docs/benchmarks.md"
ORDER = ("importing", "recompute", "tiles", "growth", "dosage", "sync", "letters", "tips")
VERSIONS = ("Django", "numpy", "scipy", "pandas", "geopandas", "psycopg2-binary", "gunicorn", "weasyprint", "pikepdf")
PEER_VERSIONS = ("pandas", "geopandas", "SQLAlchemy", "libpysal", "esda", "tipg", "uvicorn")


@dataclass(frozen=True)
class Row:
    work: str
    against: str
    ours: str
    theirs: str
    ratio: float
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def target(self) -> str:
        return f"at least {self.at_least:g} ×" if self.at_least else f"at most {self.at_most:.3g} ×"

    @property
    def met(self) -> str:
        good = self.ratio >= self.at_least if self.at_least else self.ratio <= (self.at_most or 0)
        return "met" if good else "**missed**"


def run_one(name: str, rows: Callable[[], list[Row]]) -> None:
    started, busy = time.time(), os.getloadavg()[0]
    world.WORK.mkdir(parents=True, exist_ok=True)
    measured = rows()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[name] = {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(started)),
        "took": round(time.time() - started),
        "load": round(busy, 1),
        "rows": [dataclasses.asdict(row) for row in measured],
    }
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    print(table(measured), flush=True)
    PAGE.write_text(page(kept), encoding="utf-8")


def table(rows: list[Row]) -> str:
    lines = ["| work | ours | against | theirs | ratio | target | |", "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row.work} | {row.ours} | {row.against} | {row.theirs} | {row.ratio:.2f} × | {row.target} | {row.met} |"
        for row in rows
    ]
    return "\n".join(lines)


def page(kept: Mapping[str, dict]) -> str:
    rows = [Row(**row) for name in ORDER if name in kept for row in kept[name]["rows"]]
    notes = "\n".join(f"- **{row.work}.** {row.note}" for row in rows)
    whens = "; ".join(taken(name, kept[name]) for name in ORDER if name in kept)
    return f"""# Benchmarks

Written by `make bench`. Each ratio is of two measurements taken in one run, on one machine and the same data: the
incidents that the St. Louis police published by month for 2008 to 2018, on the blocks that `import_places --node
--keep-unnamed` makes of TIGER/Line 2019 roads. BENCH_DATA names the folder that holds them. Police activity (dosage, phones)
and tips are made up, in databases of their own.

{table(rows)}

## Notes

{notes}

Seconds are wall time. Peak memory is the highest sum of resident memory over a command and its children, sampled 20 times
a second. The peers' programs are in `bench/peers/`.

## When and where

- Taken: {whens}
- Machine: {machine()}
- Database: {database()}, the private cluster as `scripts/services.py` makes it
- Python {platform.python_version()}: {", ".join(f"{name} {version(name)}" for name in VERSIONS)}
- Peers: {peer_versions()}
"""


def taken(name: str, each: Mapping[str, Any]) -> str:
    load = f"; load of the machine before: {each['load']}" if "load" in each else ""
    return f"{name} {each['when']} ({each['took']} s{load})"


def database() -> str:
    postgis = world.sql("template1", "SELECT postgis_lib_version()")
    return f"PostgreSQL {world.sql('postgres', 'SHOW server_version')}, PostGIS {postgis}"


def machine() -> str:
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "?",
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores ({cpu}), {memory:.0f} GB, Linux {platform.release()}"


def peer_versions() -> str:
    code = f"from importlib.metadata import version; print(', '.join(n + ' ' + version(n) for n in {PEER_VERSIONS!r}))"
    return subprocess.run([world.PEER_PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def main(names: list[str]) -> int:
    for name in names:
        if name not in ORDER:
            print(f"bench: there is no row {name}; there are {', '.join(ORDER)}", file=sys.stderr)
            return 2
    for name in names or ORDER:
        print(f"bench: {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=world.CHECKOUT).returncode:
            return 1
    print(f"bench: written to {PAGE.relative_to(world.CHECKOUT)}")
    return 0
