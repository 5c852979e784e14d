"""What the officer's app is made of: its page, service worker, manifest and list of places."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.agency import forget_agency
from accounts.models import AgencyProfile
from config.settings import BASE_DIR
from hotspots.models import Place
from tactics.views import log
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, ComplexFactory, HotSpotFactory

pytestmark = pytest.mark.django_db


def test_worker_keeps_every_module_of_the_app_and_nothing_else():
    folder = BASE_DIR / "static/js/log"
    modules = {f"js/log/{path.name}" for path in folder.glob("*.js")}
    assert modules == {*log.MODULES, log.ENTRY, log.WORKER, "js/log/scheme.js"}
    for path in folder.glob("*.js"):
        named = re.findall(r'(?:from|import\()\s*"\./(.+?)"', path.read_text(encoding="utf-8"))
        assert {f"js/log/{name}" for name in named} <= set(log.MODULES), path.name


def test_worker_is_a_script_for_all_that_names_version_page_and_files():
    response = Client().get("/log/sw.js")
    text = response.content.decode()
    assert response["Content-Type"].startswith("text/javascript")
    kept = json.loads(re.search(r"serve\((.+)\);", text)[1])
    assert kept["page"] == "/log/"
    assert kept["version"] == log.version()
    assert "/static/js/log/app.js" in kept["files"]
    assert "/static/js/log/queue.js" in kept["files"]


def test_version_changes_with_the_name_on_the_page_and_with_any_file(monkeypatch):
    before = log.version()
    assert before == log.version()
    AgencyProfile.objects.update(name="Another department")
    forget_agency()
    renamed = log.version()
    monkeypatch.setattr(log, "_content_hash", lambda: "other files")
    assert len({before, renamed, log.version()}) == 3


def test_manifest_makes_an_app_of_the_page_with_icons_that_exist():
    manifest = Client().get("/log/app.webmanifest").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/log/", "/log/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        assert (BASE_DIR / icon["src"].lstrip("/")).read_bytes().startswith(b"\x89PNG")


def test_page_holds_nobodys_data(client_as):
    first, second = (client_as("officer").get("/log/").content for _ in range(2))
    assert first == second


def test_places_are_blocks_and_complexes_with_hot_spot_and_outline(client_as):
    block = BlockFactory(at=(0, 0), name="500 block of Maple St")
    spot = HotSpotFactory(places=[block])
    HotSpotFactory(places=[ComplexFactory(at=(4, 4))], ended_on=timezone.localdate() - timedelta(days=1))
    AddressFactory()
    BlockFactory(retired_on=timezone.localdate())
    told = {row[0]: row for row in client_as("officer").get("/log/places/").json()["places"]}
    complex_ = Place.objects.get(kind="complex")
    assert set(told) == {block.pk, complex_.pk}
    _, kind, name, lon, lat, hot_spot, outline = told[block.pk]
    assert (kind, name, hot_spot) == ("block", "500 block of Maple St", spot.pk)
    assert (WEST <= lon <= WEST + STEP, lat) == (True, pytest.approx(SOUTH))
    assert drawn(outline) == [[WEST, SOUTH], [WEST + STEP, SOUTH]]
    assert told[complex_.pk][5] is None


def drawn(outline: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_AsGeoJSON(ST_LineFromEncodedPolyline(%s, 5), 5)", [outline])
        return json.loads(cursor.fetchone()[0])["coordinates"]


def test_places_are_sent_again_only_when_they_changed(client_as):
    BlockFactory()
    client = client_as("officer")
    first = client.get("/log/places/")
    again = client.get("/log/places/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    BlockFactory()
    assert client.get("/log/places/", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_places_take_one_query_whatever_their_number(
    client_as, django_assert_num_queries: DjangoAssertNumQueries, count
):
    client = client_as("officer")
    client.get("/log/places/")
    HotSpotFactory(places=BlockFactory.create_batch(count))
    with django_assert_num_queries(3):  # session, person, places
        client.get("/log/places/")


def test_places_answer_json_when_signed_out():
    response = Client().get("/log/places/")
    assert (response.status_code, "sign_in" in response.json()) == (401, True)
