"""The mailbox of tips@, against a real IMAP server."""

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.tips.imap import PASSWORD, Cutter, ImapServer, cutter, imap_server
from tips.mail import poll as polling
from tips.mail.box import MailBox, MailboxAway, MailGone, MailRefused
from tips.mail.clean import MailTip
from tips.mail.poll import Polled, poll

KEY = b"k" * 32


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImapServer]:
    with imap_server(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.authority))
        yield running


@pytest.fixture
def proxy(server: ImapServer) -> Iterator[Cutter]:
    with cutter(server.ports["plain"]) as cutting:
        yield cutting


def mail(text: str) -> bytes:
    return f"From: Maria <maria.lopez@example.net>\r\nSubject: {text}\r\n\r\nCANARY {text}\r\n".encode()


class Database:
    """A tip and the marker of its mail in one step, as a transaction has them."""

    def __init__(self) -> None:
        self.tips: list[str] = []
        self.markers: set[str] = set()

    def store(self, tip: MailTip, digest: str) -> None:
        assert digest not in self.markers
        self.markers.add(digest)
        self.tips.append(tip.text.partition("\n")[0])

    def known(self, digest: str) -> bool:
        return digest in self.markers

    def forget(self, digest: str) -> None:
        self.markers.remove(digest)

    def poll(self, box: object, store: object = None) -> Polled:
        return poll(box, store=store or self.store, seen=self, key=KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize("door", ["ssl", "starttls", "plain", "old"])
def test_mails_become_tips_in_order_and_leave_the_box(server, door):
    server.append(*(mail(f"number {number}") for number in range(3)))
    database = Database()
    with server.box(door) as box:
        assert database.poll(box) == Polled(stored=3, left=frozenset())
    assert database.tips == ["number 0", "number 1", "number 2"]
    assert not database.markers
    assert server.left() == []


def test_two_hundred_mails(server):
    server.append(*(mail(f"number {number}") for number in range(200)))
    database = Database()
    with server.box() as box:
        assert database.poll(box).stored == 200
    assert database.tips == [f"number {number}" for number in range(200)]
    assert server.left() == []


def test_equal_mails_are_two_tips(server):
    server.append(mail("same"), mail("same"))
    database = Database()
    with server.box() as box:
        database.poll(box)
    assert database.tips == ["same", "same"]


def test_fetched_mail_stays_unread_and_whole(server):
    raw = mail("x") + bytes(range(128, 256)) * 1000
    server.append(raw)
    with server.box() as box:
        [(uid, _validity)] = box.waiting()
        assert box.fetch(uid) == raw
    assert b"\\Seen" not in server.flags()[0]


COMMANDS = [b"CAPABILITY", b"AUTHENTICATE", b"SELECT", b"UID SEARCH", b"UID FETCH", b"UID STORE", b"UID EXPUNGE"]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("command", COMMANDS)
def test_connection_cut_at_any_step_neither_loses_nor_doubles(server, proxy, command, after):
    server.append(mail("one"), mail("two"), mail("one"))
    database = Database()
    proxy.cut_at, proxy.after = command, after
    with pytest.raises(MailboxAway), server.box(port=proxy.port) as box:
        database.poll(box)
    assert any(command in data for data in proxy.heard)
    proxy.cut_at = b"\0never"
    with server.box(port=proxy.port) as box:
        database.poll(box)
    assert sorted(database.tips) == ["one", "one", "two"]
    assert server.left() == []


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("step", ["waiting", "fetch", "store before", "store after", "delete", "forget"])
def test_process_that_dies_at_any_step_neither_loses_nor_doubles(server, step, monkeypatch):
    server.append(mail("one"), mail("two"))
    database = Database()

    def die(*_arguments: object) -> None:
        raise Crash

    def store(tip: MailTip, digest: str) -> None:
        if step == "store after":
            database.store(tip, digest)
        if step.startswith("store"):
            raise Crash
        database.store(tip, digest)

    with server.box() as box, monkeypatch.context() as patch:
        if not step.startswith("store"):
            patch.setattr(database if step == "forget" else box, step, die)
        with pytest.raises(Crash):
            database.poll(box, store)
    with server.box() as box:
        polled = database.poll(box)
    assert database.tips == ["one", "two"]
    assert server.left() == []
    assert polled.left == frozenset()
    assert polled.known == (step in ("store after", "delete"))
    assert len(database.markers) == (2 if step == "forget" else 0)


def test_mail_that_fails_to_store_stays_and_stops_no_other(server, caplog):
    server.append(mail("one"), mail("broken"), mail("three"))
    database = Database()

    def store(tip: MailTip, digest: str) -> None:
        if tip.text.startswith("broken"):
            raise ValueError(tip.text)
        database.store(tip, digest)

    with caplog.at_level(0), server.box() as box:
        polled = database.poll(box, store)
    assert (polled.stored, polled.failed) == (2, 1)
    assert server.left() == [mail("broken")]
    assert len(polled.left) == 1
    assert not caplog.records


@pytest.mark.parametrize("step", ["fetch", "delete"])
def test_refused_mail_stops_no_other(server, step, monkeypatch):
    server.append(mail("one"), mail("two"), mail("three"))
    database = Database()
    with server.box() as box:
        asked, refused = getattr(box, step), box.waiting()[1][0]

        def refuse(uid: int) -> bytes | None:
            if uid == refused:
                raise MailRefused
            return asked(uid)

        monkeypatch.setattr(box, step, refuse)
        polled = database.poll(box)
    assert server.left() == [mail("two")]
    assert (polled.stored, polled.failed, polled.undeleted) == ((2, 1, 0) if step == "fetch" else (3, 0, 1))
    assert (polled.left is None) == (step == "fetch")
    assert database.markers == (polled.left or set())


def test_server_that_says_yes_and_keeps_the_mail_gives_one_tip(server, monkeypatch):
    server.append(mail("one"))
    database = Database()
    with server.box() as box, monkeypatch.context() as patch:
        patch.setattr(box, "delete", lambda uid: None)
        assert database.poll(box).undeleted == 1
        assert database.poll(box).known == 1
    with server.box() as box:
        database.poll(box)
    assert database.tips == ["one"]
    assert not database.markers


def test_mail_taken_by_somebody_else_meanwhile_is_passed_over(server, monkeypatch):
    server.append(mail("one"))
    with server.box() as box:
        listed = box.waiting()
        gone = listed[0][0] + 1000
        with pytest.raises(MailGone):
            box.fetch(gone)
        lists = iter([[(gone, listed[0][1]), *listed]])
        waiting = box.waiting
        monkeypatch.setattr(box, "waiting", lambda: next(lists, None) or waiting())
        database = Database()
        assert database.poll(box) == Polled(stored=1, left=frozenset())
    assert database.tips == ["one"]


def test_without_uidplus_nothing_that_others_deleted_is_lost(server):
    with cutter(server.ports["old"]) as proxy:
        server.append(mail("one"), mail("flagged by somebody"))
        server.flag_deleted(2)
        with server.box(port=proxy.port) as box:
            [(first, _validity), _other] = box.waiting()
            box.delete(first)
        assert len(server.left()) == 2, "EXPUNGE would have taken both"
        database = Database()
        with server.box(port=proxy.port) as box:
            database.poll(box)
        assert database.tips == ["one", "flagged by somebody"]
        assert not database.markers
        assert server.left() == []
        assert not any(b"UID EXPUNGE" in data for data in proxy.heard)


def test_with_uidplus_only_our_mail_is_expunged(server):
    server.append(mail("one"), mail("flagged by somebody"))
    server.flag_deleted(2)
    with server.box() as box:
        box.delete(box.waiting()[0][0])
    assert server.left() == [mail("flagged by somebody")]


def test_folder_made_anew_with_other_numbers(server):
    server.make_folder("Tips")
    server.append(mail("one"), folder="Tips")
    database = Database()
    with server.box(folder="Tips") as box:
        [(uid, before)] = box.waiting()
        database.poll(box)
    server.make_folder("Tips")
    server.append(mail("one"), folder="Tips")
    with server.box(folder="Tips") as box:
        [(again, validity)] = box.waiting()
        assert again == uid
        assert validity != before
        database.poll(box)
    assert database.tips == ["one", "one"]


def test_digest_tells_nothing_without_the_key_and_everything_apart():
    digests = {
        polling.digest_of(b"x", 1, 2, key=KEY), polling.digest_of(b"x", 2, 1, key=KEY), polling.digest_of(b"x", 12, 2, key=KEY),
        polling.digest_of(b"y", 1, 2, key=KEY), polling.digest_of(b"x", 1, 2, key=b"l" * 32),
    }  # fmt: skip
    assert len(digests) == 5
    with pytest.raises(ValueError, match="too short"):
        poll(None, store=print, seen=None, key=b"")  # type: ignore[arg-type]


def away(box: MailBox) -> str:
    """What it says, after a look that nothing else stands behind it."""
    with pytest.raises(MailboxAway) as caught, box:
        pass
    whole = "".join(traceback.format_exception(caught.value))
    assert PASSWORD not in whole
    assert "wrong" not in whole
    assert caught.value.__context__ is caught.value.__cause__ is None
    return str(caught.value)


def test_wrong_password(server):
    assert "TIP_IMAP_PASSWORD" in away(server.box(password="wrong"))
    assert "wrong" not in repr(server.box(password="wrong"))


def test_server_that_is_away(server):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert "cannot be reached" in away(server.box(port=port))


def test_server_that_does_not_answer(server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "cannot be reached" in away(server.box(port=silent.getsockname()[1], timeout=0.2))


def test_folder_that_is_not_there(server):
    assert "TIP_IMAP_FOLDER" in away(server.box(folder="Nowhere"))


@pytest.mark.parametrize("door", ["ssl", "starttls"])
def test_certificate_that_nobody_vouches_for(server, door, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate" in away(server.box(door))


def test_password_is_never_sent_where_tls_is_not_offered(server, proxy):
    assert "TIP_IMAP_TLS" in away(server.box(port=proxy.port, tls="starttls"))
    assert not any(b"AUTHENTICATE" in data or b"LOGIN" in data for data in proxy.heard)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": "mail.example.net", "tls": "none"}, "readable on the way"),
        ({"host": "localhost", "tls": "maybe"}, "TIP_IMAP_TLS"),
        ({"host": "localhost", "folder": "Año"}, "ASCII"),
        ({"host": "localhost", "folder": 'x"\r\nA DELETE INBOX'}, "ASCII"),
    ],
)
def test_settings_that_cannot_be_meant(options, words):
    with pytest.raises(ValueError, match=words):
        MailBox(user="tips", password="x", **options)
