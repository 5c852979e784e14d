#!/usr/bin/env python3
"""Everything that `make run` starts, under one roof: one stream of lines with names, and one way to stop.

    supervise.py run | stop

A process that ends is started again. When one ends three times within a minute, everything stops and says which.
Standard library only, since `stop` must work where nothing is installed.
"""

import contextlib
import fcntl
import hashlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts import services
from scripts.state import CHECKOUT, read_env_file, state_folder

LOCK = state_folder() / "run.lock"
PYTHON = str(CHECKOUT / ".venv/bin/python")
STATIC = CHECKOUT / "static-collected"
GRACE_SECONDS = 15
ENDS, WITHIN_SECONDS = 3, 60


class Stopped(BaseException):
    """Somebody asked us to stop; unwinds from wherever we are."""


def main(arguments: list[str]) -> int:
    if arguments not in (["run"], ["stop"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return run() if arguments == ["run"] else stop()
    except services.SetUpError as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    except Stopped:
        return 0


def run() -> int:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, ask_to_stop)
    services.make_state_folder()
    with only_one():
        were_up = services.postgres_is_running() and services.redis_is_running()
        try:
            services.start()
            run_in_front()
        finally:
            for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(each, signal.SIG_IGN)  # once is enough; stopping takes a few seconds
            if not were_up:
                print("run: stopping the database and Redis", flush=True)
                services.stop()
    return 0


def run_in_front() -> None:
    port = services.free_port("the web", os.environ.get("PORT") or "8000", 8000)
    intake_port = services.free_port("the tip form", os.environ.get("INTAKE_PORT") or str(int(port) + 1), 8001)
    address, tip_form = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{intake_port}"
    chosen = {"DEMO": "true", "SITE_URL": address, "TIP_FORM_URL": tip_form}
    environment = {**chosen, **read_env_file(CHECKOUT / ".env"), **os.environ, "PYTHONUNBUFFERED": "1"}
    manage(environment, "migrate", "--verbosity", "0")
    collect_static(environment)
    sign_ins = demo_town(environment) if environment["DEMO"].lower() in {"true", "1", "yes"} else ""

    supervisor = Supervisor(environment)
    try:
        bind = ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--no-control-socket"]
        supervisor.start("web", ["gunicorn", "config.wsgi", *bind])
        # Neither access log nor warnings: those of gunicorn name the address of whoever sent something odd.
        bind = ["--bind", f"127.0.0.1:{intake_port}", "--workers", "2", "--threads", "4", "--no-control-socket"]
        supervisor.start("intake", ["gunicorn", "config.intake_wsgi", *bind, "--log-level", "error"])
        supervisor.start("worker", ["celery", "--quiet", "-A", "config", "worker", "--loglevel", "INFO"])
        supervisor.start("beat", ["celery", "--quiet", "-A", "config", "beat", "--loglevel", "INFO", "--pidfile="])
        supervisor.watch(until=lambda: answers(int(port)) and answers(int(intake_port)))
        addresses = f"Hot spots: {address}\nTip form:  {tip_form}"
        print(f"\n{sign_ins}\n{addresses}\nCtrl-C stops everything.\n", flush=True)
        supervisor.watch(until=lambda: False)
    finally:
        supervisor.stop()


def ask_to_stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Two schedules on one database would do everything twice."""
    with LOCK.open("a+") as handle:
        if not taken(handle):
            raise services.SetUpError("it is running already; `make stop` stops it")
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def taken(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop() -> int:
    """Asks a `make run` elsewhere to stop, and waits until it has."""
    if not LOCK.exists():
        return 0
    with LOCK.open() as handle:
        if taken(handle):
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(handle.read()), signal.SIGTERM)
        deadline = time.monotonic() + 2 * GRACE_SECONDS + services.WAIT_SECONDS
        while not taken(handle):
            if time.monotonic() > deadline:
                raise services.SetUpError("what `make run` started does not stop")
            time.sleep(0.1)
    return 0


# What comes before the processes


def manage(environment: dict[str, str], *arguments: str) -> None:
    if subprocess.run([PYTHON, "manage.py", *arguments], cwd=CHECKOUT, env=environment).returncode:
        raise services.SetUpError(f"manage.py {arguments[0]} failed; it says why above")


def collect_static(environment: dict[str, str]) -> None:
    """Compressing USWDS takes a while, so it is done only when a file has changed."""
    done = CHECKOUT / ".venv/static-collected"
    wanted = hashlib.sha256()
    for path in (CHECKOUT / "constraints.txt", CHECKOUT / "package-lock.json", *sorted(CHECKOUT.glob("config/*.py"))):
        wanted.update(path.read_bytes())
    for path in sorted((CHECKOUT / "static").rglob("*")):
        about = path.stat()
        wanted.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    if done.exists() and (STATIC / "staticfiles.json").exists() and done.read_text() == wanted.hexdigest():
        return
    print("run: preparing static files", flush=True)
    manage(environment, "collectstatic", "--noinput", "--clear", "--verbosity", "0")
    done.write_text(wanted.hexdigest())


def demo_town(environment: dict[str, str]) -> str:
    """Makes the demo town once, and new sign-ins at each start; returns what it says of them, to be shown last."""
    command = [PYTHON, "manage.py", "demo"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        sign_ins: list[str] = []
        for line in process.stdout or ():
            if sign_ins or line.startswith("Sign in as"):
                sign_ins.append(line)
            else:
                print(f"run: {line}", end="", flush=True)
    if process.returncode:
        print("run: so this is not shown as a demo, and everything else starts", flush=True)
        environment["DEMO"] = "false"
    return "".join(sign_ins)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# The processes


class Supervisor:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.commands: dict[str, list[str]] = {}
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.ends: dict[str, list[float]] = {}

    def start(self, name: str, command: list[str]) -> None:
        """A session of its own keeps the terminal's Ctrl-C from it, and it ends should we be killed outright."""
        self.commands[name] = command
        self.running[name] = process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", PYTHON, "-m", *command],
            cwd=CHECKOUT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=show_lines, args=(name, process), daemon=True).start()

    def watch(self, until: Callable[[], bool]) -> None:
        while not until():
            time.sleep(0.2)
            for name, process in list(self.running.items()):
                if process.poll() is not None:
                    self.ended(name, process.returncode)

    def ended(self, name: str, code: int) -> None:
        now = time.monotonic()
        self.ends[name] = [*(then for then in self.ends.get(name, []) if now - then < WITHIN_SECONDS), now]
        if len(self.ends[name]) >= ENDS:
            raise services.SetUpError(
                f"{name} ended {ENDS} times within a minute (last with {code}), so everything stops"
            )
        show(name, f"ended with {code}; starting it again")
        time.sleep(1)
        self.start(name, self.commands[name])

    def stop(self) -> None:
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for name, process in self.running.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                show(name, "does not stop by itself; its task will be done again at the next start")
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # and whatever it left behind
            process.wait()


def show_lines(name: str, process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        show(name, line.rstrip("\n"))


def show(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<6} | {line}\n")  # in one piece: each process has a thread that shows its lines
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
