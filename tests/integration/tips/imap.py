"""A real IMAP server for tests, and a proxy in front of it that cuts the connection."""

import imaplib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tips.mail.box import MailBox

USER, PASSWORD = "tips", 'Pa"ss\\wörd 7'


@dataclass
class ImapServer:
    ports: dict[str, int]
    authority: Path  # the certificate to trust

    def box(self, door: str = "plain", **options: object) -> MailBox:
        known = {"ssl": "ssl", "starttls": "starttls"}
        where = {"host": "localhost", "port": self.ports[door], "tls": known.get(door, "none")}
        return MailBox(**{**where, "user": USER, "password": PASSWORD, "timeout": 10, **options})  # type: ignore[arg-type]

    @contextmanager
    def session(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """As another program that has the same mailbox open."""
        with imaplib.IMAP4("127.0.0.1", self.ports["plain"], timeout=10) as imap:
            imap.authenticate("PLAIN", lambda _challenge: f"\0{USER}\0{PASSWORD}".encode())
            imap.select(folder)
            yield imap

    def append(self, *mails: bytes, folder: str = "INBOX") -> None:
        with self.session() as imap:
            for mail in mails:
                assert imap.append(folder, "", "", mail)[0] == "OK"

    def left(self, folder: str = "INBOX") -> list[bytes]:
        with self.session(folder) as imap:
            uids = imap.uid("SEARCH", "ALL")[1][0].split()
            return [imap.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1][0][1] for uid in uids]

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        with self.session(folder) as imap:
            return [line for line in imap.uid("FETCH", "1:*", "(FLAGS)")[1] if line]

    def make_folder(self, name: str) -> None:
        """Anew, with another UIDVALIDITY, if there is one."""
        with self.session() as imap:
            imap.delete(name)
            assert imap.create(name)[0] == "OK"

    def flag_deleted(self, number: int) -> None:
        with self.session() as imap:
            imap.store(str(number), "+FLAGS", r"(\Deleted)")


@contextmanager
def imap_server(folder: Path) -> Iterator[ImapServer]:
    certificate, key = certify(folder)
    command = [
        sys.executable,
        str(Path(__file__).with_name("imap_server.py")),
        USER,
        PASSWORD,
        str(certificate),
        str(key),
    ]
    with (folder / "imap.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    assert process.stdin
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line, (folder / "imap.log").read_text()
        yield ImapServer(json.loads(line), certificate)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "imap.crt", folder / "imap.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@dataclass
class Cutter:
    """A proxy that hangs up when a command goes by: before the server hears it, or after it has answered."""

    target: int
    cut_at: bytes = b"\0never"
    after: bool = False
    heard: list[bytes] = field(default_factory=list)
    port: int = 0


@contextmanager
def cutter(target: int) -> Iterator[Cutter]:
    listening = socket.create_server(("127.0.0.1", 0))
    proxy = Cutter(target, port=listening.getsockname()[1])
    threads: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _address = listening.accept()
                thread = threading.Thread(target=carry, args=(client, proxy))
                threads.append(thread)
                thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield proxy
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for thread in [accepting, *threads]:
            thread.join(timeout=10)


def carry(client: socket.socket, proxy: Cutter) -> None:
    with client, socket.create_connection(("127.0.0.1", proxy.target)) as server:
        cut = threading.Event()
        back = threading.Thread(target=copy, args=(server, client, lambda _data: cut.is_set()))
        back.start()
        with suppress(OSError):
            while data := client.recv(65536):
                proxy.heard.append(data)
                if proxy.cut_at in data:
                    cut.set()  # the answer does not come through
                    if proxy.after:
                        server.sendall(data)
                        server.sendall(
                            b"*\r\n" * (b"AUTHENTICATE" in data) + b"x LOGOUT\r\n"
                        )  # so that it is known to have been heard
                        back.join(timeout=10)
                    break
                server.sendall(data)
        for each in (server, client):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        back.join(timeout=10)


def copy(source: socket.socket, target: socket.socket, swallow: Callable[[bytes], bool]) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if not swallow(data):
                target.sendall(data)
        target.shutdown(socket.SHUT_WR)
