"""Ways in, through a real browser."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from accounts.actions import reset_sign_in
from accounts.models import User
from tests.factories.accounts import PASSWORD, UserFactory, totp_secret
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 320, "height": 600}
OWN = "harvest lantern quilt 9"


def code(secret: str) -> str:
    """The code of now, with time left to type it in."""
    left = 30 - time.time() % 30
    time.sleep(left if left < 8 else 0)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_password(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    if agree := page.get_by_role("button", name="I have read this").all():
        agree[0].click()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("viewport", [DESK, SMALL], ids=["desk", "small"])
def test_way_to_sign_in_is_accessible_and_fits(new_context, axe, fits, viewport):
    page = new_context(viewport).new_page()
    page.goto("/people/")
    expect(page.get_by_role("heading", name="Before you sign in")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="I have read this").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    axe(page)
    fits(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.get_by_label("Username").evaluate("field => field.matches(':invalid')")


def test_new_person_chooses_a_password_sets_up_an_app_and_signs_in_with_a_code(new_context, axe, fits):
    user = UserFactory(username="robin", roles=["administrator"], second_factor=False)
    page = new_context(PHONE).new_page()
    first = reset_sign_in(by=None, person=user, second_factor=True)
    give_password(page, "robin", first)

    expect(page.get_by_role("heading", name="Choose your own password")).to_be_visible()
    axe(page)
    page.get_by_label("Password now").fill(first)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("New password again").fill(OWN)
    page.get_by_role("button", name="Change password").click()

    page.goto("/people/")
    expect(page.get_by_text("You need a second factor")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_label("Password").fill(OWN)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Set up an authenticator app")).to_be_visible()
    axe(page)
    fits(page)
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("Code that the app shows").fill(code(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.locator(".house-codes li")).to_have_count(10)
    axe(page)
    page.goto("/people/")
    expect(page.get_by_role("heading", name="People")).to_be_visible()

    again = new_context(DESK).new_page()
    give_password(again, "robin", OWN)
    expect(again.get_by_role("heading", name="Second step")).to_be_visible()
    axe(again)
    again.get_by_label("Code").fill(code(totp_secret(user)))
    again.get_by_role("button", name="Sign in", exact=True).click()
    again.wait_for_url("**/map/**")
    assert User.objects.get(username="robin").last_login


def test_passkey_is_added_and_signs_in_alone(signed_in, new_context):
    user = UserFactory(username="robin", roles=["administrator"], second_factor=False)
    page = signed_in(user)
    with_virtual_key(page)
    page.goto("/accounts/2fa/keys/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Desk key")
    page.get_by_text("Sign in with this key alone").click()
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".house-codes li")).to_have_count(10)
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1

    page.goto("/people/")
    page.get_by_role("button", name="Robin").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="I have read this").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/map/**")
    page.goto("/people/")
    expect(page.get_by_role("heading", name="People")).to_be_visible()


def test_cancelled_passkey_is_told_in_words(page):
    page.goto("/accounts/login/")
    page.get_by_role("button", name="I have read this").click()
    refuse = "Promise.reject(new DOMException('no', 'NotAllowedError'))"
    page.evaluate(f"() => {{ navigator.credentials.get = () => {refuse}; }}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The browser did not use a passkey")


def with_virtual_key(page: Page) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
