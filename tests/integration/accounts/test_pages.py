"""The frame around every page, and the pages for errors."""

import re
from fnmatch import fnmatch

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from config.static import StaticFiles

pytestmark = pytest.mark.django_db


def test_unknown_address_says_so_in_the_house_frame(client_as):
    response = client_as("commander").get("/no/such/page/")
    assert response.status_code == 404
    assert b"There is no page at this address" in response.content
    assert b"usa-header" in response.content


def test_server_error_page_needs_neither_database_nor_context(django_db_blocker):
    with django_db_blocker.block():
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert b"Something went wrong" in response.content


@pytest.mark.parametrize("demo", [True, False])
def test_demo_banner_shows_only_in_a_demo(client_as, settings, demo):
    settings.DEMO = demo
    content = client_as("commander").get("/no/such/page/").content
    assert (b"Nobody and nothing here is real" in content) is demo


def test_navigation_shows_what_the_signed_in_person_may_do(client, client_as):
    assert b'href="/map/"' in client_as("officer").get("/no/such/page/").content
    assert b'href="/map/"' not in client.get("/no/such/page/").content


def test_navigation_groups_entries_and_shows_one_alone_by_itself(client_as):
    administrator = client_as("administrator").get("/no/such/page/").content.decode()
    assert "Data" in administrator
    assert "Imports of incidents" in administrator
    clerk = client_as("clerk").get("/no/such/page/").content.decode()
    assert "Unlocated" in clerk
    assert "Data" not in clerk


def test_post_without_a_token_says_to_send_it_again():
    response = Client(enforce_csrf_checks=True).post("/accounts/notice/")
    assert response.status_code == 403
    assert b"Please send it again" in response.content


def test_refusal_says_why(client_as):
    response = client_as("officer").get("/people/")
    assert response.status_code == 403
    assert b"This page is for: Administrator." in response.content


def test_every_static_file_that_a_template_names_is_shipped():
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    names = {
        name for page in templates for name in re.findall(r"{% static '([^']+)'", page.read_text(encoding="utf-8"))
    }
    assert "uswds/css/uswds.min.css" in names
    for name in sorted(names):
        assert finders.find(name), name
        assert not any(fnmatch(part, rule) for part in name.split("/") for rule in StaticFiles.ignore_patterns), name
