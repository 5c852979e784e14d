"""Tips accepted a second through the anonymous form, beside the same form on Django's defaults; 50 senders at once; what each \
safeguard costs."""

import http.client
import json
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from bench import client, report, world
from bench.tiles import serving

Result = TypeVar("Result")

WORKERS, THREADS = 2, 4
CONNECTIONS, TIPS, MOST_SECONDS, WARM_UP = 8, 600, 30, 40
ROUNDS = 3
AT_ONCE, TIMES_AT_ONCE = 50, 5
LEAST_RATIO, MOST_SECONDS_AT_ONCE, LEAST_SHARE = 0.25, 1.0, 0.95
REVIEWERS = 5
WHAT = "Cars stop for a minute at the back door of the blue house, all night long. " * 5
FIELDS = {"what": WHAT, "where": "17th and Main", "when": "most nights", "who": "A green truck"}
PREPARE = """
from accounts.models import User
from django.utils import timezone
from tips.models import ReaderKey
from tips.sealing import keys
for n in range({reviewers}):
    user = User.objects.create(username=f"reviewer-{{n}}", roles=["detective"])
    public = keys.public_bytes(keys.new_key())
    ReaderKey.objects.create(user=user, public=public, locked=b"none", status="active", let_in_by=user, let_in_at=timezone.now())
ReaderKey.objects.create(kind="recovery", public=keys.public_bytes(keys.new_key()), status="active")
"""


