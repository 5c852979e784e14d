"""The camera registry: consent, what cameras see, and who to ask, which is for detectives alone."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from hotspots.projection import city_srid
from tactics.actions import cameras as actions
from tactics.actions import measures as measure_actions
from tactics.catalogue import Tactic
from tactics.measure_transitions import CannotMove
from tactics.models import Camera, Measure
from tactics.queries import cameras as queries
from tests.factories import measures as make
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, BlockFactory, HotSpotFactory
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db
CONTACT = "CANARY 555-0100"
GIVEN = {
    "kind": "cctv",
    "direction": "90",
    "angle": "60",
    "reach_m": "25",
    "keeps_days": "",
    "lon": "-95.27",
    "lat": "37.34",
    "consent_on": "2025-03-05",
    "agreed": "on",
}


def contact_reads() -> int:
    return AuditEntry.objects.filter(action=AuditEntry.Action.CAMERA_CONTACT_READ).count()


# Registered with consent


def test_clerk_registers_a_camera_with_its_owners_consent(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), MeasureFactory(kind=Tactic.CAMERAS)
    response = client.post(reverse("camera", args=[measure.pk]), GIVEN)
    assert response["Location"] == reverse("measure", args=[measure.pk])
    camera = Camera.objects.get()
    assert (camera.direction, camera.angle, camera.point.coords) == (90, 60, (-95.27, 37.34))
    measure.refresh_from_db()
    assert (measure.due_on, measure.party) == (date(2026, 3, 5), "owner"), "the owner is asked again in a year"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"agreed": ""}, "agreed"),
        ({"consent_on": "2099-01-01"}, "consent_on"),
        ({"angle": "0"}, "angle"),
        ({"angle": "361"}, "angle"),
        ({"reach_m": "301"}, "reach_m"),
        ({"lat": "91"}, "lat"),
        ({"direction": "17"}, "direction"),
    ],
)
def test_camera_without_consent_or_that_cannot_be_is_refused(client_as: Callable[..., Client], values: Any, field: str):
    measure = MeasureFactory(kind=Tactic.CAMERAS)
    response = client_as("clerk").post(reverse("camera", args=[measure.pk]), GIVEN | values)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert not Camera.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("direction", 360), ("angle", 0), ("reach_m", 301)])
def test_database_refuses_a_view_that_cannot_be(field: str, value: int):
    measure = make.make_camera()
    with pytest.raises(IntegrityError, match="camera_view_is_possible"), transaction.atomic():
        Camera.objects.filter(pk=measure.pk).update(**{field: value})


def test_camera_form_begins_at_the_place_and_later_where_the_camera_is(client_as: Callable[..., Client]):
    client, measure = client_as("detective"), MeasureFactory(kind=Tactic.CAMERAS, place=BlockFactory(at=(3, 0)))
    form = client.get(reverse("camera", args=[measure.pk])).context["form"]
    assert (form.initial["lon"], form.initial["lat"]) == pytest.approx((WEST + 3.5 * STEP, SOUTH), abs=1e-6)
    registered = make.make_camera(direction=100)
    form = client.get(reverse("camera", args=[registered.pk])).context["form"]
    assert (form.initial["lon"], form.initial["direction"]) == (WEST, 90)


@time_machine.travel(datetime(2024, 2, 29, 18, tzinfo=UTC), tick=False)
def test_consent_is_confirmed_for_another_year(client_as: Callable[..., Client]):
    client, measure = client_as("detective"), make.make_camera(consent_on=date(2023, 3, 1))
    client.post(reverse("camera_confirm", args=[measure.pk]), {"confirm-confirmed_on": "2024-02-29"})
    measure.refresh_from_db()
    assert measure.due_on == date(2025, 2, 28)


def test_confirmation_before_the_consent_is_refused(client_as: Callable[..., Client]):
    measure = make.make_camera()
    address = reverse("camera_confirm", args=[measure.pk])
    response = client_as("clerk").post(address, {"confirm-confirmed_on": "2025-03-04"})
    assert "before the consent was given" in response.content.decode()


def test_withdrawn_consent_deletes_the_contact_and_takes_the_camera_off_the_map(client_as: Callable[..., Client]):
    measure = make.make_camera(contact=CONTACT)
    assert len(queries.cameras()) == 1
    client = client_as("clerk")
    client.post(reverse("camera_withdraw", args=[measure.pk]), {"withdraw-withdrawn_on": "2025-06-01"})
    camera = Camera.objects.get()
    assert (camera.contact, camera.withdrawn_on) == ("", date(2025, 6, 1))
    measure.refresh_from_db()
    assert (measure.status, measure.outcome) == ("dropped", "Consent withdrawn")
    assert queries.cameras() == []
    page = client.post(reverse("measure_reopen", args=[measure.pk]), follow=True).content.decode()
    assert "register the camera anew" in page


def test_database_refuses_a_contact_without_consent():
    measure = make.make_camera()
    with pytest.raises(IntegrityError, match="without_consent"), transaction.atomic():
        Camera.objects.filter(pk=measure.pk).update(withdrawn_on=date(2025, 6, 1), contact=CONTACT)


def test_camera_that_is_dropped_keeps_no_contact_and_none_is_marked_done():
    measure, by = make.make_camera(contact=CONTACT), UserFactory(roles=["clerk"])
    with pytest.raises(CannotMove, match="stays registered"):
        measure_actions.finish(by=by, measure=measure)
    measure_actions.drop(by=by, measure=measure, reason="Taken down")
    assert Camera.objects.get().contact == ""
    assert queries.cameras() == []


# Who to ask


@pytest.mark.parametrize("roles", [("officer",), ("commander",), ("clerk",), ("commander", "clerk", "officer")])
def test_contact_is_not_even_rendered_for_others_than_detectives(client_as: Callable[..., Client], roles: tuple[str]):
    measure, client = make.make_camera(contact=CONTACT), client_as(*roles)
    pages = [reverse("measure", args=[measure.pk]), reverse("cameras"), "/measures/", "/measures/week/"]
    pages += [reverse("place", args=[measure.place_id]), reverse("place_measures_panel", args=[measure.place_id])]
    if "clerk" in roles or "commander" in roles:
        pages.append(reverse("camera", args=[measure.pk]))
    for address in pages:
        page = client.get(address)
        assert page.status_code == 200
        words = page.content.decode()
        assert "CANARY" not in words
        assert 'name="contact"' not in words
        assert reverse("camera_contact", args=[measure.pk]) not in words
    for method in (client.get, client.post):
        assert method(reverse("camera_contact", args=[measure.pk])).status_code == 403
    assert contact_reads() == 0


def test_contact_is_not_fetched_with_the_page_of_a_measure(client_as: Callable[..., Client]):
    measure, client = make.make_camera(contact=CONTACT), client_as("clerk")
    with CaptureQueriesContext(connection) as ran:
        client.get(reverse("measure", args=[measure.pk]))
    assert not [query["sql"] for query in ran if '"contact"' in query["sql"]]


def test_detective_reads_the_contact_against_an_entry_in_the_trail(client_as: Callable[..., Client]):
    measure, client = make.make_camera(contact=CONTACT), client_as("detective")
    address = reverse("camera_contact", args=[measure.pk])
    assert CONTACT not in client.get(address).content.decode(), "a visit alone shows nothing"
    assert CONTACT not in client.post(address, {"read": "", "reason": ""}).content.decode(), "nor without a reason"
    assert contact_reads() == 0

    response = client.post(address, {"read": "", "reason": "25-0417"})
    assert CONTACT in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    client.post(address, {"read": "", "reason": "25-0417"})
    entries = AuditEntry.objects.filter(action=AuditEntry.Action.CAMERA_CONTACT_READ)
    assert len(entries) == 2, "each reading is one entry"
    assert entries[0].actor == client.user
    assert entries[0].details == {"measure": str(measure.pk), "reason": "25-0417"}
    assert not AuditEntry.objects.filter(details__icontains="CANARY").exists()


def test_detective_enters_and_deletes_the_contact(client_as: Callable[..., Client]):
    measure, client = make.make_camera(), client_as("detective")
    address = reverse("camera_contact", args=[measure.pk])
    client.post(address, {"contact": CONTACT})
    assert Camera.objects.get().contact == CONTACT
    client.post(address, {"contact": ""})
    assert Camera.objects.get().contact == ""


def test_contact_stands_in_no_event_of_the_trail():
    make.make_camera(contact=CONTACT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(event::text, ' ') FROM tactics_cameraevent AS event")
        assert "CANARY" not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(entry::text, ' ') FROM accounts_auditentry AS entry")
        assert "CANARY" not in cursor.fetchone()[0]


def test_contact_after_withdrawal_is_refused(client_as: Callable[..., Client]):
    measure, client = make.make_camera(), client_as("detective")
    actions.withdraw_consent(by=client.user, camera=measure.camera, withdrawn_on=date(2025, 6, 1))
    response = client.post(reverse("camera_contact", args=[measure.pk]), {"contact": CONTACT})
    assert "withdrew the consent" in response.content.decode()
    assert Camera.objects.get().contact == ""


def test_contact_of_a_closed_measure_can_be_deleted_and_not_entered(client_as: Callable[..., Client]):
    measure, client = make.make_camera(contact=CONTACT), client_as("detective")
    Measure.objects.filter(pk=measure.pk).update(status="done", closed_by=client.user, closed_at=timezone.now())
    address = reverse("camera_contact", args=[measure.pk])
    answer = client.post(address, {"contact": "somebody else"})
    assert answer.status_code == 422
    assert "Take it up or reopen it first" in answer.content.decode()
    assert Camera.objects.get().contact == CONTACT
    client.post(address, {"contact": ""})
    assert Camera.objects.get().contact == ""


def test_contact_is_refused_where_the_consent_was_withdrawn_meanwhile():
    camera, by = make.make_camera().camera, UserFactory()
    Camera.objects.filter(pk=camera.pk).update(withdrawn_on=date(2025, 6, 1))
    with pytest.raises(CannotMove, match="withdrew"):
        actions.change_contact(by=by, camera=camera, contact=CONTACT)


# What cameras see


def meters(geometry: GEOSGeometry) -> GEOSGeometry:
    return geometry.transform(city_srid(), clone=True)


@pytest.mark.parametrize(("direction", "ahead"), [(0, (0, 1)), (90, (1, 0)), (180, (0, -1)), (270, (-1, 0))])
def test_view_is_a_sector_toward_its_direction(direction: int, ahead: tuple[int, int]):
    make.make_camera(direction=direction, angle=90, reach_m=30)
    (seen,) = queries.cameras()
    view = GEOSGeometry(json.dumps(seen.view))
    assert meters(view).area == pytest.approx(3.14159 * 30**2 / 4, rel=0.01)
    in_front = Point(WEST + ahead[0] * 0.0002, SOUTH + ahead[1] * 0.0002, srid=4326)
    behind = Point(WEST - ahead[0] * 0.0002, SOUTH - ahead[1] * 0.0002, srid=4326)
    assert view.intersects(in_front)
    assert not view.intersects(behind)


def test_view_of_360_degrees_is_a_circle():
    make.make_camera(angle=360, reach_m=30)
    (seen,) = queries.cameras()
    assert meters(GEOSGeometry(json.dumps(seen.view))).area == pytest.approx(3.14159 * 30**2, rel=0.02)


def test_cameras_that_see_a_hot_spot_are_those_whose_view_reaches_it(client_as: Callable[..., Client]):
    hot_spot = HotSpotFactory()  # from WEST, SOUTH to the north-east
    beside = Point(WEST - 0.0002, SOUTH + STEP / 2, srid=4326)  # 18 m to the west
    looks_in = make.make_camera(point=beside, direction=90)
    make.make_camera(point=beside, direction=270)
    make.make_camera(point=beside, direction=90, reach_m=10)
    assert [camera.measure for camera in queries.cameras_that_see(hot_spot)] == [looks_in.pk]
    response = client_as("officer").get(f"/measures/cameras/?hot_spot={hot_spot.pk}")
    assert [camera.measure for camera in response.context["cameras"]] == [looks_in.pk]
    assert "Doorbell camera, faces east" in response.content.decode()
    shapes = response.context["page_state"]["views"]["features"]
    assert [shape["geometry"]["type"] for shape in shapes] == ["Polygon", "Point"]


def test_registry_with_no_camera_says_so(client_as: Callable[..., Client]):
    client, hot_spot = client_as("officer"), HotSpotFactory()
    assert "No camera is registered" in client.get("/measures/cameras/").content.decode()
    page = client.get(f"/measures/cameras/?hot_spot={hot_spot.pk}").content.decode()
    assert "No registered camera sees this hot spot" in page
    assert client.get("/measures/cameras/?hot_spot=999999").status_code == 404
    assert client.get("/measures/cameras/?hot_spot=x").status_code == 200


def test_queries_of_the_registry_do_not_grow_with_the_cameras(client_as: Callable[..., Client]):
    client, counts = client_as("officer"), []
    make.make_camera()
    client.get("/measures/cameras/")
    for _cameras in (1, 3):
        with CaptureQueriesContext(connection) as ran:
            client.get("/measures/cameras/")
        counts.append(len(ran))
        make.make_camera()
        make.make_camera()
    assert counts[0] == counts[1] <= 12


def test_camera_of_a_measure_that_is_closed_or_of_another_kind_is_not_changed(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_camera()
    measure_actions.drop(by=client.user, measure=measure, reason="Gone")
    assert client.post(reverse("camera", args=[measure.pk]), GIVEN).status_code == 302
    assert Camera.objects.get().kind == "doorbell"
    other = MeasureFactory(kind=Tactic.LIGHTING)
    assert client.get(reverse("camera", args=[other.pk])).status_code == 404
    assert Measure.objects.count() == 2
