"""Lighting surveys: the walk, its lights, their photos."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from tactics.actions import lighting as actions
from tactics.catalogue import Tactic
from tactics.measure_transitions import CannotMove
from tactics.models import LightingItem, Measure
from tests.factories import measures as make
from tests.factories.accounts import UserFactory
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db
OUT = {"kind": "parking", "state": "out", "where": "pole 3", "party": "owner", "due_on": "2025-03-20"}


def photo(content: bytes | None = None, name: str = "IMG_0001 at home.jpg") -> SimpleUploadedFile:
    exif = Image.Exif()
    exif[0x010F] = "CANARY phone"
    return SimpleUploadedFile(name, content or make.picture(exif=exif), "image/jpeg")


def add(client: Client, measure: Measure, **values: Any) -> Any:
    return client.post(reverse("light_new", args=[measure.pk]), OUT | values)


def test_officer_walks_a_lot_light_after_light(client_as: Callable[..., Client]):
    client, measure = client_as("officer"), MeasureFactory(kind=Tactic.LIGHTING)
    given = {"surveyed_at": "2025-03-04T20:15", "with_owner": "on"}
    response = client.post(reverse("survey", args=[measure.pk]), given)
    assert response["Location"] == reverse("light_new", args=[measure.pk])

    response = add(client, measure, photo=photo(), lon="-95.2701", lat="37.3401", next="")
    assert response["Location"] == reverse("light_new", args=[measure.pk])
    response = add(client, measure, state="works", where="")
    assert response["Location"] == reverse("measure", args=[measure.pk])

    survey = measure.lighting_survey
    assert timezone.localtime(survey.surveyed_at) == datetime(
        2025, 3, 4, 20, 15, tzinfo=timezone.get_current_timezone()
    )
    out, works = survey.items.all()
    assert (out.party, out.due_on, out.point.coords) == ("owner", date(2025, 3, 20), (-95.2701, 37.3401))
    assert (works.party, works.due_on, works.point) == ("", None, None), "what works has nobody to fix it"


def test_next_light_begins_with_what_the_last_one_said(client_as: Callable[..., Client]):
    light = make.make_light(kind="street", party="utility", due_on=date(2025, 4, 9))
    form = client_as("officer").get(reverse("light_new", args=[light.survey_id])).context["form"]
    assert (form.initial["kind"], form.initial["party"], form.initial["due_on"]) == (
        "street",
        "utility",
        date(2025, 4, 9),
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [({"party": ""}, "party"), ({"due_on": ""}, "due_on"), ({"state": ""}, "state"), ({"kind": "sun"}, "kind")],
)
def test_light_that_is_out_needs_who_fixes_it_and_by_when(client_as: Callable[..., Client], values: Any, field: str):
    response = add(client_as("officer"), make.make_survey(), **values)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not LightingItem.objects.exists()


def test_database_refuses_a_light_that_is_out_and_nobodys():
    survey = make.make_survey().lighting_survey
    with pytest.raises(IntegrityError, match="what_is_out"), transaction.atomic():
        LightingItem.objects.create(survey=survey, kind="street", state="out")


def test_walk_still_to_come_is_refused(client_as: Callable[..., Client]):
    measure = MeasureFactory(kind=Tactic.LIGHTING)
    response = client_as("officer").post(reverse("survey", args=[measure.pk]), {"surveyed_at": "2099-01-01T20:00"})
    assert "still to come" in response.content.decode()


def test_light_before_the_walk_leads_to_the_walk(client_as: Callable[..., Client]):
    measure = MeasureFactory(kind=Tactic.LIGHTING)
    response = client_as("officer").get(reverse("light_new", args=[measure.pk]))
    assert response["Location"] == reverse("survey", args=[measure.pk])


def test_survey_is_due_with_whom_its_next_light_is():
    measure, by = make.make_survey(), UserFactory()
    later = make.make_light(measure, party="city", due_on=date(2025, 5, 1))
    sooner = make.make_light(measure, party="owner", due_on=date(2025, 4, 1))
    measure.refresh_from_db()
    assert (measure.due_on, measure.party) == (date(2025, 4, 1), "owner")

    actions.set_fixed(by=by, item=sooner, fixed_on=date(2025, 3, 30))
    measure.refresh_from_db()
    assert (measure.due_on, measure.party) == (date(2025, 5, 1), "city")

    actions.set_fixed(by=by, item=sooner, fixed_on=None)
    actions.remove_item(by=by, item=later)
    measure.refresh_from_db()
    assert (measure.due_on, measure.party) == (date(2025, 4, 1), "owner")


def test_day_and_party_of_a_survey_follow_its_lights_and_are_not_typed(client_as: Callable[..., Client]):
    client, light = client_as("clerk"), make.make_light()
    address = reverse("measure_edit", args=[light.survey_id])
    assert set(client.get(address).context["form"].fields) == {"title", "organization", "note"}
    actions.set_fixed(by=client.user, item=light, fixed_on=date(2025, 3, 9))
    assert "due_on" in client.get(address).context["form"].fields


def test_light_is_fixed_and_that_is_undone(client_as: Callable[..., Client]):
    client, light = client_as("officer"), make.make_light()
    address = reverse("light_fixed", args=[light.pk])
    page = client.post(address, {"fixed": ""}, follow=True).content.decode()
    light.refresh_from_db()
    assert light.fixed_on == timezone.localdate()
    assert "every light works" in page
    client.post(address, {})
    light.refresh_from_db()
    assert light.fixed_on is None


@pytest.mark.parametrize(
    ("day", "words"), [("2999-01-01", "This day is still to come."), ("yesterday", "Enter a valid date.")]
)
def test_light_is_not_fixed_on_a_day_that_cannot_be(client_as: Callable[..., Client], day: str, words: str):
    light = make.make_light()
    answer = client_as("officer").post(reverse("light_fixed", args=[light.pk]), {"fixed": "", "fixed_on": day})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    light.refresh_from_db()
    assert light.fixed_on is None


def test_light_is_fixed_on_the_day_that_is_given(client_as: Callable[..., Client]):
    light = make.make_light()
    client_as("officer").post(reverse("light_fixed", args=[light.pk]), {"fixed": "", "fixed_on": "2025-03-09"})
    light.refresh_from_db()
    assert light.fixed_on == date(2025, 3, 9)


def test_light_that_works_cannot_be_fixed():
    light = make.make_light(state="works", party="", due_on=None)
    with pytest.raises(CannotMove, match="nothing to fix"):
        actions.set_fixed(by=UserFactory(), item=light, fixed_on=date(2025, 3, 9))


@pytest.mark.parametrize("name", ["light_fixed", "light_remove"])
def test_lights_of_a_closed_survey_stay_as_they_are(client_as: Callable[..., Client], name: str):
    client, light = client_as("clerk"), make.make_light()
    client.post(reverse("measure_done", args=[light.survey_id]), {})
    page = client.post(reverse(name, args=[light.pk]), {"fixed": ""}, follow=True).content.decode()
    assert "Take it up or reopen it first" in page
    assert LightingItem.objects.get().fixed_on is None
    response = add(client, Measure.objects.get())
    assert response.status_code == 422


def test_changing_a_light_keeps_its_photo_and_position(client_as: Callable[..., Client]):
    client, measure = client_as("officer"), make.make_survey()
    add(client, measure, photo=photo(), lon="-95.27", lat="37.34")
    light = LightingItem.objects.get()
    kept = light.photo.name
    client.post(reverse("light", args=[light.pk]), OUT | {"where": "pole 4", "lon": "-95.27", "lat": "37.34"})
    light.refresh_from_db()
    assert (light.where, light.photo.name, light.point.coords) == ("pole 4", kept, (-95.27, 37.34))


# Photos


def test_photo_is_stored_clean_under_a_name_of_its_own(client_as: Callable[..., Client]):
    client, measure = client_as("officer"), make.make_survey()
    add(client, measure, photo=photo())
    stored = LightingItem.objects.get().photo
    with stored.open() as file:
        content = file.read()
    assert b"CANARY" not in content
    assert not Image.open(BytesIO(content)).getexif()
    assert "IMG" not in stored.name
    assert "home" not in stored.name


def test_photo_is_served_to_who_may_see_measures_only(client_as: Callable[..., Client]):
    light = make.make_light(photo=make.clean_picture())
    address = reverse("light_photo", args=[light.pk])
    for role in ("officer", "commander", "clerk", "detective"):
        response = client_as(role).get(address)
        assert response["Content-Type"] == "image/jpeg"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert Image.open(BytesIO(response.content)).format == "JPEG"
    for role in ("administrator", "auditor"):
        assert client_as(role).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert client_as("officer").get(f"/{light.photo.name}").status_code == 404
    assert client_as("officer").get(f"/media/{light.photo.name}").status_code == 404


def test_photo_that_is_not_there_is_not_found(client_as: Callable[..., Client]):
    light = make.make_light()
    assert client_as("officer").get(reverse("light_photo", args=[light.pk])).status_code == 404
    with_photo = make.make_light(photo=make.clean_picture())
    default_storage.delete(with_photo.photo.name)
    assert client_as("officer").get(reverse("light_photo", args=[with_photo.pk])).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\0\0\0\x18ftypheic" + b"\0" * 300, "HEIC photo"),
        (b"no picture at all", "cannot be read as a photo"),
        (make.picture()[:200], "cannot be read as a photo"),
    ],
    ids=["heic", "text", "broken"],
)
def test_photo_that_cannot_be_taken_says_why_and_keeps_the_rest(
    client_as: Callable[..., Client], content: bytes, words: str
):
    response = add(client_as("officer"), make.make_survey(), photo=photo(content))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'value="pole 3"' in response.content.decode()
    assert not LightingItem.objects.exists()


def test_old_photo_is_deleted_with_a_new_one_and_on_demand(
    client_as: Callable[..., Client], django_capture_on_commit_callbacks: Any
):
    client, light = client_as("officer"), make.make_light(photo=make.clean_picture())
    first = light.photo.name
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("light", args=[light.pk]), OUT | {"photo": photo()})
    light.refresh_from_db()
    assert light.photo.name != first
    assert not default_storage.exists(first)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("light_photo_remove", args=[light.pk]))
    assert not default_storage.exists(light.photo.name)
    light.refresh_from_db()
    assert not light.photo


def test_removed_light_takes_its_photo_along(client_as: Callable[..., Client], django_capture_on_commit_callbacks: Any):
    client, light = client_as("officer"), make.make_light(photo=make.clean_picture())
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(reverse("light_remove", args=[light.pk]), follow=True).content.decode()
    assert not default_storage.exists(light.photo.name)
    assert "Parking lot pole 3: Out (removed later)" in page


def test_queries_do_not_grow_with_the_lights(client_as: Callable[..., Client]):
    client, measure, counts = client_as("officer"), make.make_survey(), []
    client.get(reverse("measure", args=[measure.pk]))
    for lights in (1, 2):
        for _light in range(lights):
            make.make_light(measure, due_on=date(2025, 3, 20) + timedelta(days=lights))
        with CaptureQueriesContext(connection) as ran:
            client.get(reverse("measure", args=[measure.pk]))
        counts.append(len(ran))
    assert counts[0] == counts[1] <= 14
