"""The pages of keys: what each shows to whom, and what it does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.tips import PASSPHRASE, Reader, make_reader, make_recovery, make_tip
from tips.models import KeyCopy, ReaderKey
from tips.queries import intake
from tips.queries.keys_overview import DRILL_EVERY
from tips.sealing.tips import Told, seal_tip

pytestmark = pytest.mark.django_db
NEW = "eleven calm badgers sing"
KEYS = "/tips/keys/"


@pytest.fixture
def opened(client_as: Callable[..., Client]) -> Callable[[Reader], Client]:
    """A reviewer whose key is unlocked."""

    def make(reader: Reader) -> Client:
        client = client_as(reader.user)
        assert client.post(reverse("tip_unlock"), {"passphrase": PASSPHRASE}).status_code == 302
        return client

    return make


def shown(client: Client, address: str = KEYS) -> str:
    return " ".join(client.get(address).content.decode().split())


def to(name: str, reader: Reader) -> str:
    return reverse(name, args=[reader.row.pk])


# --- setting up -------------------------------------------------------------------------------------------------------


def test_detective_without_a_key_is_asked_to_set_one_up(client_as: Callable[..., Client]):
    page = shown(client_as("detective"))
    assert reverse("tip_key_new") in page
    assert "Nobody can open tips, so the tip form takes none." in page
    assert reverse("tip_key_new") not in shown(client_as("auditor"))


def test_first_key_is_active_and_unlocked(client_as: Callable[..., Client]):
    client = client_as("detective")
    page = shown(client, reverse("tip_key_new"))
    assert "Nobody can reset it" in page
    assert page.count('autocomplete="new-password"') == 2
    answer = client.post(reverse("tip_key_new"), {"new": NEW, "again": NEW})
    assert answer["Location"] == KEYS
    key = ReaderKey.objects.get()
    assert (key.user, key.status) == (client.user, "active")
    page = shown(client)
    assert key.fingerprint in page
    assert "Unlocked until you sign out" in page
    assert reverse("tip_lock") in page


def test_second_key_waits_with_its_digits_shown(client_as: Callable[..., Client]):
    make_reader()
    client = client_as("detective")
    client.post(reverse("tip_key_new"), {"new": NEW, "again": NEW})
    page = shown(client)
    assert ReaderKey.objects.get(user=client.user).fingerprint in page
    assert "call another reviewer and read out your digits" in page
    assert client.get(reverse("tip_key_new"))["Location"] == KEYS
    assert client.post(reverse("tip_key_new"), {"new": NEW, "again": NEW})["Location"] == KEYS
    assert ReaderKey.objects.filter(user=client.user).count() == 1


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("thirteen char", "thirteen char", "too short"),
        ("aaaaaaaabbbbbbbb", "aaaaaaaabbbbbbbb", "too few different"),
        ("robin sings at noon", "robin sings at noon", "Your username is in it"),
        ("example and exampl", "example and exampl", None),
        ("1q2w3e4r5t6y7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p", "too common"),
        (PASSWORD, PASSWORD, "The two must differ"),
        (NEW, NEW + "x", "not the same"),
        (NEW, "", "required"),
        ("x" * 201, "x" * 201, "at most 200"),
    ],
)
def test_passphrase_that_is_weak_is_refused(client_as: Callable[..., Client], new: str, again: str, told: str | None):
    user = UserFactory(username="robin", roles=["detective"], last_name="Zhang", first_name="Al")
    answer = client_as(user).post(reverse("tip_key_new"), {"new": new, "again": again})
    assert (answer.status_code == 422) == bool(told)
    assert ReaderKey.objects.exists() != bool(told)
    if told:
        page = answer.content.decode()
        assert told in page
        assert f'value="{new}"' not in page


def test_passphrase_is_the_same_however_the_keyboard_sends_accents(client_as: Callable[..., Client]):
    client = client_as("detective")
    composed, split = "caf\u00e9 negro sin azucar", "cafe\u0301 negro sin azucar"
    client.post(reverse("tip_key_new"), {"new": composed, "again": split})
    assert client.post(reverse("tip_unlock"), {"passphrase": split}).status_code == 302
    assert client.post(reverse("tip_unlock"), {"passphrase": f" {split}"}).status_code == 422, "spaces count"


# --- the page of keys -------------------------------------------------------------------------------------------------


def test_page_shows_who_opens_how_much(client_as: Callable[..., Client]):
    first = make_reader()
    make_tip()
    second = make_reader()
    make_tip()
    page = shown(client_as("auditor"))
    for words in (str(first.user), str(second.user), first.row.fingerprint, "Opens 2 of 2 tips", "Opens 1 of 2 tips"):
        assert words in page
    assert "1 tip this key cannot open." in page
    assert "Catch up" not in page
    assert "Let in" not in page
    assert "Retire<" not in page
    assert "There is no recovery key" in page


def test_page_warns_of_a_single_reviewer(client_as: Callable[..., Client]):
    make_reader()
    client = client_as("administrator")
    assert "If that passphrase is lost, nobody can." in shown(client)
    make_recovery()
    assert "only the recovery key is left" in shown(client)
    make_reader()
    assert "Only one reviewer" not in shown(client)


@pytest.mark.parametrize("change", [{"roles": ["officer"]}, {"is_active": False}])
def test_page_tells_of_a_holder_who_is_no_reviewer_any_more(client_as: Callable[..., Client], change):
    make_reader()
    gone = make_reader()
    for name, value in change.items():
        setattr(gone.user, name, value)
    gone.user.save()
    page = shown(client_as("administrator"))
    assert "Not a reviewer" in page
    assert "gets no tips. Retire the key." in page
    assert to("tip_key_retire", gone) in page
    assert "Only one reviewer can open tips." in page


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (None, "Nobody has tried the recovery key yet"),
        (DRILL_EVERY, "The recovery drill is overdue"),
        (DRILL_EVERY - timedelta(hours=1), None),
    ],
)
def test_page_tells_when_the_drill_is_due(client_as: Callable[..., Client], ago: timedelta | None, told: str | None):
    recovery, _ = make_recovery()
    if ago:
        ReaderKey.objects.filter(pk=recovery.pk).update(drilled_at=timezone.now() - ago)
    page = shown(client_as("auditor"))
    assert recovery.fingerprint in page
    assert (">due<" in page) == bool(told)
    if told:
        assert told in page


def test_retired_keys_stay_listed(client_as: Callable[..., Client]):
    reader = make_reader()
    ReaderKey.objects.filter(pk=reader.row.pk).update(status="retired", retired_at=timezone.now())
    page = shown(client_as("auditor"))
    assert "by the server" in page
    assert reader.row.fingerprint in page


@pytest.mark.parametrize("name", ["tip_keys", "tip_key_let_in"])
def test_page_takes_the_same_queries_for_one_and_three(opened, name: str):
    client, counts = opened(make_reader()), []
    for number in (1, 2):
        for _ in range(number):
            waiting = make_reader(status="waiting")
            retired = make_reader()
            make_tip()
            ReaderKey.objects.filter(pk=retired.row.pk).update(status="retired", retired_at=timezone.now())
            make_reader()
        address = reverse(name) if name == "tip_keys" else to(name, waiting)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- letting in -------------------------------------------------------------------------------------------------------


def test_reviewer_lets_somebody_in_after_comparing_digits(opened):
    first = make_reader()
    make_tip()
    waiting = make_reader(status="waiting")
    client = opened(first)
    assert to("tip_key_let_in", waiting) in shown(client)
    assert waiting.row.fingerprint in shown(client, to("tip_key_let_in", waiting))
    answer = client.post(to("tip_key_let_in", waiting), {"which": "all"})
    assert answer.status_code == 422, "the digits were not compared"
    assert client.post(to("tip_key_let_in", waiting), {"which": "all", "compared": "on"})["Location"] == KEYS
    waiting.row.refresh_from_db()
    assert (waiting.row.status, waiting.row.let_in_by, waiting.row.copies.count()) == ("active", first.user, 1)
    page = shown(client)
    assert f"let in by {first.user}" in page
    assert "1 earlier tip can be opened too." in page
    assert "can open tips now." in page


def test_reviewer_lets_somebody_in_for_tips_to_come(opened):
    first = make_reader()
    make_tip()
    waiting = make_reader(status="waiting")
    client = opened(first)
    client.post(to("tip_key_let_in", waiting), {"which": "later", "compared": "on"})
    waiting.row.refresh_from_db()
    assert (waiting.row.status, waiting.row.copies.count()) == ("active", 0)
    assert "Catch up: 1 tip" in shown(client)


def test_nobody_lets_in_while_locked_or_themselves(client_as: Callable[..., Client], opened):
    first, waiting = make_reader(), make_reader(status="waiting")
    for client in (client_as(first.user), client_as(waiting.user)):
        answer = client.post(to("tip_key_let_in", waiting), {"which": "all", "compared": "on"})
        assert answer["Location"] == reverse("tip_unlock")
    assert opened(first).get(to("tip_key_let_in", first)).status_code == 403
    waiting.row.refresh_from_db()
    assert waiting.row.status == "waiting"


def test_key_that_does_not_wait_any_more_says_so(opened):
    first, active = make_reader(), make_reader()
    client = opened(first)
    assert "does not wait to be let in" in shown(client, to("tip_key_let_in", active))
    client.post(to("tip_key_let_in", active), {"which": "all", "compared": "on"})
    assert "does not wait to be let in" in shown(client)


def test_reviewer_catches_up_another_and_the_recovery_key(opened):
    first = make_reader()
    make_tip()
    second, (recovery, _) = make_reader(), make_recovery()
    client = opened(first)
    assert shown(client).count("Catch up: 1 tip") == 2
    for key in (second.row, recovery):
        assert client.post(reverse("tip_key_catch_up", args=[key.pk]))["Location"] == KEYS
        assert key.copies.count() == 1
    assert "Catch up" not in shown(client)
    assert client.get(to("tip_key_catch_up", second)).status_code == 405


def test_damaged_copies_are_told(opened):
    first = make_reader()
    tip, second = make_tip().tip, make_reader()
    KeyCopy.objects.filter(tip=tip).update(sealed=bytes(113))
    client = opened(first)
    client.post(to("tip_key_catch_up", second))
    assert "1 tip is damaged for you too." in shown(client)


def test_nothing_is_caught_up_for_who_is_no_reviewer_any_more(opened):
    first = make_reader()
    make_tip()
    gone = make_reader()
    gone.user.roles = ["officer"]
    gone.user.save()
    client = opened(first)
    assert "Catch up" not in shown(client)
    client.post(to("tip_key_catch_up", gone))
    assert "is no detective" in shown(client)
    assert not gone.row.copies.exists()


# --- one's own key ----------------------------------------------------------------------------------------------------


def test_passphrase_is_changed_with_the_old_one(client_as: Callable[..., Client]):
    reader = make_reader()
    client = client_as(reader.user)
    given = {"old": PASSPHRASE, "new": NEW, "again": NEW}
    assert client.get(reverse("tip_key_passphrase")).status_code == 200
    wrong = client.post(reverse("tip_key_passphrase"), given | {"old": "not it"})
    assert "This is not the passphrase." in wrong.content.decode()
    same = client.post(reverse("tip_key_passphrase"), given | {"new": PASSPHRASE, "again": PASSPHRASE})
    assert "must differ from the one now" in same.content.decode()
    assert client.post(reverse("tip_key_passphrase"), given)["Location"] == KEYS
    assert client.post(reverse("tip_unlock"), {"passphrase": NEW}).status_code == 302
    assert AuditEntry.objects.filter(details__change="passphrase changed", actor=reader.user).count() == 1


@pytest.mark.parametrize("status", ["waiting", None])
def test_passphrase_of_no_active_key_is_not_changed(client_as: Callable[..., Client], status: str | None):
    client = client_as(make_reader(status=status).user if status else "detective")
    assert client.get(reverse("tip_key_passphrase"))["Location"] == reverse("tip_unlock")


def test_new_key_takes_the_place_of_the_old_and_stays_unlocked(opened):
    reader = make_reader()
    make_tip()
    client, other = opened(reader), opened(reader)
    assert client.get(reverse("tip_key_rotate")).status_code == 200
    assert client.post(reverse("tip_key_rotate"), {"new": NEW, "again": "other"}).status_code == 422
    assert client.post(reverse("tip_key_rotate"), {"new": NEW, "again": NEW})["Location"] == KEYS
    fresh = ReaderKey.objects.active().get(user=reader.user)
    assert fresh.pk != reader.row.pk
    assert fresh.copies.count() == 1
    assert client.get(reverse("tip_key_rotate")).status_code == 200, "unlocked here"
    assert other.get(reverse("tip_key_rotate")).status_code == 302, "locked in another browser"


def test_tip_that_came_for_the_old_key_is_there_after_the_next_unlocking(opened):
    reader = make_reader()
    readers = intake.readers()
    client = opened(reader)
    client.post(reverse("tip_key_rotate"), {"new": NEW, "again": NEW})
    tip = seal_tip(Told({"what": "x"}), keys_of_readers=readers, channel="mail", language="en", now=timezone.now())
    intake.store(tip)
    assert client.post(reverse("tip_unlock"), {"passphrase": NEW}).status_code == 302
    assert [copy.reader.status for copy in KeyCopy.objects.filter(tip=tip.id)] == ["active"]


def test_new_key_while_another_waits_is_refused(opened):
    reader = make_reader()
    client = opened(reader)
    make_reader(reader.user, status="waiting")
    answer = client.post(reverse("tip_key_rotate"), {"new": NEW, "again": NEW})
    assert "Another key of yours waits" in answer.content.decode()


def test_lost_passphrase_retires_the_key_and_leads_to_a_new_one(client_as: Callable[..., Client]):
    reader, _ = make_reader(), make_recovery()
    make_tip()
    client = client_as(reader.user)
    assert "It opens nothing any more, even if you remember later." in shown(client, reverse("tip_key_lost"))
    assert client.post(reverse("tip_key_lost")).status_code == 422, "nobody does this by accident"
    assert client.post(reverse("tip_key_lost"), {"sure": "on"})["Location"] == reverse("tip_key_new")
    reader.row.refresh_from_db()
    assert (reader.row.status, reader.row.copies.count()) == ("retired", 0)
    client.post(reverse("tip_key_new"), {"new": NEW, "again": NEW})
    assert ReaderKey.objects.get(user=reader.user, status="waiting").copies.count() == 0
    assert client.get(reverse("tip_key_lost")).status_code == 200


def test_lost_passphrase_that_is_the_last_way_in_is_told_and_kept(client_as: Callable[..., Client]):
    reader = make_reader()
    make_tip()
    client = client_as(reader.user)
    page = shown(client, reverse("tip_key_lost"))
    assert "Your key stays for now." in page
    assert f"manage.py retire_tip_key {reader.user.username} --why lost --give-up-tips" in page
    assert client.post(reverse("tip_key_lost"), {"sure": "on"}).status_code == 422
    reader.row.refresh_from_db()
    assert reader.row.status == "active"


def test_who_has_no_key_has_lost_none(client_as: Callable[..., Client]):
    assert client_as("detective").get(reverse("tip_key_lost"))["Location"] == reverse("tip_key_new")


# --- retiring ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "detective"])
def test_key_is_retired_with_a_reason(client_as: Callable[..., Client], role: str):
    make_reader()
    gone = make_reader()
    make_tip()
    client = client_as(role)
    assert client.post(to("tip_key_retire", gone), {"why": "other"}).status_code == 422
    assert client.post(to("tip_key_retire", gone), {"why": "no longer reviews tips"})["Location"] == KEYS
    gone.row.refresh_from_db()
    assert (gone.row.status, gone.row.retired_by, gone.row.copies.count()) == ("retired", client.user, 0)
    entry = AuditEntry.objects.get(details__change="retired")
    assert (entry.actor, entry.subject) == (client.user, gone.user.username)


def test_last_way_in_is_not_retired_and_the_page_says_why(client_as: Callable[..., Client]):
    reader = make_reader()
    make_tip()
    client = client_as("administrator")
    assert "could be opened by nobody any more" in shown(client, to("tip_key_retire", reader))
    assert client.post(to("tip_key_retire", reader), {"why": "passphrase lost"}).status_code == 422
    reader.row.refresh_from_db()
    assert reader.row.status == "active"


def test_recovery_key_is_retired_by_no_page(client_as: Callable[..., Client]):
    recovery, _ = make_recovery()
    address = reverse("tip_key_retire", args=[recovery.pk])
    assert client_as("administrator").post(address, {"why": "passphrase lost"}).status_code == 403


def test_auditor_sees_keys_and_changes_none(client_as: Callable[..., Client]):
    reader, client = make_reader(), client_as("auditor")
    assert client.get(KEYS).status_code == 200
    assert client.post(to("tip_key_retire", reader), {"why": "passphrase lost"}).status_code == 403
    assert client.post(to("tip_key_let_in", reader), {"which": "all", "compared": "on"}).status_code == 403
