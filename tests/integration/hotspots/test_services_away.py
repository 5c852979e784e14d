"""Database and queue that go away for a while: a cluster and a Redis of this test's own, really killed."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from hotspots import tasks
from scripts.state import CHECKOUT, read_env_file
from tests.integration.hotspots.processes import Holder, ended, manage, send, wait_until, worker

pytestmark = pytest.mark.services

TOWN = """
from tests.factories.hotspots import BlockFactory, IncidentFactory, LocationFactory
IncidentFactory.create_batch(3, location=LocationFactory(block=BlockFactory()))
"""
ASK = """
from kombu.exceptions import OperationalError
from hotspots.tasks import recompute_standing_runs
try:
    recompute_standing_runs.delay()
except OperationalError:
    print("the queue is away")
"""
RECOMPUTE = ("recompute", "--kind", "block", "--days", "28", "--as-of", "2024-06-30")


class Services:
    """scripts/services.py with a state folder of its own."""

    def __init__(self) -> None:
        # Not pytest's own folder: the database's user could not enter it.
        self.state = Path(tempfile.mkdtemp(prefix="hotspots-test-", dir="/tmp"))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DB_", "REDIS_"))}
        self.environment = {**inherited, "HOTSPOTS_STATE": str(self.state)}
        # Ports that nobody takes while the services are away.
        database, queue = random.sample(range(20_000, 30_000), 2)
        wishes = f"DB_PORT={database}\nREDIS_PASSWORD=test\nREDIS_URL=redis://:test@127.0.0.1:{queue}/0\n"
        (self.state / "services.env").write_text(wishes)

    def call(self, command: str) -> None:
        script = [sys.executable, str(CHECKOUT / "scripts/services.py"), command]
        subprocess.run(script, env=self.environment, check=True, capture_output=True)

    def manage(self, *arguments: str) -> str:
        with manage(self.environment, *arguments) as process:
            code, said = ended(process)
        assert code == 0, said
        return said

    def chosen(self, name: str) -> str:
        return read_env_file(self.state / "services.env")[name]

    def session(self) -> dict[str, str]:
        return {
            "host": "127.0.0.1",
            "port": self.chosen("DB_PORT"),
            "dbname": self.chosen("DB_NAME"),
            "user": self.chosen("DB_OWNER"),
            "password": self.chosen("DB_OWNER_PASSWORD"),
        }

    def statuses(self) -> list[str]:
        session = psycopg2.connect(**self.session())
        try:
            with session.cursor() as cursor:
                cursor.execute("SELECT status FROM hotspots_concentrationrun ORDER BY id")
                return [status for (status,) in cursor.fetchall()]
        finally:
            session.close()

    def crash(self, pid_file: str, how: signal.Signals) -> None:
        pid = int((self.state / pid_file).read_text().split()[0])
        os.kill(pid, how)
        wait_until("it is gone", lambda: not Path(f"/proc/{pid}/cmdline").exists() or is_zombie(pid))


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services()
    try:
        services.call("start")
        services.manage("migrate", "--verbosity", "0")
        services.manage("shell", "--verbosity", "0", "--command", TOWN)
        yield services
    finally:
        services.call("stop")
        shutil.rmtree(services.state)


def test_services_that_go_away_and_come_back_leave_whole_runs(services: Services, tmp_path: Path) -> None:
    """One long story, because a cluster of one's own takes its time to make."""
    services.manage(*RECOMPUTE)
    assert services.statuses() == ["published"]
    queue = services.chosen("REDIS_URL")

    with worker(services.environment, tmp_path / "worker.log"):
        # The database crashes while a run wants to publish, and is away while its task is tried again.
        holder = Holder(**services.session())
        holder.hold("hotspots_score")
        send(queue, tasks.recompute_run, "block", "2024-06-30", 28, anew=True)
        wait_until("the worker is about to write", holder.is_in_the_way)
        assert services.statuses() == ["published", "running"]
        services.crash("postgres/postmaster.pid", signal.SIGQUIT)
        holder.close()
        wait_until(
            "the task has been tried in vain", lambda: (tmp_path / "worker.log").read_text().count("retry: Retry") > 1
        )
        services.call("start")
        assert services.statuses() == ["published", "running"]

        send(queue, tasks.recompute_run, "block", "2024-06-30", 28, anew=True)
        wait_until("the next run completes", lambda: services.statuses() == ["published", "abandoned", "published"])

        # Without the queue nothing can be asked for, and that is said; the command needs none.
        services.crash("redis/redis.pid", signal.SIGKILL)
        assert "the queue is away" in services.manage("shell", "--verbosity", "0", "--command", ASK)
        services.manage(*RECOMPUTE)
        assert services.statuses()[-1] == "published"
        services.call("start")

    # Celery finds the queue again, or ends (kombu cannot give back what it holds) and is started by its supervisor.
    with worker(services.environment, tmp_path / "restarted.log"):
        send(services.chosen("REDIS_URL"), tasks.recompute_run, "block", "2024-06-30", 91)
        wait_until("a worker is back at work", lambda: len(services.statuses()) == 5)
        wait_until("it is done", lambda: services.statuses()[-1] == "published")
