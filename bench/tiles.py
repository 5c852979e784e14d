"""A tile over downtown, cold and warm: gunicorn with a signed-in commander against tipg on the same tables."""

import contextlib
import json
import math
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import client, report, world
from scripts import services

DOWNTOWN, ZOOM = (-90.199, 38.627), 12
WORKERS, CONNECTIONS = 2, 4
COLD_TIMES, WARM_SECONDS = 30, 10
SIGN_IN = """
import time
from django.test import Client
from accounts.models import User
user, _ = User.objects.get_or_create(username="bench", defaults={"roles": ["commander"]})
client = Client()
client.force_login(user)
session = client.session
session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "username": "bench"}]
session.save()
print(client.cookies["sessionid"].value)
"""
SCORED = """
DROP VIEW IF EXISTS bench_scored;
CREATE VIEW bench_scored AS
SELECT place.id, place.name, score.count, score.risk_count, score.harm, score.before_count, score.before_risk_count,
    score.change_p, score.risk_change_p, score.rank, score.risk_rank, score.z, score.q, score.risk_z, score.risk_q,
    place.geometry::geometry(LineString, 4326) AS geometry
FROM hotspots_place AS place
LEFT JOIN hotspots_score AS score ON score.place_id = place.id AND score.run_id = {run}
WHERE place.kind = 'block' AND (place.retired_on IS NULL OR score.run_id IS NOT NULL);
GRANT SELECT ON bench_scored TO PUBLIC;
"""


def main() -> list[report.Row]:
    world.city()
    said = world.manage(
        world.CITY, "recompute", "--kind", "block", "--as-of", world.AS_OF, "--days", world.DAYS, "--json"
    )
    run = json.loads(said.splitlines()[-1])["run"]
    world.sql(world.CITY, SCORED.format(run=run))
    x, y = tile_of(*DOWNTOWN, ZOOM)
    our_cold, our_warm, our_bytes = ours(f"/tiles/{run}/{ZOOM}/{x}/{y}.mvt")
    peer_cold, peer_warm, peer_bytes = peers(f"/collections/public.bench_scored/tiles/WebMercatorQuad/{ZOOM}/{x}/{y}")
    sizes = f"Tile of {our_bytes / 1000:.0f} kB gzipped from us, {peer_bytes / 1000:.0f} kB from tipg."
    return [
        report.Row(
            f"tile z{ZOOM} over downtown, cold",
            "tipg on the same tables",
            f"{our_cold:.1f} requests/s",
            f"{peer_cold:.1f} requests/s",
            our_cold / peer_cold,
            at_least=2,
            note=f"{COLD_TIMES} requests one at a time, our folder of kept tiles emptied before each. {sizes}",
        ),
        report.Row(
            "the same tile, warm",
            "tipg on the same tables",
            f"{our_warm:.0f} requests/s",
            f"{peer_warm:.1f} requests/s",
            our_warm / peer_warm,
            at_least=20,
            note=f"{CONNECTIONS} connections for {WARM_SECONDS} s, {WORKERS} worker processes on each side. Ours reads the "
            "session and the right to see the map from the database on each request; tipg asks nobody who they are.",
        ),
    ]


def ours(path: str) -> tuple[float, float, int]:
    environment = world.environment(world.CITY)
    session = world.manage(world.CITY, "shell", "--verbosity", "0", "-c", SIGN_IN).split()[-1]
    headers = {"Cookie": f"sessionid={session}", "Accept-Encoding": "gzip", "Host": "localhost"}
    command = [
        str(world.PYTHON),
        "-m",
        "gunicorn",
        "config.wsgi",
        "--workers",
        str(WORKERS),
        "--threads",
        "4",
        "--no-control-socket",
    ]
    with serving(command, environment, "--bind", "127.0.0.1:{port}") as port:
        size = len(client.wait_for(port, path, headers))
        cold = client.one_by_one(port, path, headers, COLD_TIMES, before=forget_tiles)
        warm = client.at_once(port, path, headers, WARM_SECONDS, CONNECTIONS)
    return cold, warm, size


def peers(path: str) -> tuple[float, float, int]:
    environment = {
        **os.environ,
        "DATABASE_URL": world.url(world.CITY),
        "TIPG_DB_TABLES": '["public.bench_scored"]',
        "TIPG_MAX_FEATURES_PER_TILE": "100000",
        "TIPG_TILE_BUFFER": "64",
    }
    command = [
        str(world.PEER_PYTHON),
        "-m",
        "uvicorn",
        "tipg.main:app",
        "--workers",
        str(WORKERS),
        "--log-level",
        "warning",
    ]
    with serving(command, environment, "--port", "{port}") as port:
        headers = {"Accept-Encoding": "gzip"}
        size = len(client.wait_for(port, path, headers))
        cold = client.one_by_one(port, path, headers, COLD_TIMES)
        warm = client.at_once(port, path, headers, WARM_SECONDS, CONNECTIONS)
    return cold, warm, size


def forget_tiles() -> None:
    folder = Path(world.environment(world.CITY)["TILE_CACHE"])
    if folder.exists():
        for kept in folder.iterdir():
            shutil.rmtree(kept)


@contextlib.contextmanager
def serving(command: Sequence[str], environment: dict[str, str], *bind: str) -> Iterator[int]:
    port = int(services.free_port("the bench", None, 18000))
    process = subprocess.Popen(
        [*command, *(part.format(port=port) for part in bind)],
        cwd=world.CHECKOUT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    north = math.asinh(math.tan(math.radians(latitude)))
    return int((longitude + 180) / 360 * 2**zoom), int((1 - north / math.pi) / 2 * 2**zoom)


if __name__ == "__main__":
    report.run_one("tiles", main)
