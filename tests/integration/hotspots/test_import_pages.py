"""The administrator's way in: upload, preview, mapping by drop-downs, progress, result, rejects."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError as QueueError

from hotspots import tasks
from hotspots.ingest import uploads
from hotspots.models import ImportBatch, Incident, Reject
from hotspots.permissions import IMPORT_DATA
from tests.factories.hotspots import ImportBatchFactory

pytestmark = pytest.mark.django_db

ROWS = b"""Case Number,Occurred From,Offense,Street Address,Longitude,Latitude
1,03/09/2024 17:05,LARCENY - SHOPLIFTING,100 MAIN ST,-95.27,37.34
2,03/10/2024 08:00,VANDALISM,200 MAIN ST,-95.27,37.34
3,never,VANDALISM,200 MAIN ST,-95.27,37.34
"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def admin(client_as: Callable[..., Client]) -> Client:
    return client_as("administrator")


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked: list[int] = []
    monkeypatch.setattr(tasks.run_import, "delay", asked.append)
    return asked


def upload(client: Client, content: bytes = ROWS, name: str = "march.csv") -> ImportBatch:
    response = client.post("/imports/new/", {"files": [SimpleUploadedFile(name, content)]})
    assert response.status_code == 302, response.content.decode()
    return ImportBatch.objects.get()


def chosen(client: Client, batch: ImportBatch, **changes: str) -> dict[str, str]:
    """What the form would post as it stands, with these changes."""
    form = client.get(f"/imports/{batch.pk}/").context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    return values | changes


def test_upload_is_kept_until_its_import_is_done(admin, queue, django_capture_on_commit_callbacks):
    batch = upload(admin)
    (path,) = uploads.files_of(batch)
    assert path.read_bytes() == ROWS
    assert path.stat().st_mode & 0o077 == 0

    with django_capture_on_commit_callbacks(execute=True):
        response = admin.post(f"/imports/{batch.pk}/", chosen(admin, batch) | {"start": ""})
    assert response.status_code == 302
    assert queue == [batch.pk]

    tasks.run_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.read, batch.created, batch.rejected) == ("done", 3, 2, 1)
    assert batch.started_by == admin.user
    assert set(Incident.objects.values_list("offense_id", flat=True)) == {"23C", "290"}
    assert uploads.files_of(batch) == []


def test_preview_shows_rows_and_guesses_columns(admin):
    batch = upload(admin)
    response = admin.get(f"/imports/{batch.pk}/")
    content = response.content.decode()
    assert "200 MAIN ST" in content
    values = chosen(admin, batch)
    guessed = {use: values[use] for use in ("occurred_from", "description", "address", "x", "y", "key")}
    assert guessed == {
        "occurred_from": "Occurred From",
        "description": "Offense",
        "address": "Street Address",
        "x": "Longitude",
        "y": "Latitude",
        "key": "Case Number",
    }
    assert values["date_format"] == "%m/%d/%Y %H:%M"
    assert "Longitude (-95.27)" in content
    assert values["offense_0"] == "290"


def test_offenses_chosen_by_drop_down_are_used(admin, queue):
    batch = upload(admin)
    admin.post(f"/imports/{batch.pk}/", chosen(admin, batch, offense_0="520") | {"start": ""})
    tasks.run_import(batch.pk)
    assert set(Incident.objects.values_list("offense_id", flat=True)) == {"23C", "520"}


def test_offenses_follow_the_column_that_is_chosen(admin):
    batch = upload(admin)
    values = chosen(admin, batch, description="Street Address")
    form = admin.post(f"/imports/{batch.pk}/", values | {"again": ""}).context["form"]
    assert [code.text for code, _ in form.code_fields] == ["200 MAIN ST", "100 MAIN ST"]
    assert ImportBatch.objects.get().mapping == {}


def test_missing_columns_are_asked_for_at_their_field(admin, queue):
    batch = upload(admin)
    response = admin.post(
        f"/imports/{batch.pk}/", chosen(admin, batch, occurred_from="", description="", x="") | {"start": ""}
    )
    errors = response.context["form"].errors
    assert set(errors) == {"occurred_from", "code", "x"}
    assert queue == []


def test_coordinate_system_that_does_not_exist_is_said(admin, queue):
    batch = upload(admin)
    response = admin.post(f"/imports/{batch.pk}/", chosen(admin, batch, crs="EPSG:1") | {"start": ""})
    assert "is not a coordinate system" in str(response.context["form"].non_field_errors())
    assert queue == []


def test_mapping_that_ships_is_offered_where_it_fits(admin, queue):
    content = b"uid,date_start,date_end,longitude,latitude,location_type\n1,2014-01-01 10:00:00,,-73.9,40.7,street\n"
    batch = upload(admin, content)
    values = chosen(admin, batch)
    assert (values["shipped"], values["source"]) == ("nyc_vehicle_thefts", "nyc_vehicle_thefts")
    admin.post(f"/imports/{batch.pk}/", values | {"start": "", "source": "thefts", "occurred_from": ""})
    tasks.run_import(batch.pk)
    incident = Incident.objects.get()
    assert (incident.offense_id, incident.source) == ("240", "thefts")


