"""The databases, folders and commands that the rows share. The product's own database is never touched."""

import os
import subprocess
import sys
from pathlib import Path

from bench.measure import Measured, measure
from scripts import services
from scripts.state import CHECKOUT, read_env_file, state_folder

PYTHON = CHECKOUT / ".venv/bin/python"
PEER_PYTHON = CHECKOUT / ".venv-bench/bin/python"
PEERS = CHECKOUT / "bench/peers"
WORK = state_folder() / "bench"
CITY, GROWING = "hotspots_bench", "hotspots_bench_growth"
DOSAGE, SYNC, TIPS = "hotspots_bench_dosage", "hotspots_bench_sync", "hotspots_bench_tips"  # made-up rows, no city
AS_OF, DAYS = "2018-12-31", "365"


def data_folder() -> Path:
    named = os.environ.get("BENCH_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared/data/st_louis"
    if not (folder / "crimes").is_dir() or not (folder / "roads").is_dir():
        sys.exit(f"bench: {folder} has no crimes/ and roads/; BENCH_DATA names a folder that has (see README)")
    return folder.resolve()


def crime_files() -> Path:
    """A folder with links to the monthly files alone."""
    folder = WORK / "crimes"
    folder.mkdir(parents=True, exist_ok=True)
    for path in (data_folder() / "crimes").iterdir():
        if path.name.lower().endswith(".csv.gz") and not (folder / path.name).exists():
            (folder / path.name).symlink_to(path)
    return folder


def environment(database: str) -> dict[str, str]:
    """The product's settings for one of the bench's databases."""
    chosen = read_env_file(services.ENV_FILE)
    redis = chosen["REDIS_URL"].removesuffix("/0") + "/1"
    folders = {"MEDIA_ROOT": str(WORK / "media"), "TILE_CACHE": str(WORK / "tiles")}
    return {
        **os.environ,
        **chosen,
        **folders,
        "DB_NAME": database,
        "REDIS_URL": redis,
        "DEMO": "true",
        "DEBUG": "false",
    }


def url(database: str) -> str:
    """For the peers, who connect as the owner of the tables."""
    e = environment(database)
    return f"postgresql://{e['DB_OWNER']}:{e['DB_OWNER_PASSWORD']}@{e['DB_HOST']}:{e['DB_PORT']}/{database}"


def sql(database: str, text: str) -> str:
    return services.run_psql(environment(database), database, ["-v", "ON_ERROR_STOP=1", "-c", text])


def exists(database: str) -> bool:
    return sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'") == "1"


def new_database(database: str) -> None:
    """Empty, migrated, with the blocks and the boundary of the city."""
    empty_database(database)
    roads = data_folder() / "roads"
    manage(database, "import_places", roads / "st_louis_city_boundary.geojson", "--kind", "boundary")
    manage(
        database,
        "import_places",
        roads / "tl_2019_29510_roads.json",
        "--kind",
        "block",
        "--node",
        "--keep-unnamed",
        "--source",
        "roads",
    )


def empty_database(database: str) -> None:
    """Made anew and migrated."""
    if database not in (CITY, GROWING, DOSAGE, SYNC, TIPS):
        raise ValueError(database)
    sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    services.run_psql(environment(database), "postgres", ["-f", str(CHECKOUT / "scripts/database.sql")])
    manage(database, "migrate", "--verbosity", "0")


def run_file(database: str, file: Path) -> None:
    services.run_psql(environment(database), database, ["-v", "ON_ERROR_STOP=1", "-q", "-f", str(file)])


def manage(database: str, *arguments: str | Path) -> str:
    command = [str(PYTHON), "manage.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment(database), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: {' '.join(command)}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout


def measure_manage(database: str, *arguments: str | Path) -> Measured:
    return measure([PYTHON, CHECKOUT / "manage.py", *arguments], environment(database), postmaster())


def measure_peer(script: str, database: str, *arguments: str | Path) -> Measured:
    """The peer finds the database in its environment, where other users of the machine cannot read the password."""
    address = url(database).replace("postgresql://", "postgresql+psycopg2://")
    return measure([PEER_PYTHON, PEERS / script, *arguments], {**os.environ, "PEER_DATABASE": address}, postmaster())


def measure_letters(how: str, number: int) -> Measured:
    """Both sides run with the product's Python: the peer is the product's own WeasyPrint."""
    return measure([PYTHON, PEERS / "letters.py", how, str(number)], environment(CITY), postmaster())


def postmaster() -> int:
    process = services.process_of(services.CLUSTER / "postmaster.pid", str(services.CLUSTER))
    if process is None:
        sys.exit("bench: the database does not run; `make services` starts it")
    return process


def city() -> None:
    """The whole city, imported once and kept for the rows that only read it."""
    if exists(CITY) and sql(CITY, "SELECT 1 FROM hotspots_importbatch WHERE status = 'done' LIMIT 1") == "1":
        return
    new_database(CITY)
    manage(CITY, "import_incidents", crime_files(), "--mapping", "st_louis")
