"""200 people send a tip while the process of the form is killed and the database started again, with nothing else running."""

import html
import http.client
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from os import kill as send_signal
from urllib.parse import urlencode

import pytest

from tests.integration.hotspots.processes import child_of, kill, wait_until
from tests.integration.tips.installation import Installation, installation
from tips.sealing.receipts import open_receipt, read_receipt

pytestmark = pytest.mark.services

SENDERS = 200
GIVE_UP_SECONDS = 75
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Of each tip: whether it opens with its receipt, and whether it is whole.
WHOLE = """
SELECT tip.receipt, (SELECT count(*) FROM tips_keycopy WHERE tip_id = tip.id),
    (SELECT array_agg(kind || position) FROM tips_message WHERE tip_id = tip.id)
FROM tips_tip AS tip
"""
ORPHANS = """
SELECT (SELECT count(*) FROM tips_message WHERE NOT EXISTS (SELECT FROM tips_tip WHERE id = tip_id))
    + (SELECT count(*) FROM tips_keycopy WHERE NOT EXISTS (SELECT FROM tips_tip WHERE id = tip_id))
"""


class Senders:
    """People who each want one tip sent. Whoever sees a page that says it was not taken, or none, tries again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lock = threading.Lock()
        self.receipts: list[tuple[str, str]] = []  # the phase in which it was shown, and its words
        self.tries: Counter[str] = Counter()
        self.phase = "nothing was killed yet"
        self.deadline = time.monotonic() + GIVE_UP_SECONDS
        self.threads = [threading.Thread(target=self.send, args=(number,)) for number in range(SENDERS)]

    def send(self, number: int) -> None:
        while time.monotonic() < self.deadline:
            outcome = "no answer"
            with suppress(OSError, http.client.HTTPException):
                outcome = self.try_once(number)
            with self.lock:
                self.tries[outcome] += 1
            if outcome == "receipt":
                return
            time.sleep(0.2)  # a person presses Send again

    def try_once(self, number: int) -> str:
        page = self.ask("GET", "")[1]
        token = re.search(r'name="token" value="([^"]+)"', page)
        if not token:
            return "no form"
        fields = {"what": f"Tip {number}", "token": token[1], "send": "1"}
        status, page = self.ask("POST", urlencode(fields))
        if status != 200:
            return f"answered {status}"
        listed = re.search(r'<ol class="words">(.*?)</ol>', page, re.DOTALL)
        assert listed, "a page that says neither that it was taken nor that it was not"
        words = " ".join(html.unescape(word) for word in re.findall(r"<li>(.*?)</li>", listed[1]))
        with self.lock:
            self.receipts.append((self.phase, words))
        return "receipt"

    def ask(self, method: str, body: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, "/en/", body or None, FORM if body else {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def number_shown(self) -> int:
        with self.lock:
            return len(self.receipts)


@pytest.fixture
def bare(django_db_setup: None) -> Iterator[Installation]:
    """Only the database: no Redis, no worker, no staff web."""
    with installation() as made:
        made.kill_redis()
        yield made


def test_every_receipt_that_was_shown_opens_a_whole_tip(bare: Installation) -> None:
    processes = [bare.start_intake()]

    def kill_a_worker() -> None:
        send_signal(child_of(processes[-1]), signal.SIGKILL)

    def kill_all_of_it() -> None:
        kill(processes[-1])
        processes.append(bare.start_intake())

    # What happens once so many receipts were shown.
    strikes: list[tuple[int, str, Callable[[], None]]] = [
        (10, "a worker was killed", kill_a_worker),
        (45, "the whole form was killed", kill_all_of_it),
        (80, "the database was restarted (fast)", lambda: bare.restart_database("fast")),
        (115, "the database was restarted (immediate)", lambda: bare.restart_database("immediate")),
        (150, "a worker was killed again", kill_a_worker),
    ]
    try:
        wait_until("the tip form answers", bare.answers)
        senders = Senders(bare.port)
        for thread in senders.threads:
            thread.start()
        for number, phase, strike in strikes:
            wait_until(f"{number} receipts were shown", lambda n=number: senders.number_shown() >= n)
            with senders.lock:
                senders.phase = phase  # of what is shown from the strike on
            strike()
        for thread in senders.threads:
            thread.join()
    finally:
        kill(processes[-1])

    phases = Counter(phase for phase, _ in senders.receipts)
    sys.stdout.write(f"receipts: {dict(phases)}; tries: {dict(senders.tries)}\n")
    assert sum(phases.values()) == SENDERS, senders.tries
    assert all(phases[phase] > 0 for _, phase, _ in strikes), phases
    assert senders.tries["no answer"] > 0  # or nothing was struck

    tips = {bytes(receipt): (copies, messages) for receipt, copies, messages in bare.run(WHOLE)}
    assert all(tip == (1, ["tip1"]) for tip in tips.values())
    assert bare.run(ORPHANS) == [(0,)]
    salt = bytes(bare.run("SELECT salt FROM tips_salt")[0][0])
    for _, words in senders.receipts:
        opened = open_receipt(read_receipt(words), salt)
        assert opened.stored in tips
        assert len(bare.run("SELECT tip FROM tips_opened(%s)", opened.stored)) == 1
