"""Ways in, and what keeps them shut: the second factor, the notice, locks, idle time, disuse (checks S4 and S5)."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.actions import release_lock, reset_sign_in, set_active
from accounts.models import AuditEntry
from accounts.tasks import clear_expired_sessions
from tests.factories.accounts import PASSWORD, UserFactory, totp_secret

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def without_notice(settings):
    settings.SIGN_IN_NOTICE = False


def give_password(client, username="robin", password=PASSWORD):
    return client.post(LOGIN, {"login": username, "password": password})


def code_of(user):
    return format_hotp_value(hotp_value(totp_secret(user), int(time.time()) // 30))


def is_in(client):
    return client.get("/people/").status_code != 302


def actions_of(**fields):
    return list(AuditEntry.objects.filter(**fields).order_by("pk").values_list("action", flat=True))


# The second factor


def test_password_alone_does_not_sign_in_who_has_a_second_factor(client):
    UserFactory(username="robin", roles=["administrator"])
    assert give_password(client)["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)


def test_code_signs_in_and_is_used_once(client):
    with time_machine.travel(NOON, tick=False):
        user = UserFactory(username="robin", roles=["administrator"], enabled_at=NOON)
        code = code_of(user)
        give_password(client)
        assert client.post(reverse("mfa_authenticate"), {"code": code})["Location"] == "/"
        assert is_in(client)

        other = Client()
        give_password(other)
        answer = other.post(reverse("mfa_authenticate"), {"code": code})
        assert b"has been used already" in answer.content
        assert not is_in(other)


def test_recovery_code_works_once_and_is_recorded(client):
    user = UserFactory(username="robin", roles=["administrator"])
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    for visitor, gets_in in ((client, True), (Client(), False)):
        give_password(visitor)
        visitor.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(visitor) is gets_in
    assert "second_factor_changed" in actions_of(actor=user)


def test_new_factor_needs_the_password_again(client_as):
    client = client_as(UserFactory(second_factor=False))
    address = reverse("mfa_activate_totp")
    assert client.get(address)["Location"].startswith(reverse("account_reauthenticate"))
    client.post(f"{reverse('account_reauthenticate')}?next={address}", {"password": "wrong"})
    assert client.get(address).status_code == 302
    client.post(f"{reverse('account_reauthenticate')}?next={address}", {"password": PASSWORD})
    assert client.get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_house_and_gives_recovery_codes(client_as):
    user = UserFactory(second_factor=False, roles=["administrator"])
    client = client_as(user)
    address = reverse("mfa_activate_totp")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": address})
    secret = client.get(address).context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post(address, {"code": code})["Location"] == reverse("mfa_view_recovery_codes")
    page = client.get(reverse("mfa_view_recovery_codes"))
    assert len(page.context["unused_codes"]) == 10
    assert page.context["can_view_codes"]
    assert not client.get(reverse("mfa_view_recovery_codes")).context["can_view_codes"]
    assert is_in(client)
    assert "second_factor_changed" in actions_of(actor=user)


def test_session_from_before_the_second_factor_has_to_show_it(client_as):
    user = UserFactory(second_factor=False, roles=["administrator"])
    old = client_as(user)
    TOTP.activate(user, generate_totp_secret())
    assert old.get("/people/")["Location"].startswith(reverse("mfa_reauthenticate"))
    for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_change_password"):
        assert old.get(reverse(name))["Location"].startswith(reverse("mfa_reauthenticate"))
    old.post(reverse("mfa_reauthenticate"), {"code": code_of(user)})
    assert is_in(old)


@pytest.mark.parametrize(
    ("headers", "status", "where"),
    [
        ({"HX-Request": "true"}, 200, "HX-Redirect"),
        ({"Sec-Fetch-Dest": "empty"}, 401, None),
        ({"Sec-Fetch-Dest": "document"}, 302, "Location"),
    ],
)
def test_fragments_and_data_are_told_rather_than_sent_a_page(client, client_as, headers, status, where):
    for visitor in (client, client_as(UserFactory(second_factor=False))):
        answer = visitor.get("/map/", headers=headers)
        assert answer.status_code == status
        assert where is None or answer.headers[where].startswith("/accounts/")


def test_secret_of_an_app_is_not_readable_in_the_database():
    user = UserFactory()
    stored = Authenticator.objects.get(user=user).data["secret"]
    assert totp_secret(user) not in stored


@pytest.mark.parametrize("required", [True, False])
def test_last_factor_stays_while_one_is_required(client_as, settings, required):
    settings.SECOND_FACTOR_REQUIRED = required
    client = client_as("officer")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "/"})
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=client.user).exists() is required


# One-time passwords


def test_one_time_password_has_to_be_replaced_first(client):
    user = UserFactory(username="robin", second_factor=False)
    password = reset_sign_in(by=None, person=user, second_factor=False)
    give_password(client, password=password)
    change = reverse("account_change_password")
    for address in ("/map/", "/", reverse("mfa_index"), reverse("mfa_activate_totp")):
        assert client.get(address)["Location"].startswith(change)
    same = {"oldpassword": password, "password1": password, "password2": password}
    assert b"must differ" in client.post(change, same).content
    own = "harvest lantern quilt 9"
    client.post(change, {"oldpassword": password, "password1": own, "password2": own})
    user.refresh_from_db()
    assert not user.password_is_temporary
    assert user.check_password(own)
    assert "password_changed" in actions_of(actor=user)


@pytest.mark.parametrize("bad", ["short", "password1234", "robinrobin12", "123456789012"])
def test_weak_password_is_refused(client_as, bad):
    user = UserFactory(username="robinrobin1")
    client = client_as(user)
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": bad, "password2": bad})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_reset_of_a_sign_in_ends_sessions_and_removes_factors(client_as, administrator):
    client = client_as("administrator")
    reset_sign_in(by=administrator, person=client.user, second_factor=True)
    assert not is_in(client)
    assert not Authenticator.objects.filter(user=client.user).exists()


def test_switching_off_ends_sessions(client_as, administrator):
    client = client_as("administrator")
    assert is_in(client)
    set_active(by=administrator, person=client.user, active=False)
    assert not is_in(client)


# CJIS Security Policy 5.9.5


def test_five_failures_in_fifteen_minutes_lock_until_released(client):
    with time_machine.travel(NOON, tick=False) as clock:
        user = UserFactory(username="robin", second_factor=False, enabled_at=NOON)
        for _ in range(5):
            give_password(client, password="wrong")
            clock.shift(timedelta(minutes=3, seconds=40))
        user.refresh_from_db()
        assert user.locked_at
        assert b"is locked" in give_password(client).content
        clock.shift(timedelta(days=30))
        assert b"is locked" in give_password(client).content
        release_lock(by=None, person=user)
        assert give_password(client).status_code == 302
        assert "sign_in_locked" in actions_of(subject="robin")


@pytest.mark.parametrize("minutes", [3.8, 4])
def test_failures_spread_over_more_than_fifteen_minutes_do_not_lock(client, minutes):
    with time_machine.travel(NOON, tick=False) as clock:
        user = UserFactory(username="robin", second_factor=False, enabled_at=NOON)
        for _ in range(12):
            give_password(client, password="wrong")
            clock.shift(timedelta(minutes=minutes))
        user.refresh_from_db()
        assert not user.locked_at


def test_failures_before_a_success_are_forgotten(client):
    with time_machine.travel(NOON, tick=False) as clock:
        user = UserFactory(username="robin", second_factor=False, enabled_at=NOON)
        for attempts in (4, 4):
            for _ in range(attempts):
                give_password(Client(), password="wrong")
            clock.shift(timedelta(seconds=1))
            give_password(Client())
            clock.shift(timedelta(seconds=1))
        user.refresh_from_db()
        assert not user.locked_at


def test_wrong_codes_lock_as_wrong_passwords_do(client):
    user = UserFactory(username="robin")
    give_password(client)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    user.refresh_from_db()
    assert user.locked_at
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(user)})["Location"].startswith(LOGIN)
    assert not is_in(client)


def test_unknown_name_gets_the_answers_of_a_known_one(client):
    UserFactory(username="robin")
    answers = []
    for name in ("robin", "nobody"):
        told = [b"is locked" in give_password(Client(), name, "wrong").content for _ in range(7)]
        answers.append(told)
    assert answers[0] == answers[1] == [False] * 5 + [True] * 2
    assert not AuditEntry.objects.filter(subject__contains="nobody").exists()


def test_notice_is_acknowledged_before_sign_in(client, settings):
    settings.SIGN_IN_NOTICE = True
    UserFactory(username="robin", second_factor=False)
    notice = reverse("sign_in_notice")
    for address in (LOGIN, reverse("mfa_login_webauthn")):
        assert client.get(address)["Location"].startswith(notice)
    assert give_password(client)["Location"].startswith(notice)
    assert b"monitored" in client.get(notice).content
    assert client.post(notice, {"next": LOGIN})["Location"] == LOGIN
    assert give_password(client)["Location"] != notice
    client.post(reverse("account_logout"))
    assert client.get(LOGIN)["Location"].startswith(notice)


def test_notice_does_not_send_anybody_elsewhere(client):
    answer = client.post(reverse("sign_in_notice"), {"next": "https://elsewhere.example/"})
    assert answer["Location"] == LOGIN


def test_half_an_hour_without_use_ends_the_session(client_as):
    with time_machine.travel(NOON, tick=False) as clock:
        client = client_as(UserFactory(roles=["administrator"], enabled_at=NOON))
        for _ in range(3):
            assert is_in(client)
            clock.shift(timedelta(minutes=29))
        assert is_in(client)
        clock.shift(timedelta(minutes=30))
        answer = client.get("/people/", follow=True)
        assert b"after 30 minutes without use" in answer.content
        assert actions_of(actor=client.user)[-1] == "signed_out"


def test_twelve_hours_end_the_session_in_use(client_as):
    with time_machine.travel(NOON, tick=False) as clock:
        client = client_as(UserFactory(roles=["administrator"], enabled_at=NOON))
        for _ in range(48):
            assert is_in(client)
            clock.shift(timedelta(minutes=15))
        assert not is_in(client)


def test_ninety_days_without_use_switch_a_sign_in_off(client):
    with time_machine.travel(NOON, tick=False) as clock:
        user = UserFactory(username="robin", second_factor=False, roles=["administrator"], enabled_at=NOON)
        clock.shift(timedelta(days=89, hours=23))
        assert give_password(client)["Location"] == "/"
        user.refresh_from_db()
        clock.shift(timedelta(days=90))
        assert b"switched off" in client.post(LOGIN, {"login": "robin", "password": PASSWORD}, follow=True).content
        release_lock(by=None, person=user)
        assert give_password(Client())["Location"] == "/"


# The trail of it


def test_sign_in_and_out_are_recorded(client, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    user = UserFactory(username="robin", second_factor=False)
    give_password(client, password="wrong")
    give_password(client)
    client.post(reverse("account_logout"))
    assert actions_of(actor=user) == ["signed_in", "signed_out"]
    assert actions_of(subject="robin") == ["sign_in_failed"]
    assert not AuditEntry.objects.filter(details__contains={"password": "wrong"}).exists()


def test_signing_out_needs_a_post(client_as):
    client = client_as("administrator")
    client.get(reverse("account_logout"))
    assert is_in(client)
    client.post(reverse("account_logout"))
    assert not is_in(client)


def test_password_never_reaches_the_history():
    user = UserFactory()
    user.set_password("another harvest quilt")
    user.save()
    assert not any("md5$" in str(value) for event in user.events.values() for value in event.values())


def test_expired_sessions_are_cleared_and_others_kept(client_as):
    client_as("officer")
    Session.objects.create(session_key="old", session_data="", expire_date=NOON - timedelta(days=3000))
    clear_expired_sessions()
    assert Session.objects.count() == 1
    assert not Session.objects.filter(session_key="old").exists()
