"""The recovery key on the server's command line, with real tips."""

import io
import re

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory
from tests.factories.tips import WHAT, make_reader, make_recovery, make_tip
from tips.actions import keys as actions
from tips.models import KeyCopy, Message, ReaderKey
from tips.sealing import keys
from tips.sealing.paper import read_key, write_key
from tips.unlocking import Unlocked

pytestmark = pytest.mark.django_db
PAPER = re.compile(r"(?:(?:[0-9A-Z]{4} ){5}[0-9A-Z]{4}\n){3}")


@pytest.fixture
def typed(monkeypatch):
    """What comes in on standard input."""

    def make(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return make


def run(command: str, *arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def paper(key: keys.PrivateKey) -> str:
    return write_key(keys.private_bytes(key))


def test_recovery_key_is_printed_once_and_kept_nowhere():
    out, _ = run("make_recovery_key")
    printed = PAPER.search(out).group()
    made = ReaderKey.objects.get(kind="recovery")
    raw = read_key(printed)
    assert keys.public_bytes(keys.private_key(raw)) == bytes(made.public)
    assert made.fingerprint in out
    assert bytes(made.locked) == b""
    assert "Two people" in out
    assert "Catch up" not in out, "there is no tip"
    entry = AuditEntry.objects.get(action=AuditEntry.Action.TIP_KEY_CHANGED)
    assert (entry.actor, entry.subject) == (None, "recovery key")
    assert raw.hex() not in str(entry.details)
    assert printed.split()[0] not in str(entry.details)


def test_recovery_key_is_not_replaced_by_accident():
    reader = make_reader()
    run("make_recovery_key")
    old = ReaderKey.objects.get(kind="recovery")
    make_tip()
    with pytest.raises(CommandError, match="--replace"):
        run("make_recovery_key")
    out, _ = run("make_recovery_key", "--replace")
    assert "Tips that are there, 1, are not sealed to it yet" in out
    old.refresh_from_db()
    assert (old.status, old.copies.count()) == ("retired", 0)
    made = ReaderKey.objects.active().get(kind="recovery")
    assert actions.catch_up(by=reader.user, unlocked=Unlocked(reader.row, reader.key), reader=made).number == 1


def test_drill_opens_every_tip_and_shows_none(typed):
    make_reader()
    recovery, key = make_recovery()
    for photos in ((), (b"\xff\xd8 photo",), ()):
        make_tip(photos=photos)
    typed(paper(key))
    with time_machine.travel("2026-03-02T18:00Z", tick=False):
        out, err = run("recovery_drill")
    assert "Tips: 3. Opened with the recovery key: 3." in out
    assert WHAT not in out + err
    recovery.refresh_from_db()
    assert recovery.drilled_at.isoformat() == "2026-03-02T18:00:00+00:00"
    assert AuditEntry.objects.filter(details__change="recovery drill passed", details__tips=3).exists()


@pytest.mark.parametrize("what", ["without a copy", "damaged copy", "damaged message", "message of another tip"])
def test_drill_does_not_pass_where_a_tip_stays_shut(typed, what):
    make_reader()
    recovery, key = make_recovery()
    tip, other = make_tip().tip, make_tip().tip
    copies, messages = KeyCopy.objects.filter(tip=tip, reader=recovery), Message.objects.filter(tip=tip)
    if what == "without a copy":
        copies.delete()
    elif what == "damaged copy":
        copies.update(sealed=bytes(113))
    elif what == "damaged message":
        messages.update(sealed=bytes(5000))
    else:
        messages.update(sealed=other.messages.get().sealed)
    typed(paper(key))
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="did not pass"):
        call_command("recovery_drill", stdout=out, stderr=err)
    assert "Opened with the recovery key: 1." in out.getvalue()
    assert ("Not sealed to it: 1" if what == "without a copy" else f"Damaged: 1: {tip.short}") in err.getvalue()
    recovery.refresh_from_db()
    assert recovery.drilled_at is None


@pytest.mark.parametrize("command", [("recovery_drill",), ("recover_tips", "--reviewer", "robin")])
def test_mistyped_recovery_key_is_told_by_its_group(typed, command):
    make_reader(UserFactory(username="robin", roles=["detective"]), status="waiting")
    _, key = make_recovery()
    groups = paper(key).split()
    for wrong, match in (
        ([*groups[:4], "UUUU", *groups[5:]], "group 5 "),
        (groups[:-1], "these are 17"),
        ([*groups[:16], *reversed(groups[16:])], "Mistyped somewhere"),
        (paper(keys.new_key()).split(), "not the one in use"),
    ):
        typed(" ".join(wrong))
        with pytest.raises(CommandError, match=match):
            run(*command)
    assert ReaderKey.objects.get(user__username="robin").status == "waiting"


def test_drill_without_a_recovery_key_says_so(typed):
    typed(paper(keys.new_key()))
    with pytest.raises(CommandError, match="There is no recovery key"):
        run("recovery_drill")


def test_recover_tips_lets_in_a_reviewer_who_lost_everything(typed):
    reader = make_reader(UserFactory(username="robin", roles=["detective"]))
    _, key = make_recovery()
    make_tip()
    run("retire_tip_key", "robin", "--why", "lost")
    made = actions.make_key(by=reader.user, passphrase="eleven calm badgers sing")
    assert made.reader.status == "waiting"
    typed(paper(key).replace("\n", " ").lower())
    out, _ = run("recover_tips", "--reviewer", "robin", "--digits", made.reader.fingerprint)
    assert "Copied for it: 1 that were there." in out
    assert made.reader.fingerprint in out
    made.reader.refresh_from_db()
    assert (made.reader.status, made.reader.copies.count()) == ("active", 1)


def test_recover_tips_lets_nobody_in_whose_digits_differ(typed):
    waiting = make_reader(UserFactory(username="robin", roles=["detective"]), status="waiting")
    _, key = make_recovery()
    typed(paper(key))
    with pytest.raises(CommandError, match="not the digits"):
        run("recover_tips", "--reviewer", "robin", "--digits", "0000 0000 0000 0000 0000")
    waiting.row.refresh_from_db()
    assert waiting.row.status == "waiting"


def test_recover_tips_catches_up_a_reviewer_who_is_in(typed):
    _, key = make_recovery()
    make_tip()
    reader = make_reader(UserFactory(username="robin", roles=["detective"]))
    typed(paper(key))
    run("recover_tips", "--reviewer", "robin")
    assert reader.row.copies.count() == 1


@pytest.mark.parametrize(
    ("username", "match"), [("nobody", "nobody with the username"), ("casey", "has no key"), ("alex", "no detective")]
)
def test_recover_tips_says_why_not(typed, username, match):
    UserFactory(username="casey", roles=["detective"])
    officer = UserFactory(username="alex", roles=["officer"])
    make_reader(officer, status="waiting")
    _, key = make_recovery()
    typed(paper(key))
    with pytest.raises(CommandError, match=match):
        run("recover_tips", "--reviewer", username)


def test_retire_tip_key_gives_tips_up_only_when_told_to(typed):
    reader = make_reader(UserFactory(username="robin", roles=["detective"]))
    make_tip()
    with pytest.raises(CommandError, match="--give-up-tips"):
        run("retire_tip_key", "robin")
    out, err = run("retire_tip_key", "robin", "--give-up-tips", "--why", "lost")
    assert "is retired" in out
    assert "Given up, for nobody can open them: 1." in err
    entry = AuditEntry.objects.get(details__change="retired")
    assert (entry.details["tips_given_up"], entry.details["why"]) == (1, "passphrase lost")

    made = actions.make_key(by=reader.user, passphrase="eleven calm badgers sing")
    printed = PAPER.search(run("make_recovery_key")[0]).group()
    typed(printed)
    run("recover_tips", "--reviewer", "robin")
    made.reader.refresh_from_db()
    assert made.reader.status == "active", "there is a way on from there"


def test_retire_tip_key_of_nobody_says_so():
    UserFactory(username="casey")
    for username in ("nobody", "casey"):
        with pytest.raises(CommandError, match="has a key"):
            run("retire_tip_key", username)
