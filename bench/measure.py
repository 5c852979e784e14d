"""Seconds and peak memory of a command, its children and the database's part in it."""

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Measured:
    """`memory_mb`: highest sum of resident memory over the process and its descendants, sampled 20 times a second.
    `server_mb`: likewise the memory that the database's server processes hold for themselves (without shared buffers).
    `said`: the JSON object of the command's last line."""

    seconds: float
    memory_mb: float
    server_mb: float
    said: dict[str, Any]


class CommandFailed(Exception):
    pass


def measure(command: Sequence[str | Path], environment: Mapping[str, str], postmaster: int) -> Measured:
    started = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        with watched(process.pid, postmaster) as peaks:
            output, errors = process.communicate()
        seconds = time.perf_counter() - started
    if process.returncode:
        raise CommandFailed(f"{' '.join(map(str, command))}\n{errors[-3000:]}")
    last = (output.strip().splitlines() or [""])[-1]
    return Measured(seconds, peaks[0], peaks[1], json.loads(last) if last.startswith("{") else {})


@contextlib.contextmanager
def watched(process: int, postmaster: int) -> Iterator[list[float]]:
    peaks, done = [0.0, 0.0], threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            peaks[0] = max(peaks[0], sum(memory_mb(each, "VmRSS") for each in (process, *descendants(process))))
            peaks[1] = max(peaks[1], sum(memory_mb(each, "RssAnon") for each in descendants(postmaster)))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield peaks
    done.set()
    watcher.join()


def descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from descendants(int(child))


def memory_mb(process: int, field: str) -> float:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    return 0.0