@dataclass(frozen=True)
class Side:
    """One of the two forms, as its own pages want to be filled in."""

    token: re.Pattern[str]
    sent: dict[str, str]
    good: int

    def fetch(self, connection: http.client.HTTPConnection, cookies: dict[str, str]) -> dict[str, str]:
        """The form, filled in."""
        page = self.ask(connection, "GET", {}, cookies)
        token = self.token.search(page)
        if not token:
            raise RuntimeError(f"the form has no token: {page[:300]}")
        return FIELDS | self.sent | {token[1]: token[2]}

    def send(self, connection: http.client.HTTPConnection, cookies: dict[str, str], fields: dict[str, str]) -> None:
        self.ask(connection, "POST", fields, cookies)

    def ask(
        self, connection: http.client.HTTPConnection, method: str, fields: dict[str, str], cookies: dict[str, str]
    ) -> str:
        headers = {"Host": "localhost", **({"Cookie": "; ".join(cookies.values())} if cookies else {})}
        body = None
        if fields:
            border = "a-border-that-nobody-types"
            parts = [
                f'--{border}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
            ]
            body = ("".join(parts) + f"--{border}--\r\n").encode()
            headers["Content-Type"] = f"multipart/form-data; boundary={border}"
        connection.request(method, "/en/", body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status != (self.good if fields else 200):
            raise RuntimeError(f"{method} was answered {response.status}: {text[:300]}")
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookies[value.split("=")[0]] = value.split(";")[0]
        return text


OURS = Side(re.compile(r'name="(token)" value="([^"]+)"'), {"send": "1"}, 200)
PEER = Side(re.compile(r'name="(csrfmiddlewaretoken)" value="([^"]+)"'), {}, 302)


def main() -> list[report.Row]:
    prepare()
    rates: dict[str, list[float]] = {"ours": [], "defaults": [], "kept": []}
    for _ in range(ROUNDS):  # in turns, so that both sides have the machine in the same moods
        rates["ours"].append(with_ours(lambda port: rate(OURS, port)))
        rates["defaults"].append(with_peer(lambda port: rate(PEER, port)))
        rates["kept"].append(with_peer(lambda port: rate(PEER, port), keeps="1"))
    ours, defaults, kept = (statistics.median(rates[name]) for name in ("ours", "defaults", "kept"))
    waits = with_ours(lambda port: [at_once(OURS, port) for _ in range(TIMES_AT_ONCE)])
    peer_waits = with_peer(lambda port: [at_once(PEER, port) for _ in range(TIMES_AT_ONCE)])
    return [row_of_rate(ours, defaults, kept, steps()), row_at_once(waits, peer_waits)]


def row_of_rate(ours: float, defaults: float, kept: float, cost: dict[str, float]) -> report.Row:
    note = (
        f"{WORKERS} processes of {THREADS} threads on each side, {CONNECTIONS} connections, {TIPS} tips, median of {ROUNDS} "
        f"turns; ours is sealed to {REVIEWERS} reviewers and the recovery key. The peer is a project as Django begins one, with "
        "a ModelForm and one model; the page after its redirect is not fetched. By default it connects to the database anew for "
        f"each request; with kept connections, as ours has them, it takes {kept:.0f} tips/s, of which ours is "
        f"{ours / kept:.2f} ×. The client shares the cores with the servers. {costs(cost)}"
    )
    return report.Row(
        "anonymous tips accepted, form fetched and sent",
        "the same form on Django's defaults",
        f"{ours:.0f} tips/s",
        f"{defaults:.0f} tips/s",
        ours / defaults,
        at_least=LEAST_RATIO,
        note=note,
    )


def costs(cost: dict[str, float]) -> str:
    c = {name: f"{value:.2f}" for name, value in cost.items()}
    return (
        f"What each safeguard costs, in ms of processor time: the receipt's slow hash {c['argon']} (its words {c['words']}); new "
        f"keys and sealing to 1 reviewer and the recovery key {c['readers 1']}, to 5 {c['readers 5']}, to 20 {c['readers 20']} "
        f"({c['padding']} of it padding); the form's token in place of a cookie {c['token']}; narrowing the request "
        f"{c['narrowing']}; headers {c['headers']}. A photo of 12 megapixels and {cost['photo megabytes']} MB: "
        f"{cost['photo']:.0f} to make it anew from its pixels, {c['photo sealed']} to pad it to "
        f"{cost['photo kept megabytes']} MB and seal it. The database, in ms until it answers: the count of the budget "
        f"{c['budget']}, the readers' keys {c['asking for readers']}, the insert {c['insert waited']} ({c['insert']} of it "
        "processor time here)."
    )


def row_at_once(turns: list[list[float]], peer_turns: list[list[float]]) -> report.Row:
    waits, theirs = sorted(chain(*turns)), sorted(chain(*peer_turns))
    within = sum(wait <= MOST_SECONDS_AT_ONCE for wait in waits) / len(waits)
    late, middle = (waits[min(len(waits) - 1, int(len(waits) * share))] for share in (LEAST_SHARE, 0.5))
    return report.Row(
        f"{AT_ONCE} senders press Send at once: 95 % answered within",
        "the target",
        f"{late:.2f} s",
        f"{MOST_SECONDS_AT_ONCE:g} s",
        late / MOST_SECONDS_AT_ONCE,
        at_most=1,
        note=f"{len(turns)} times {AT_ONCE}: {within:.1%} within a second; half within {middle:.2f} s, the last after "
        f"{waits[-1]:.2f} s. Django's defaults: 95 % within {theirs[int(len(theirs) * LEAST_SHARE)]:.2f} s.",
    )


def prepare() -> None:
    world.empty_database(world.TIPS)
    world.manage(world.TIPS, "shell", "--verbosity", "0", "-c", PREPARE.format(reviewers=REVIEWERS))
    command = [str(world.PYTHON), str(world.PEERS / "plain_tips.py"), "prepare"]
    subprocess.run(command, env=peer_environment(), check=True, capture_output=True)


def with_ours(measured: Callable[[int], Result]) -> Result:
    return served(gunicorn("config.intake_wsgi"), world.environment(world.TIPS), measured)


def with_peer(measured: Callable[[int], Result], keeps: str = "") -> Result:
    command = gunicorn("plain_tips:application", "--chdir", str(world.PEERS))
    return served(command, peer_environment() | {"PEER_KEEPS": keeps}, measured)


def peer_environment() -> dict[str, str]:
    return world.environment(world.TIPS) | {"PEER_DATABASE": world.url(world.TIPS)}


def gunicorn(application: str, *more: str) -> list[str]:
    many = ["--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "error", "--no-control-socket"]
    return [str(world.PYTHON), "-m", "gunicorn", application, *many, *more]


def served(command: list[str], environment: dict[str, str], measured: Callable[[int], Result]) -> Result:
    with serving(command, environment, "--bind", "127.0.0.1:{port}") as port:
        client.wait_for(port, "/en/", {"Host": "localhost"})
        return measured(port)


def rate(side: Side, port: int) -> float:
    """Tips a second over several connections, each of which asks again as soon as it was answered."""
    send_some(side, port, WARM_UP)
    started = time.perf_counter()
    sent = send_some(side, port, TIPS)
    return sent / (time.perf_counter() - started)


def send_some(side: Side, port: int, number: int) -> int:
    deadline, failed, counts = time.perf_counter() + MOST_SECONDS, list[BaseException](), list[int]()

    def keep_sending() -> None:
        connection, cookies, count = http.client.HTTPConnection("127.0.0.1", port, timeout=60), dict[str, str](), 0
        try:
            while count < number // CONNECTIONS and time.perf_counter() < deadline:
                side.send(connection, cookies, side.fetch(connection, cookies))
                count += 1
        except (OSError, http.client.HTTPException, RuntimeError) as problem:
            failed.append(problem)
        counts.append(count)

    run([threading.Thread(target=keep_sending) for _ in range(CONNECTIONS)])
    if failed:
        raise failed[0]
    return sum(counts)


def at_once(side: Side, port: int) -> list[float]:
    """Seconds that each waits when all of them send in the same moment; each has its form open before."""
    waits, failed, gate = list[float](), list[BaseException](), threading.Barrier(AT_ONCE)

    def send() -> None:
        cookies = dict[str, str]()
        try:
            fields = side.fetch(http.client.HTTPConnection("127.0.0.1", port, timeout=60), cookies)
            gate.wait(60)
            started = time.perf_counter()
            side.send(http.client.HTTPConnection("127.0.0.1", port, timeout=60), cookies, fields)
            waits.append(time.perf_counter() - started)
        except (OSError, http.client.HTTPException, RuntimeError) as problem:  # a broken barrier is a RuntimeError too
            failed.append(problem)
            gate.abort()

    run([threading.Thread(target=send) for _ in range(AT_ONCE)])
    if failed:
        raise failed[0]
    return waits


def run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def steps() -> dict[str, float]:
    command = [str(world.PYTHON), str(world.PEERS / "tip_steps.py")]
    done = subprocess.run(command, env=world.environment(world.TIPS), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    report.run_one("tips", main)
