"""What every answer says to the browser, and what production settings are checked for (S1, S2)."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.hotspots import PublishedRunFactory

pytestmark = pytest.mark.django_db

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGES = [
    "/accounts/login/",
    "/accounts/notice/",
    "/people/",
    "/no/such/page/",
    "/audit/export.csv",
    "/agency/logo/",
    "/healthz/",
]
PRODUCTION = {
    "SITE_URL": "https://hotspots.example.gov",
    "ALLOWED_HOSTS": "hotspots.example.gov",
    "DEBUG": "false",
    "DEMO": "false",
}


@pytest.mark.parametrize("role", [None, "officer", "administrator"])
@pytest.mark.parametrize("address", PAGES)
def test_every_answer_has_the_security_headers(client_as, role, address):
    client = client_as(role) if role else Client()
    response = client.get(address)
    for header, value in EVERYWHERE.items():
        assert response.headers[header] == value
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    if address not in {"/agency/logo/"}:
        assert "no-store" in response.headers["Cache-Control"]


def test_tile_has_the_security_headers_and_its_own_cache_time(client_as):
    response = client_as("officer").get(f"/tiles/{PublishedRunFactory().pk}/12/0/0.mvt")
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response.headers["Cache-Control"]


def test_static_file_has_the_security_headers(client):
    response = client.get("/static/css/house.css")
    response.close()
    assert response.status_code == 200
    for header, value in EVERYWHERE.items():
        assert response.headers[header] == value
    assert "Access-Control-Allow-Origin" not in response.headers


def test_cookies_are_out_of_reach_of_scripts(client):
    cookies = client.post("/accounts/notice/").cookies
    assert cookies[settings.SESSION_COOKIE_NAME]["httponly"]
    assert cookies[settings.SESSION_COOKIE_NAME]["samesite"] == "Lax"


def test_production_settings_pass_the_deploy_check():
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    environment = {**os.environ, **PRODUCTION}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of browser tests in this process
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_production_settings_ask_for_everything():
    asked = "SECOND_FACTOR_REQUIRED SIGN_IN_NOTICE SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT".split()
    code = (
        f"from django.conf import settings as s; print([getattr(s, name) for name in {asked}], s.SECURE_HSTS_SECONDS)"
    )
    environment = {**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"{[True] * len(asked)} 63072000"
