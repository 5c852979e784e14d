"""50 phones send 100 queued entries each while a web process, the web server and a queue worker are killed.

Each phone does as static/js/log/send.js: what it has not been answered for is sent again, the same, until it is. One in
five answers is lost on the way back. Afterwards every entry must be there once, and every phone's queue empty.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import report, world
from bench.measure import descendants
from scripts import services

PHONES, ENTRIES = 50, 100
VISITS, STOPS, CANCELS = 35, 25, 5  # a visit is a start and an end
RECORDS = VISITS + STOPS
LOST_ANSWERS = 0.2
GIVE_UP_SECONDS = 600
MINUTE = timedelta(minutes=1)
PREPARE = """
import json, time
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from accounts.models import User
from hotspots.models import HotSpot, HotSpotBoundary
boss = User.objects.create(username="bench", roles=["commander"])
today = timezone.localdate()
spots = []
for n in range(20):
    spot = HotSpot.objects.create(name=f"Hot spot {{n}}", reason="made up", commander=boss, designated_by=boss,
        starts_on=today - timezone.timedelta(days=9), review_on=today + timezone.timedelta(days=90))
    box = Polygon.from_bbox((-95.3 + n / 500, 37.3, -95.299 + n / 500, 37.301))
    HotSpotBoundary.objects.create(hot_spot=spot, geometry=MultiPolygon(box, srid=4326), drawn_by=boss,
        valid=DateRange(spot.starts_on, None))
    spots.append(spot.pk)
officers = []
for n in range({phones}):
    user = User.objects.create(username=f"officer-{{n}}", roles=["officer"])
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{{"method": "password", "at": time.time(), "username": user.username}}]
    session.save()
    officers.append([user.pk, client.cookies["sessionid"].value])
print(json.dumps({{"spots": spots, "officers": officers}}))
"""
COUNTS = """
SELECT json_build_object(
    'entries', (SELECT count(*) FROM tactics_syncentry),
    'refused', (SELECT count(*) FROM tactics_syncentry WHERE refused),
    'activities', (SELECT count(*) FROM tactics_activity),
    'ended', (SELECT count(*) FROM tactics_activity WHERE ended_at IS NOT NULL),
    'voided', (SELECT count(*) FROM tactics_activity WHERE voided_at IS NOT NULL),
    'patrols', (SELECT count(*) FROM tactics_patrol),
    'stops', (SELECT count(*) FROM tactics_vehiclestop),
    'wrong_officer', (SELECT count(*) FROM tactics_activity AS a JOIN tactics_syncentry AS e ON e.activity = a.id
        WHERE e.officer_id <> a.officer_id))
