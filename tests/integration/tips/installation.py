"""An installation of a test's own: a PostgreSQL cluster, a Redis and the process of the tip form, to be searched and killed."""

import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connections

from scripts import services
from scripts.state import CHECKOUT, read_env_file
from tests.integration.hotspots.processes import ended, kill, manage, wait_until
from tips.sealing import keys

PREFIXES = ("DB_", "REDIS_", "INTAKE_", "TIP_", "MEDIA_", "TILE_", "EMAIL_")
REVIEWER = """
WITH person AS (
    INSERT INTO accounts_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, roles, password_is_temporary, enabled_at)
    VALUES ('', false, 'reviewer', '', '', '', false, true, now(), '{detective}', false, now()) RETURNING id
)
INSERT INTO tips_readerkey (id, kind, public, locked, status, made_at, let_in_at, let_in_by_id, user_id)
SELECT %s, 'reviewer', %s, %s, 'active', now(), now(), id, id FROM person
"""


class Installation:
    def __init__(self) -> None:
        # Not pytest's own folder: the database's user could not enter it.
        self.state = Path(tempfile.mkdtemp(prefix="hotspots-test-", dir="/tmp"))
        self.database_port, queue, self.port = random.sample(range(20_000, 30_000), 3)
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
        self.environment = {**inherited, "HOTSPOTS_STATE": str(self.state), "TIP_FORM_URL": self.url}
        wishes = f"DB_PORT={self.database_port}\nREDIS_PASSWORD=test\nREDIS_URL=redis://:test@127.0.0.1:{queue}/0\n"
        (self.state / "services.env").write_text(wishes)
        self.intake_log = self.state / "intake.log"

    def call(self, command: str) -> None:
        script = [sys.executable, str(CHECKOUT / "scripts/services.py"), command]
        subprocess.run(script, env=self.environment, check=True, capture_output=True)

    def chosen(self, name: str) -> str:
        return read_env_file(self.state / "services.env")[name]

    def fill(self) -> None:
        """As the test database is, which the migrations made: they would take a minute here."""
        there = connections["owner"].settings_dict
        here = {
            "host": "127.0.0.1",
            "port": self.chosen("DB_PORT"),
            "user": self.chosen("DB_OWNER"),
            "name": "hotspots",
        }
        dump = _command("pg_dump", there["HOST"], there["PORT"], there["USER"], there["NAME"])
        load = _command("psql", *(here[name] for name in ("host", "port", "user", "name")))
        written = subprocess.run(
            [*dump, "--no-comments", "--exclude-schema=reference_rows", "--exclude-table=spatial_ref_sys"],
            env={**os.environ, "PGPASSWORD": there["PASSWORD"]},
            check=True,
            capture_output=True,
        )
        subprocess.run(
            [*load, "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            # Triggers of the history compare geometries, whose operators stand in `public`.
            input=written.stdout.replace(b"'search_path', ''", b"'search_path', 'public'"),
            env={**os.environ, "PGPASSWORD": self.chosen("DB_OWNER_PASSWORD")},
            check=True,
            capture_output=True,
        )

    def make_reviewer(self) -> None:
        self.run(REVIEWER, uuid.uuid4(), keys.public_bytes(keys.new_key()), b"locked")

    def run(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """As the owner of the tables."""
        session = psycopg2.connect(
            host="127.0.0.1",
            port=self.chosen("DB_PORT"),
            dbname=self.chosen("DB_NAME"),
            user=self.chosen("DB_OWNER"),
            password=self.chosen("DB_OWNER_PASSWORD"),
        )
        try:
            with session, session.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            session.close()

    def manage(self, *arguments: str) -> tuple[int, str]:
        with manage(self.environment, *arguments) as process:
            return ended(process)

    def start_intake(self) -> subprocess.Popen[bytes]:
        """As `make run` starts it."""
        bind = ["--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "4", "--no-control-socket"]
        with self.intake_log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "config.intake_wsgi", *bind, "--log-level", "error"],
                cwd=CHECKOUT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/en/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def restart_database(self, how: str) -> None:
        """pg_ctl restart -m fast | immediate."""
        cluster = self.state / "postgres"
        version = (cluster / "PG_VERSION").read_text().strip()
        program = str(services.SERVERS / version / "bin/pg_ctl")
        command = [program, "-D", str(cluster), "-l", str(cluster / "postgres.log"), "-m", how, "-w", "restart"]
        user = services.database_user()
        subprocess.run([*user, *command], cwd="/", check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_redis(self) -> None:
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.state / "redis/redis.pid").read_text()), signal.SIGKILL)


def _command(program: str, host: str, port: str | int, user: str, name: str) -> list[str]:
    folder = sorted(services.SERVERS.glob("[0-9]*"), key=lambda path: int(path.name))[-1]
    return [str(folder / "bin" / program), "-h", host, "-p", str(port), "-U", user, "-d", name]


@contextmanager
def installation() -> Iterator[Installation]:
    made = Installation()
    try:
        made.call("start")
        made.fill()
        made.make_reviewer()
        yield made
    finally:
        made.call("stop")
        shutil.rmtree(made.state)


@contextmanager
def intake(of: Installation) -> Iterator[subprocess.Popen[bytes]]:
    process = of.start_intake()
    try:
        wait_until("the tip form answers", of.answers)
        yield process
    finally:
        kill(process)
