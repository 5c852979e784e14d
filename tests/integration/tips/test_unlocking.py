"""A reviewer's key for the length of a session (A8): half of it here, half in the browser, and neither half is worth anything."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.cookies import Morsel

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests.factories.accounts import PASSWORD
from tests.factories.tips import PASSPHRASE, Reader, make_reader, make_tip
from tips.actions import keys as actions
from tips.sealing import keys
from tips.unlocking import COOKIE, IN_SESSION, about

pytestmark = pytest.mark.django_db
UNLOCK = "/tips/unlock/"
NEEDS_KEY = "/tips/keys/rotate/"
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture
def reader() -> Reader:
    return make_reader()


@pytest.fixture
def client(client_as: Callable[..., Client], reader: Reader) -> Client:
    return client_as(reader.user)


def unlock(client: Client, passphrase: str = PASSPHRASE, **more: str):
    return client.post(UNLOCK, {"passphrase": passphrase, **more})


def is_open(client: Client) -> bool:
    return client.get(NEEDS_KEY).status_code == 200


def cookie_of(client: Client) -> Morsel:
    return client.cookies[COOKIE]


def whole_database() -> Iterator[str]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            yield from (row for (row,) in cursor.fetchall())


# --- what lies where --------------------------------------------------------------------------------------------------


def test_passphrase_opens_the_key_for_this_session(client: Client):
    assert not is_open(client)
    assert unlock(client)["Location"] == reverse("tips")
    assert is_open(client)


def test_cookie_goes_to_the_pages_of_tips_alone_and_to_no_script(client: Client, settings):
    settings.HTTPS = True
    unlock(client)
    cookie = cookie_of(client)
    assert (cookie["path"], cookie["samesite"]) == ("/tips/", "Strict")
    assert cookie["httponly"]
    assert cookie["secure"]
    assert not cookie["max-age"], "it goes when the browser is closed"
    assert not cookie["expires"]


def test_neither_key_nor_passphrase_nor_cookie_is_in_the_database(client: Client, reader: Reader):
    make_tip()
    unlock(client)
    raw, secret = keys.private_bytes(reader.key), base64.urlsafe_b64decode(cookie_of(client).value)
    hidden = [PASSPHRASE, PASSPHRASE.encode().hex(), cookie_of(client).value]
    for value in (raw, secret):
        hidden += [value.hex(), base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode()]
    dump = list(whole_database())
    assert any(bytes(reader.row.public).hex() in row for row in dump), "the dump shows what is there"
    assert not [each for each in hidden if any(each in row for row in dump)]
    decoded = str([session.get_decoded() for session in Session.objects.all()])
    assert IN_SESSION in decoded
    assert not [each for each in hidden if each in decoded]


def test_session_row_environment_and_dump_open_nothing_without_the_cookie(client: Client, reader: Reader):
    """Every secret that the server holds, by itself and derived, on the wrapped key and on the locked one."""
    unlock(client)
    kept = Session.objects.get(session_key=client.session.session_key).get_decoded()[IN_SESSION]
    wrapped = base64.b64decode(kept["wrapped"])
    reader.row.refresh_from_db()
    held = [
        str(value) for value in (*os.environ.values(), settings.SECRET_KEY, settings.DATABASES["default"]["PASSWORD"])
    ]
    held += [client.session.session_key, kept["reader"], str(reader.row.pk), PASSWORD, reader.user.username]
    tried = 0
    for value in filter(None, {*held, *whole_database()}):
        with pytest.raises(keys.CannotOpen):
            keys.unwrap(hashlib.sha256(value.encode()).digest(), wrapped, about=about(reader.row))
        tried += 1
    for value in filter(None, set(held)):
        with pytest.raises(keys.CannotOpen):
            keys.unlock(reader.row.locked, value, about=about(reader.row))
    assert tried > 20
    secret = base64.urlsafe_b64decode(cookie_of(client).value)
    assert keys.unwrap(secret, wrapped, about=about(reader.row)) == keys.private_bytes(reader.key), "the cookie does"


def test_stolen_cookie_opens_nothing_with_another_session(client: Client, reader: Reader, client_as):
    unlock(client)
    for thief in (client_as(reader.user), client_as(make_reader().user), client_as("detective")):
        thief.cookies[COOKIE] = cookie_of(client).value
        assert not is_open(thief)
    other = client_as(make_reader().user)
    unlock(other)
    other.cookies[COOKIE] = cookie_of(client).value
    assert not is_open(other), "not even with an unlocked key of the thief's own"


@pytest.mark.parametrize("value", ["", "x", "%%%", "AAAA", "é" * 20, base64.urlsafe_b64encode(bytes(32)).decode()])
def test_session_without_its_cookie_is_locked(client: Client, value: str):
    unlock(client)
    client.cookies[COOKIE] = value
    assert not is_open(client)
    del client.cookies[COOKIE]
    assert not is_open(client)


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_lock_now_locks(client: Client):
    unlock(client)
    stolen = cookie_of(client).value
    assert client.post(reverse("tip_lock"))["Location"] == reverse("tip_keys")
    assert cookie_of(client).value == ""
    client.cookies[COOKIE] = stolen
    assert not is_open(client)


def test_sign_out_locks_even_who_keeps_the_cookie(client: Client, reader: Reader, client_as):
    unlock(client)
    stolen = cookie_of(client).value
    client.post(reverse("account_logout"))
    again = client_as(reader.user)
    again.cookies[COOKIE] = stolen
    assert not is_open(again)
    assert not any(IN_SESSION in session.get_decoded() for session in Session.objects.all())


def test_session_that_ends_by_idleness_locks(client_as: Callable[..., Client], reader: Reader):
    with time_machine.travel(NOON, tick=False) as clock:
        client = client_as(reader.user)
        reader.user.enabled_at = NOON
        reader.user.save()
        unlock(client)
        clock.shift(timedelta(minutes=settings.IDLE_MINUTES - 1))
        assert is_open(client)
        clock.shift(timedelta(minutes=settings.IDLE_MINUTES))
        assert client.get(NEEDS_KEY).status_code == 302
        assert not any(IN_SESSION in session.get_decoded() for session in Session.objects.all())


def test_retirement_locks(client: Client, reader: Reader):
    other = make_reader()
    unlock(client)
    actions.retire(by=other.user, reader=reader.row, why=actions.Why.KNOWN)
    assert not is_open(client)


def test_loss_of_the_role_locks(client: Client, reader: Reader):
    unlock(client)
    reader.user.roles = ["officer"]
    reader.user.save()
    assert client.get(NEEDS_KEY).status_code == 403


def test_switched_off_person_is_locked_out(client: Client, reader: Reader):
    unlock(client)
    reader.user.is_active = False
    reader.user.save()
    assert client.get(NEEDS_KEY).status_code == 302


# --- the way in -------------------------------------------------------------------------------------------------------


def test_page_that_needs_the_key_leads_to_it_and_back(client: Client):
    answer = client.get(NEEDS_KEY)
    assert answer["Location"] == f"{UNLOCK}?next={NEEDS_KEY.replace('/', '%2F')}"
    assert f'name="next" value="{NEEDS_KEY}"' in client.get(answer["Location"]).content.decode()
    assert unlock(client, next=NEEDS_KEY)["Location"] == NEEDS_KEY


@pytest.mark.parametrize(
    "wished", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_next_leads_nowhere_else(client: Client, wished: str):
    assert "evil" not in client.get(UNLOCK, {"next": wished}).content.decode()
    assert unlock(client, next=wished)["Location"] == reverse("tips")


def test_who_has_no_key_is_led_to_make_one_and_who_waits_is_told(client_as: Callable[..., Client]):
    assert client_as("detective").get(UNLOCK)["Location"] == reverse("tip_key_new")
    waiting = make_reader(status="waiting")
    page = client_as(waiting.user).get(UNLOCK).content.decode()
    assert waiting.row.fingerprint in page
    assert "passphrase" not in unlock(client_as(waiting.user)).content.decode().lower()


def test_wrong_passphrase_is_told_and_recorded_without_it(client: Client, reader: Reader):
    answer = unlock(client, "not the right passphrase")
    assert answer.status_code == 422
    assert "This is not the passphrase." in answer.content.decode()
    assert "not the right passphrase" not in answer.content.decode()
    entry = AuditEntry.objects.get(action=AuditEntry.Action.TIP_KEY_CHANGED)
    assert (entry.actor, entry.subject, entry.details) == (
        reader.user,
        reader.user.username,
        {"change": "wrong passphrase", "fingerprint": reader.row.fingerprint},
    )


def test_five_wrong_passphrases_lock_for_a_quarter_of_an_hour(client_as: Callable[..., Client], reader: Reader):
    with time_machine.travel(NOON, tick=False) as clock:
        reader.user.enabled_at = NOON
        reader.user.save()
        client = client_as(reader.user)
        for _ in range(4):
            clock.shift(timedelta(minutes=1))
            assert "This is not the passphrase." in unlock(client, "wrong").content.decode()
        clock.shift(timedelta(minutes=1))
        assert "wrong 5 times" in unlock(client, "wrong").content.decode()
        changes = list(AuditEntry.objects.order_by("pk").values_list("details__change", flat=True))[-2:]
        assert changes == [actions.WRONG, actions.LOCKED]

        clock.shift(timedelta(minutes=14, seconds=59))
        assert unlock(client).status_code == 422, "not even the right one"
        assert not is_open(client)
        clock.shift(timedelta(seconds=1))
        assert unlock(client).status_code == 302
        assert is_open(client)


def test_lock_holds_in_every_session_and_for_a_change_of_passphrase_but_for_nobody_else(
    client: Client, client_as, reader
):
    for _ in range(5):
        unlock(client, "wrong")
    again, other = client_as(reader.user), make_reader()
    assert unlock(again).status_code == 422
    new = "eleven calm badgers sing"
    change = again.post(reverse("tip_key_passphrase"), {"old": PASSPHRASE, "new": new, "again": new})
    assert "Nothing is tried" in change.content.decode()
    assert unlock(client_as(other.user)).status_code == 302


def test_wrong_passphrases_of_long_ago_do_not_count(client_as: Callable[..., Client], reader: Reader):
    with time_machine.travel(NOON, tick=False) as clock:
        reader.user.enabled_at = NOON
        reader.user.save()
        client = client_as(reader.user)
        for _ in range(9):
            unlock(client, "wrong")
            clock.shift(timedelta(minutes=4))
        assert unlock(client).status_code == 302


def test_changing_the_passphrase_counts_wrong_ones_too(client: Client):
    new = "eleven calm badgers sing"
    for _ in range(5):
        client.post(reverse("tip_key_passphrase"), {"old": "wrong", "new": new, "again": new})
    assert "wrong 5 times" in unlock(client).content.decode()


def test_key_of_another_person_opens_nothing_in_ones_own_session(client: Client, client_as):
    """Somebody brought both halves of a colleague's key together: it is bound to the colleague."""
    unlock(client)
    other = client_as(make_reader().user)
    session = other.session
    session[IN_SESSION] = client.session[IN_SESSION]
    session.save()
    other.cookies[COOKIE] = cookie_of(client).value
    assert is_open(client)
    assert not is_open(other)
