"""A browser's worth of HTTP: connections that are kept open, each asking again as soon as it was answered."""

import http.client
import threading
import time
from collections.abc import Callable

Header = dict[str, str]


def wait_for(port: int, path: str, headers: Header, seconds: float = 60) -> bytes:
    """The first good answer of a server that is coming up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            status, body = ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), path, headers)
            if status == 200:
                return body
            problem = f"{status}: {body[:300]!r}"
        except OSError as error:
            problem = str(error)
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path} does not answer: {problem}")
        time.sleep(0.2)


def ask(connection: http.client.HTTPConnection, path: str, headers: Header) -> tuple[int, bytes]:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def one_by_one(port: int, path: str, headers: Header, times: int, before: Callable[[], None] = lambda: None) -> float:
    """Requests a second with one request at a time; `before` each is not timed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    spent = 0.0
    for _ in range(times):
        before()
        started = time.perf_counter()
        status, _ = ask(connection, path, headers)
        spent += time.perf_counter() - started
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
    return times / spent


def at_once(port: int, path: str, headers: Header, seconds: float, connections: int) -> float:
    """Requests a second over several connections."""
    deadline = time.perf_counter() + seconds
    answered: list[int] = []

    def keep_asking() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        count = 0
        while time.perf_counter() < deadline:
            if ask(connection, path, headers)[0] != 200:
                return
            count += 1
        answered.append(count)

    threads = [threading.Thread(target=keep_asking) for _ in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(answered) < connections:
        raise RuntimeError(f"{path} failed under load")
    return sum(answered) / (time.perf_counter() - started)
