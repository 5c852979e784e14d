"""The public site: what it shows and to whom, that it knows nobody, and that it stays small."""

import io
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts import public_facts
from accounts.models import AuditEntry
from hotspots.models import HotSpot
from notices.forms.public import TOKEN_LASTS, new_token
from notices.models import HelpRequest
from tests.factories.notices import HelpRequestFactory, PublicProjectFactory, ReleaseFactory
from tests.factories.public import AREA, make_site, pages, publish

pytestmark = pytest.mark.django_db

LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])
MOST_BYTES = 150_000
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def site(db):
    make_site()


def page(name, language="en", *more):
    return reverse(f"public_{name}", args=[language, *more])


def asked(**values):
    return {"role": "owner", "where": "100 Main St", "message": "The lot is dark.", "token": new_token(), **values}


def send(language="en", headers=None, **values):
    return Client(enforce_csrf_checks=True).post(page("help", language), asked(**values), headers=headers)


@LANGUAGES
def test_pages_set_no_cookie_and_may_be_cached(site, language):
    for address in pages(language):
        response = Client().get(address)
        assert response.status_code == 200, address
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        form = address == page("help", language)  # it carries a signed time
        told = {"private", "no-store"} if form else {"public", "max-age=300"}
        assert set(response.headers["Cache-Control"].split(", ")) == told
        assert response.headers["Content-Language"] == language
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert b"<script" not in response.content
        assert b"style=" not in response.content


def test_staff_are_nobody_on_public_pages(site, client_as):
    """Else a cache would keep what one of them sees, and reading would keep a session open."""
    client = client_as("clerk")
    before = dict(client.session.items())
    response = client.get(page("home"))
    assert not response.cookies
    assert not response.wsgi_request.user.is_authenticated
    assert dict(client.session.items()) == before
    assert client.get(reverse("map")).status_code == 200


def test_visit_leaves_no_row(site):
    Session.objects.all().delete()
    for name in ("home", "report", "help"):
        Client().get(page(name))
    assert send().status_code == 302
    assert not Session.objects.exists()
    assert not AuditEntry.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pghistory_context WHERE metadata->>'url' LIKE '/en/%'")
        assert cursor.fetchone() == (0,)


@LANGUAGES
def test_page_with_all_that_it_loads_is_small(site, language):
    static = settings.BASE_DIR / "static"
    fixed = sum((static / name).stat().st_size for name in ("css/public.css", "img/mark.svg"))
    for address in pages(language):
        response = Client().get(address)
        pictures = 0
        if b"<img" in response.content:
            source = response.content.decode().split('<img src="')[1].split('"')[0]
            pictures = len(Client().get(source).content)
            assert pictures
        assert len(response.content) + fixed + pictures < MOST_BYTES, address


@LANGUAGES
def test_picture_of_a_project_is_served_from_here(site, language):
    address = page("map", language, "main-street")
    response = Client().get(address)
    assert response.headers["Content-Type"] == "image/png"
    assert set(response.headers["Cache-Control"].split(", ")) == {"public", "max-age=300"}
    assert Image.open(io.BytesIO(response.content)).size == (1200, 630)
    assert Client().get(page("map", language, "north-side")).status_code == 404
    assert Client().get(address).content == response.content


def test_pages_name_their_twin(site):
    body = Client().get(page("project", "es", "main-street")).content.decode()
    assert 'hreflang="en" href="http://localhost:8000/en/projects/main-street/"' in body
    assert '<a class="other" href="/en/projects/main-street/" lang="en" hreflang="en">English</a>' in body


def test_release_in_one_language_has_no_twin(site):
    release = ReleaseFactory(status="public")
    publish(release, ("en",))
    body = Client().get(page("release", "en", release.pk)).content.decode()
    assert '<a class="other" href="/es/news/"' in body
    assert Client().get(page("release", "es", release.pk)).status_code == 404