"""


@dataclass
class Phone:
    officer: int
    session: str
    entries: list[dict[str, Any]]
    chance: random.Random
    device: str = field(default_factory=lambda: str(uuid.uuid4()))
    csrf: str = ""
    cookies: str = ""
    requests: int = 0
    failures: int = 0
    states: dict[str, int] = field(default_factory=dict)

    def ask(self, port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Host": "localhost", "Cookie": f"sessionid={self.session}; {self.cookies}", "X-CSRFToken": self.csrf}
        try:
            connection.request(method, path, body, headers | {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie" and value.startswith("csrftoken="):
                self.cookies = value.split(";")[0]
        return response.status, json.loads(data) if data.startswith(b"{") else {}

    def fetch_state(self, port: int) -> None:
        status, state = self.ask(port, "GET", "/log/state/")
        if status != 200:
            raise OSError(f"/log/state/ answered {status}")
        self.csrf = state["csrf"]

    def send(self, port: int) -> None:
        """One try with all that waits. An answer that gets lost leaves the queue as it was."""
        if not self.csrf:
            self.fetch_state(port)
        sent = {"device": self.device, "sent_at": datetime.now(UTC).isoformat(), "entries": self.entries[:ENTRIES]}
        self.requests += 1
        status, answer = self.ask(port, "POST", "/log/sync/", json.dumps(sent).encode())
        if status != 200:
            raise OSError(f"/log/sync/ answered {status}")
        if self.chance.random() < LOST_ANSWERS:
            raise OSError("the answer was lost")
        for each in answer["answers"]:
            self.states[each["state"]] = self.states.get(each["state"], 0) + 1
        answered = {each["id"] for each in answer["answers"] if each["state"] != "other_officer"}
        self.entries = [entry for entry in self.entries if entry["id"] not in answered]

    def send_all(self, port: int, deadline: float) -> None:
        while self.entries and time.monotonic() < deadline:
            try:
                self.send(port)
            except (OSError, http.client.HTTPException):
                self.failures += 1
                time.sleep(self.chance.uniform(0.2, 1.0))


def queue_of(officer: int, spots: list[int], chance: random.Random) -> list[dict[str, Any]]:
    """A long day without signal: visits one after the other, stops in between, some of which were a mistake."""
    made = datetime.now(UTC) - 720 * MINUTE
    entries: list[dict[str, Any]] = []

    def entry(type_: str, activity: str, **more: Any) -> None:
        common = {"id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "type": type_, "officer": officer}
        entries.append(common | {"made_at": made.isoformat(), "activity": activity} | more)

    stops = []
    for n in range(RECORDS):
        activity = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        where = {"hot_spot": chance.choice(spots), "place": None, "point": None, "assignment": None, "unit": None}
        if n < VISITS:
            begun = {"kind": "directed_patrol", "started_at": made.isoformat(), "operation": None, **where}
            entry("start", activity, **begun)
            made += 8 * MINUTE
            entry(
                "end",
                activity,
                **begun,
                ended_at=made.isoformat(),
                details={"mode": "vehicle", "seen": ["nothing"]},
                note="",
            )
        else:
            stop = {"kind": "vehicle_stop", "started_at": made.isoformat(), "ended_at": made.isoformat(), **where}
            details = {"violation": "speed", "outcomes": ["warning"]}
            entry("log", activity, **stop, recorded="timed", details=details, note="")
            stops.append(activity)
        made += 2 * MINUTE
    for activity in stops[:CANCELS]:
        entry("cancel", activity, why="started by mistake")
    if len(entries) != ENTRIES:
        raise ValueError(len(entries))
    return entries


class Servers:
    """A web server and a queue worker that can be killed as a machine kills them."""

    def __init__(self) -> None:
        self.port = int(services.free_port("the bench", None, 18100))
        self.web = self.start_web()
        self.worker = self.start_worker()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(world.PYTHON), "-m", *command],
            cwd=world.CHECKOUT,
            env=world.environment(world.SYNC),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def start_web(self) -> subprocess.Popen[bytes]:
        bind = f"127.0.0.1:{self.port}"
        return self.start(
            "gunicorn", "config.wsgi", "--workers", "2", "--threads", "4", "--no-control-socket", "--bind", bind
        )

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("celery", "--quiet", "-A", "config", "worker", "--concurrency", "1")

    def kill_web_process(self) -> None:
        """One of the processes that answer; gunicorn starts another."""
        os.kill(next(descendants(self.web.pid)), signal.SIGKILL)

    def kill_web_server(self) -> None:
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()
        time.sleep(1)
        self.web = self.start_web()

    def kill_queue_worker(self) -> None:
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()
        self.worker = self.start_worker()

    def end(self) -> None:
        for process in (self.web, self.worker):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def main() -> list[report.Row]:
    world.empty_database(world.SYNC)
    said = world.manage(world.SYNC, "shell", "--verbosity", "0", "-c", PREPARE.format(phones=PHONES))
    made = json.loads(said.splitlines()[-1])
    phones = []
    for officer, session in made["officers"]:
        chance = random.Random(officer)
        phones.append(Phone(officer, session, queue_of(officer, made["spots"], chance), chance))
    servers = Servers()
    try:
        wait_until_up(phones[0], servers.port)
        seconds, killed = send_from_all(phones, servers)
    finally:
        servers.end()
    return [row(phones, seconds, killed)]


def wait_until_up(phone: Phone, port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return phone.fetch_state(port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def send_from_all(phones: list[Phone], servers: Servers) -> tuple[float, list[str]]:
    deadline = time.monotonic() + GIVE_UP_SECONDS
    threads = [threading.Thread(target=phone.send_all, args=(servers.port, deadline)) for phone in phones]
    # What is killed once so many entries are stored.
    strikes: list[tuple[int, str, Callable[[], None]]] = [
        (800, "a web process", servers.kill_web_process),
        (1600, "the queue worker", servers.kill_queue_worker),
        (2400, "the whole web server", servers.kill_web_server),
        (3600, "a web process again", servers.kill_web_process),
    ]
    killed = []
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        stored = int(world.sql(world.SYNC, "SELECT count(*) FROM tactics_syncentry"))
        if strikes and stored >= strikes[0][0]:
            _, name, kill = strikes.pop(0)
            kill()
            killed.append(f"{name} at {stored:,}")
        time.sleep(0.2)
    return time.perf_counter() - started, killed


def row(phones: list[Phone], seconds: float, killed: list[str]) -> report.Row:
    counts = json.loads(world.sql(world.SYNC, COUNTS))
    waiting = sum(len(phone.entries) for phone in phones)
    expected = {
        "entries": PHONES * ENTRIES,
        "refused": 0,
        "activities": PHONES * RECORDS,
        "ended": PHONES * RECORDS,
        "voided": PHONES * CANCELS,
        "patrols": PHONES * VISITS,
        "stops": PHONES * STOPS,
        "wrong_officer": 0,
    }
    if waiting or counts != expected or len(killed) < 4:
        raise RuntimeError(f"{waiting} entries wait; stored {counts}, wanted {expected}; killed {killed}")
    requests, failures = sum(phone.requests for phone in phones), sum(phone.failures for phone in phones)
    return report.Row(
        f"{PHONES} phones send {ENTRIES} queued entries each while processes are killed",
        "each entry stored once",
        f"{counts['entries']:,} entries, {counts['activities']:,} records",
        f"{expected['entries']:,} entries, {expected['activities']:,} records",
        counts["entries"] / expected["entries"],
        at_least=1,
        note=f"Nothing lost, nothing doubled, every queue empty after {seconds:.1f} s: "
        f"{counts['entries'] / seconds:.0f} entries/s through 2 processes. With SIGKILL: {', '.join(killed)} entries stored. "
        f"{requests} requests with entries; {failures} tries found no server or lost their answer ({LOST_ANSWERS:.0%} of answers "
        "are thrown away) and were made again.",
    )


if __name__ == "__main__":
    report.run_one("sync", main)
