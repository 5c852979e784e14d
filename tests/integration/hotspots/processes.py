"""Real processes of the product, to be killed in tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2

from config.celery import app
from scripts.state import CHECKOUT

PATIENCE_SECONDS = 60


def wait_until(what: str, is_so: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)
    return found


def manage(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=CHECKOUT, env=environment, text=True, start_new_session=True, **pipes)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out + err


@contextmanager
def worker(environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker of one process, ready for work. Whatever is left of it is killed in the end."""
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "INFO"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle"],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until("the worker is ready", lambda: b" ready." in log.read_bytes())
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """The process and its children, as when the machine loses power."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def child_of(process: subprocess.Popen[Any]) -> int:
    return int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])


def send(redis_url: str, task: Any, *arguments: Any, **options: Any) -> None:
    with app.connection_for_write(redis_url) as connection:
        task.apply_async(arguments, options, connection=connection)


class Holder:
    """A session of the tables' owner that holds up whoever wants to write to a table."""

    def __init__(self, **where: Any) -> None:
        self.session = psycopg2.connect(**where)

    def hold(self, table: str) -> None:
        with self.session.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")

    def is_in_the_way(self) -> bool:
        """Whether somebody waits for this session, not for another one of the cluster."""
        with self.session.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            return cursor.fetchone()[0]

    def let_go(self) -> None:
        self.session.rollback()

    def close(self) -> None:
        self.session.close()