@pytest.mark.parametrize(("wished", "language"), [("es-MX,es;q=0.9", "es"), ("en-US", "en"), ("de", "en"), ("", "en")])
def test_short_address_speaks_the_language_of_the_browser(wished, language):
    response = Client().get(reverse("public_start"), headers={"Accept-Language": wished})
    assert response.headers["Location"] == page("home", language)
    assert "Accept-Language" in response.headers["Vary"]
    assert not response.cookies


def test_staff_pages_stay_english(client_as):
    client = client_as("clerk")
    response = client.get(reverse("hot_spots"), headers={"Accept-Language": "es"})
    assert '<html lang="en">' in response.content.decode()


@LANGUAGES
def test_missing_page_speaks_the_language(language):
    response = Client().get(f"/{language}/nothing/")
    words = {"en": "There is no page at this address", "es": "No hay ninguna página en esta dirección"}
    assert response.status_code == 404
    assert words[language] in response.content.decode()
    assert not response.cookies


def test_missing_staff_page_keeps_its_dress(client_as):
    response = client_as("clerk").get("/nothing/")
    assert response.status_code == 404
    assert "house-header" in response.content.decode()


def test_emergency_comes_first(site):
    for language in ("en", "es"):
        for address in pages(language):
            body = Client().get(address).content.decode()
            assert body.index("tel:911") < body.index("<main"), address
    body = Client().get(page("report")).content.decode().split("<main")[1]
    assert body.index("tel:911") < body.index("tel:+16204217060") < body.index("tel:+16204217057")
    assert "tips@parsonspd.com" in body
    assert "kcatlabette" in body


def test_tip_form_is_named_where_there_is_one(settings):
    assert b"tip form" not in Client().get(page("report")).content
    settings.TIP_FORM_URL = "https://tips.example.org/"
    assert b'href="https://tips.example.org/"' in Client().get(page("report")).content


# Projects


def test_nothing_is_shown_that_was_not_made_public():
    PublicProjectFactory(slug="draft", name_en="A draft")
    tomorrow = timezone.localdate() + timedelta(days=1)
    PublicProjectFactory(status="public", slug="early", name_en="Too early", shown_from=tomorrow)
    for name in ("home", "projects", "feed", "json"):
        body = Client().get(page(name)).content.decode()
        assert "A draft" not in body
        assert "Too early" not in body
    for slug in ("draft", "early"):
        for name in ("project", "map"):
            assert Client().get(page(name, "en", slug)).status_code == 404


def test_pages_tell_nothing_of_the_hot_spot(site):
    names = list(HotSpot.objects.values_list("name", flat=True))
    assert names
    for name in ("projects", "json", "feed"):
        body = Client().get(page(name)).content.decode()
        assert not [hot_spot for hot_spot in names if hot_spot in body]


def test_empty_site_says_so():
    assert "No project is shown right now." in Client().get(page("projects")).content.decode()
    assert "There is no news right now." in Client().get(page("news")).content.decode()


def test_results_are_told_once_there_are_some(site):
    assert "Calls fell from 120 to 90." in Client().get(page("project", "en", "north-side")).content.decode()
    assert "Results are told here" in Client().get(page("project", "en", "main-street")).content.decode()


@pytest.mark.parametrize("name", ["home", "projects", "feed", "json"])
def test_number_of_queries_does_not_grow(name):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert Client().get(page(name)).status_code == 200
        return len(queries)

    PublicProjectFactory(status="public", area=AREA, area_addresses=12)
    publish(ReleaseFactory(status="public"))
    Client().get(page(name))  # the agency is kept for a while
    one = count()
    for _ in range(2):
        PublicProjectFactory(status="public", area=AREA, area_addresses=12)
        publish(ReleaseFactory(status="public"))
    assert count() == one <= 3


@LANGUAGES
def test_feed_lists_projects(site, language):
    response = Client().get(page("feed", language))
    root = ElementTree.fromstring(response.content)
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert len(root.findall(f"{ATOM}entry")) == 2
    links = [entry.find(f"{ATOM}link").get("href") for entry in root.findall(f"{ATOM}entry")]
    assert f"http://localhost:8000/{language}/projects/main-street/" in links
    assert not response.cookies