def test_import_is_started_once(admin, queue, django_capture_on_commit_callbacks):
    batch = upload(admin)
    values = chosen(admin, batch) | {"start": ""}
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(f"/imports/{batch.pk}/", values)
        admin.post(f"/imports/{batch.pk}/", values)
    assert queue == [batch.pk]


def test_task_delivered_again_changes_nothing(admin, queue):
    batch = upload(admin)
    admin.post(f"/imports/{batch.pk}/", chosen(admin, batch) | {"start": ""})
    tasks.run_import(batch.pk)
    tasks.run_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.created) == ("done", 2)


@pytest.mark.django_db(transaction=True)
def test_queue_away_is_said_and_the_upload_waits(admin, monkeypatch):
    def away(_: int) -> None:
        raise QueueError("away")

    monkeypatch.setattr(tasks.run_import, "delay", away)
    batch = upload(admin)
    response = admin.post(f"/imports/{batch.pk}/", chosen(admin, batch) | {"start": ""})
    assert "The queue cannot be reached" in response.content.decode()
    assert ImportBatch.objects.get().mapping == {}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.jpg", b"\xff\xd8\xff", "Export it as CSV"),
        ("empty.csv", b"", "The file is empty"),
    ],
)
def test_upload_that_cannot_be_read_is_refused_in_plain_words(admin, name, content, said):
    response = admin.post("/imports/new/", {"files": [SimpleUploadedFile(name, content)]})
    assert said in response.content.decode()
    assert not ImportBatch.objects.exists()


def test_upload_without_a_file_asks_for_one(admin):
    assert "Choose a file" in admin.post("/imports/new/", {}).content.decode()


def test_upload_that_is_not_what_its_ending_says_can_be_discarded(admin):
    batch = upload(admin, b"PK\x03\x04rest")
    response = admin.get(f"/imports/{batch.pk}/")
    assert response.status_code == 422
    assert "looks like a spreadsheet" in response.content.decode()
    admin.post(f"/imports/{batch.pk}/discard/")
    assert not ImportBatch.objects.exists()
    assert uploads.files_of(batch) == []


def test_import_that_was_started_cannot_be_discarded(admin, queue):
    batch = upload(admin)
    admin.post(f"/imports/{batch.pk}/", chosen(admin, batch) | {"start": ""})
    admin.post(f"/imports/{batch.pk}/discard/")
    assert ImportBatch.objects.exists()


def test_progress_says_how_far_and_stops_asking_when_done(admin):
    batch = ImportBatchFactory(status="running", finished_at=None, progress=0.42)
    response = admin.get(f"/imports/{batch.pk}/progress/")
    assert response.status_code == 200
    assert 'value="42"' in response.content.decode()
    done = ImportBatchFactory(read=3, created=3)
    response = admin.get(f"/imports/{done.pk}/progress/")
    assert response.status_code == 286
    assert "3 rows were read" in response.content.decode()


def test_killed_import_is_said_to_be_so(admin):
    batch = ImportBatchFactory(status="running", finished_at=None)
    assert "The import was interrupted" in admin.get(f"/imports/{batch.pk}/").content.decode()


def test_rejects_are_downloaded_harmless(admin):
    batch = ImportBatchFactory(read=1, rejected=1)
    Reject.objects.create(batch=batch, file="a.csv", line=7, reason="no date of occurrence", row="=HYPERLINK(1)")
    response = admin.get(f"/imports/{batch.pk}/rejects.csv")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert rows == [["file", "line", "reason", "row"], ["a.csv", "7", "no date of occurrence", "'=HYPERLINK(1)"]]


def test_file_names_cannot_leave_their_folder(admin, media):
    batch = upload(admin, name="../../../etc/evil.csv")
    (path,) = uploads.files_of(batch)
    assert path.parent == media / "imports" / str(batch.pk)


def test_empty_list_says_what_to_do(admin):
    assert "Upload the first file" in admin.get("/imports/").content.decode()


@pytest.mark.parametrize("page", ["list", "result"])
def test_pages_take_as_many_queries_for_three_as_for_one(admin, page):
    def queries() -> int:
        address = "/imports/" if page == "list" else f"/imports/{batch.pk}/"
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert admin.get(address).status_code == 200
        return len(captured)

    batch = ImportBatchFactory(read=3, rejected=3, started_by=admin.user)
    Reject.objects.create(batch=batch, file="a.csv", line=1, reason="x")
    queries()
    one = queries()
    for line in (2, 3):
        ImportBatchFactory(started_by=admin.user)
        Reject.objects.create(batch=batch, file="a.csv", line=line, reason="x")
    assert queries() == one


def test_only_administrators_import(client_as):
    assert IMPORT_DATA
    assert client_as("commander").get("/imports/").status_code == 403
