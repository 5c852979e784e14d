"""The tip form as it runs: a process of its own, with its own settings and database role, on the test database."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from django.db import connections
from django.test.client import encode_multipart

from config.settings import BASE_DIR

BOUNDARY = "a-boundary-of-tests"
START_SECONDS = 30


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def token(self) -> str:
        return hidden(self.text, "token")

    @property
    def words(self) -> str:
        """The receipt, as a person would write it down."""
        listed = re.search(r'<ol class="words">(.*?)</ol>', self.text, re.DOTALL)
        return " ".join(re.findall(r"<li>(.*?)</li>", listed.group(1))) if listed else ""


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return unescape(found.group(1)) if found else ""


@dataclass
class Upload:
    """A file as `encode_multipart` takes one."""

    content: bytes
    name: str = "IMG_0001.jpg"
    content_type: str = "image/jpeg"

    def read(self) -> bytes:
        return self.content


@dataclass
class Form:
    """The running process."""

    port: int
    log: Path
    temporary: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body or None, {"Host": "localhost", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=_named(headers))

    def post(self, path: str, fields: Mapping[str, str], photos: Sequence[bytes] = (), **headers: str) -> Answer:
        """As a browser sends it under no-referrer: `Origin: null`, no Referer."""
        files = [Upload(photo) for photo in photos]
        if files:
            body = encode_multipart(BOUNDARY, {**fields, "photos": files})
            kind = f"multipart/form-data; boundary={BOUNDARY}"
        else:
            body, kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        sent = {"Content-Type": kind, "Origin": "null", "Sec-Fetch-Site": "same-origin", **_named(headers)}
        return self.ask("POST", path, body, sent)

    def send(self, language: str = "en", photos: Sequence[bytes] = (), **fields: str) -> Answer:
        """Fill in the form and press Send."""
        token = self.get(f"/{language}/").token
        return self.post(f"/{language}/", {"send": "1", "token": token, **fields}, photos)

    def come_back(self, words: str, language: str = "en") -> Answer:
        return self.post(f"/{language}/back/", {"receipt": words})


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def running_form(folder: Path, **environment: str) -> Iterator[Form]:
    port, log, temporary = _free_port(), folder / "intake.log", folder / "temporary"
    temporary.mkdir(exist_ok=True)
    named = {
        **os.environ,
        "DB_NAME": str(connections["owner"].settings_dict["NAME"]),
        "TIP_FORM_URL": f"http://localhost:{port}",
        "DEMO": "false",
        "TMPDIR": str(temporary),
        **environment,
    }
    named.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "gunicorn", "config.intake_wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "4", "--log-level", "error", "--no-control-socket"]
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=BASE_DIR, env=named, stdout=written, stderr=subprocess.STDOUT)
        try:
            form = Form(port, log, temporary, process)
            _wait_for(form)
            yield form
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(form: Form) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert form.process.poll() is None, form.log.read_text()
        try:
            if form.get("/healthz/").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"The tip form does not answer: {form.log.read_text()}")