@LANGUAGES
def test_json_has_what_the_documentation_says(site, language):
    told = Client().get(page("json", language)).json()
    assert set(told) == {"version", "language", "agency", "projects"}
    assert (told["version"], told["language"]) == (1, language)
    project = next(project for project in told["projects"] if project["id"] == "main-street")
    assert set(project) == {
        "id", "name", "summary", "results", "starts_on", "ends_on", "updated", "tactics", "page", "map",
    }  # fmt: skip
    assert project["starts_on"] == "2024-05-01"
    assert project["ends_on"] is project["results"] is None
    assert project["map"]["url"] == f"http://localhost:8000/{language}/projects/main-street/map.png"


# Asking for help


@LANGUAGES
def test_request_for_help_is_received(language):
    response = send(language, name="Pat", contact="620-555-0100")
    assert response.headers["Location"] == page("help_sent", language)
    assert not response.cookies
    request = HelpRequest.objects.get()
    assert (request.role, request.where, request.name, request.language) == ("owner", "100 Main St", "Pat", language)


def test_request_without_a_name_or_contact_is_received():
    assert send().status_code == 302


@pytest.mark.parametrize("headers", [{"Origin": "null"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {}])
def test_private_browser_may_send(headers):
    assert send(headers=headers).status_code == 302


def test_other_website_may_not_send():
    response = send(headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "The lot is dark." in response.content.decode()
    assert not HelpRequest.objects.exists()


def test_empty_form_is_told_what_is_missing():
    response = Client().post(page("help"), {})
    body = response.content.decode()
    assert response.status_code == 422
    for words in ("Choose who you are.", "Tell us where the place is.", "Tell us what the problem is."):
        assert body.count(words) == 2  # in the summary, and at the field
    assert response.headers["Cache-Control"] == "private, no-store"


def test_what_was_typed_is_kept():
    body = send(where="", name="Pat <b>", contact="620-555-0100").content.decode()
    for words in ("The lot is dark.", "Pat &lt;b&gt;", "620-555-0100", 'value="owner" id="id_role_0" required checked'):
        assert words in body


def test_program_that_fills_every_field_is_refused():
    response = send(leave_empty="buy")
    assert response.status_code == 422
    assert "Delete what stands in this field" in response.content.decode()
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize("token", ["", "help:made-up"])
def test_form_without_its_token_is_shown_again_and_then_taken(token):
    response = send(token=token)
    assert response.status_code == 422
    assert "Nothing is lost" in response.content.decode()
    fresh = response.context["form"].data["token"]
    assert send(token=fresh).status_code == 302


def test_token_runs_out(monkeypatch):
    token = new_token()
    later = signing.time.time() + TOKEN_LASTS.total_seconds() + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert send(token=token).status_code == 422


def test_flood_is_stopped_by_number_and_not_by_address(settings):
    settings.MOST_HELP_REQUESTS = 2
    old = HelpRequestFactory()
    HelpRequest.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(hours=2))
    assert [send().status_code for _ in range(3)] == [302, 302, 429]
    body = send().content.decode()
    assert "The lot is dark." in body
    assert "(620) 421-7060" in body.split("<form")[0]
    assert HelpRequest.objects.count() == 3


@pytest.mark.parametrize("proven", [None, date(2026, 3, 5)])
def test_report_page_tells_when_anonymity_was_last_proven(settings, monkeypatch, proven):
    """A fact that another app registers: the public site knows nothing else of tips."""
    settings.TIP_FORM_URL = "https://tips.example.org"
    monkeypatch.setitem(public_facts._facts, "anonymity_proven_on", lambda: proven)
    page = Client().get("/en/report/").content.decode()
    assert ("last found nothing on March 5, 2026" in page) == bool(proven)
    assert 'href="https://tips.example.org/en/safety/"' in page
