"""The frame around every page, and the pages for errors."""

import pytest
from django.test import RequestFactory
from django.views.defaults import server_error

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
