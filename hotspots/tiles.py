"""Vector tiles of one published run, straight from PostGIS.

A published run never changes, so a tile of it is made once: the bytes are kept in a folder (and a year in the
browser). Neither needs the queue or a shared cache to be up.

Tiles are cut in degrees, without projecting a geometry. Longitude is linear in Web Mercator; latitude is not, but
within one tile the straight line between its edges is off by at most a pixel at zoom 8 and a sixteenth at zoom 10
(tile height squared / 8 x curvature), and exact on the edges, so that neighbors meet. That saves a quarter of the time of a tile.
"""

import contextlib
import gzip
import math
import shutil
import tempfile
from functools import cache as keep
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import connection

from hotspots.models import ConcentrationRun

MIN_ZOOM, MAX_ZOOM = 8, 16  # below, the city is a dot; above, the browser enlarges
MAX_BYTES = 500_000
MOST_FEATURES = 12_000
STREET_NAMES_FROM, NAMES_FROM, ADDRESSES_FROM = 13, 14, 16
MARGIN = 64 / 4096
KEPT_RUNS = 60  # folders of cached tiles; standing runs are nine
KNOWN_SECONDS = 60


def gzipped_tile(run_id: int, z: int, x: int, y: int) -> bytes | None:
    """The tile, gzipped, or None where there is no such tile or the run is not published."""
    if not (MIN_ZOOM <= z <= MAX_ZOOM and x < 2**z and y < 2**z) or not (known := _published(run_id)):
        return None
    kind, folder = known
    path = Path(settings.TILE_CACHE) / folder / f"{z}-{x}-{y}.gz"
    try:
        return path.read_bytes()
    except OSError:
        body = gzip.compress(make_tile(run_id, kind, z, x, y), compresslevel=4, mtime=0)
        _keep(path, body)
        return body


def make_tile(run_id: int, kind: str, z: int, x: int, y: int) -> bytes:
    """The tile as the database makes it, with as many features as fit into MAX_BYTES, the most important first."""
    west, south, east, north = tile_bounds(z, x, y)
    margin_x, margin_y = MARGIN * (east - west), MARGIN * (north - south)
    values: dict[str, Any] = {
        "run": run_id,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "west_out": west - margin_x,
        "south_out": south - margin_y,
        "east_out": east + margin_x,
        "north_out": north + margin_y,
        "kinds": _kinds(kind, z),
        "named": z >= NAMES_FROM,
        "streets": z >= STREET_NAMES_FROM,
        "close": z >= ADDRESSES_FROM,
        "most": MOST_FEATURES,
        "ordered": False,
    }
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_sql(), values)
            layers, features = cursor.fetchone()
            tile = bytes(layers or b"")
            fits = len(tile) <= MAX_BYTES
            if fits and (values["ordered"] or (features or 0) < 0.95 * values["most"]):
                return tile
            # Sorting takes a third of the time, so it is done only where not everything has room.
            values["ordered"] = True
            if not fits:
                values["most"] = int(min(values["most"], features) * 0.9 * MAX_BYTES / len(tile))


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees."""

    def latitude(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))

    return x / 2**z * 360 - 180, latitude(y + 1), (x + 1) / 2**z * 360 - 180, latitude(y)


def _kinds(kind: str, z: int) -> list[str]:
    """The blocks are the street map; what the run is about is drawn at every zoom, the rest when it is close."""
    kinds = {"block", kind}
    if z >= NAMES_FROM:
        kinds.add("complex")
    if z >= ADDRESSES_FROM:
        kinds.add("address")
    return sorted(kinds)


def _published(run_id: int) -> tuple[str, str] | None:
    """Kind and cache folder of a published run. The folder carries the instant too: a database restored or made anew
    gives the same number to another run."""
    key = f"published-run:{run_id}"
    known = caches["local"].get(key)
    if known is None:
        run = ConcentrationRun.objects.published().filter(pk=run_id).values_list("kind", "published_at").first()
        if run is None:
            return None
        kind, published_at = run
        assert published_at is not None
        known = (kind, f"{run_id}-{published_at.timestamp():.6f}")
        caches["local"].set(key, known, KNOWN_SECONDS)
    return known


def _keep(path: Path, body: bytes) -> None:
    """Whole or not at all; a full or read-only disk costs time on the next request, not this one."""
    with contextlib.suppress(OSError):
        if not path.parent.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _drop_oldest(path.parent.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as new:
            new.write(body)
        Path(new.name).replace(path)


def _drop_oldest(folder: Path) -> None:
    runs = sorted(folder.iterdir(), key=lambda run: run.stat().st_mtime, reverse=True)
    for old in runs[KEPT_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)


@keep
def _sql() -> str:
    return (Path(__file__).parent / "sql" / "tile.sql").read_text(encoding="utf-8")
