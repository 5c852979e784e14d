"""A year's dosage of 200 hot spots from 500,000 records: the page as a browser gets it, against pandas."""

import contextlib
import json
import math
import shutil
import statistics
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

from bench import client, report, world
from bench.tiles import SIGN_IN, serving

TIMES = 5
ADDRESS = "/dosage/?weeks=52"
STATIC = world.CHECKOUT / "static-collected"
ROWS = Path(__file__).with_suffix(".sql")
MOST_QUERIES = 12
# Run in the product: how often the page asks the database, and the sums that the peer's must equal.
LOOK = """
import json
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounts.models import User
from tactics.queries.dosage import dosage, last_weeks
client = Client()
client.cookies["sessionid"] = {session!r}
client.get({address!r}, headers={{"host": "localhost"}})
with CaptureQueriesContext(connection) as asked:
    answer = client.get({address!r}, headers={{"host": "localhost"}})
done = dosage(last_weeks(52)).delivered
sums = [float(each.sum()) for each in (done.visits, done.officer, done.patrol, done.presence, done.attendance)]
print(json.dumps({{"status": answer.status_code, "queries": len(asked), "sums": sums}}))
"""


def main() -> list[report.Row]:
    prepare()
    session = world.manage(world.DOSAGE, "shell", "--verbosity", "0", "-c", SIGN_IN).split()[-1]
    look = LOOK.format(session=session, address=ADDRESS)
    with collected_static():
        said = json.loads(world.manage(world.DOSAGE, "shell", "--verbosity", "0", "-c", look).splitlines()[-1])
        ours = seconds_of_page(session)
    if said["status"] != 200 or said["queries"] > MOST_QUERIES:
        raise RuntimeError(f"the page answers {said['status']} with {said['queries']} queries")
    peers = [world.measure_peer("dosage.py", world.DOSAGE) for _ in range(TIMES)]
    names = ("visits", "officer", "patrol", "presence", "attendance")
    for name, mine, theirs in zip(names, said["sums"], peers[0].said["sums"], strict=True):
        if not math.isclose(mine, theirs, rel_tol=1e-9):
            raise RuntimeError(f"{name}: {mine} here, {theirs} by pandas")
    our_seconds, peer_seconds = statistics.median(ours), statistics.median(each.said["seconds"] for each in peers)
    number = world.sql(world.DOSAGE, "SELECT count(*) FROM tactics_activity")
    return [
        report.Row(
            "dosage of 200 hot spots by tactic and week over one year, the whole page",
            "pandas from a full read",
            f"{our_seconds:.2f} s",
            f"{peer_seconds:.2f} s",
            peer_seconds / our_seconds,
            at_least=5,
            note=f"{int(number):,} records. Median of {TIMES} requests over HTTP to one process, {said['queries']} queries, with "
            f"plans, what is missing and the last visits, drawn as HTML; pandas after its imports reads the same records ("
            f"{peers[0].said['read']:.2f} s of it) and makes the arrays alone. "
            "Visits, officer-minutes and the three unions are equal.",
        )
    ]


def prepare() -> None:
    """Made once a week: the page counts weeks back from now."""
    monday = "date_trunc('week', now() AT TIME ZONE 'America/Chicago') - interval '51 weeks'"
    second = f"({monday} + interval '1 week') AT TIME ZONE 'America/Chicago'"
    first = f"SELECT count(*) FROM tactics_activity WHERE started_at < {second}"
    if world.exists(world.DOSAGE) and world.sql(world.DOSAGE, first) not in ("", "0"):
        return
    world.empty_database(world.DOSAGE)
    world.manage(world.DOSAGE, "shell", "--verbosity", "0", "-c", SIGN_IN)
    world.run_file(world.DOSAGE, ROWS)
    world.sql(world.DOSAGE, "VACUUM ANALYZE")


@contextlib.contextmanager
def collected_static() -> Iterator[None]:
    """Pages name their files by content. What was not there before is taken away again: it would go stale."""
    was_there = STATIC.exists()
    world.manage(world.DOSAGE, "collectstatic", "--noinput", "--verbosity", "0")
    try:
        yield
    finally:
        if not was_there:
            shutil.rmtree(STATIC)


def seconds_of_page(session: str) -> list[float]:
    headers = {"Cookie": f"sessionid={session}", "Host": "localhost"}
    command = [str(world.PYTHON), "-m", "gunicorn", "config.wsgi", "--workers", "1", "--no-control-socket"]
    taken = []
    with serving(command, world.environment(world.DOSAGE), "--bind", "127.0.0.1:{port}") as port:
        client.wait_for(port, ADDRESS, headers)
        for _ in range(TIMES):
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            started = time.perf_counter()
            status, _ = client.ask(connection, ADDRESS, headers)
            taken.append(time.perf_counter() - started)
            if status != 200:
                raise RuntimeError(f"{ADDRESS} answered {status}")
    return taken


if __name__ == "__main__":
    report.run_one("dosage", main)
