"""An import that is really killed while it stores, and a worker that is killed with an upload in its hands."""

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from hotspots import tasks
from hotspots.actions.incidents import fail_abandoned, receive_upload, start_upload
from hotspots.ingest import mapping as mappings
from hotspots.models import ImportBatch, Incident, Location, Reject
from hotspots.queries.incidents import is_worked_on
from tests.factories.accounts import UserFactory
from tests.integration.hotspots.processes import child_of, ended, kill, manage, send, wait_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROWS = "at,code,where\n2024-01-01 10:00,23C,1 MAIN ST\n2024-01-02 10:00,220,2 MAIN ST\nnever,220,3 MAIN ST\n"
MAPPING = 'zone = "America/Chicago"\n[columns]\noccurred_from = "at"\ncode = "code"\naddress = "where"\n'


@pytest.fixture
def environment(redis_url: str, tmp_path: Path, settings) -> dict[str, str]:
    settings.MEDIA_ROOT = tmp_path / "media"
    name = connection.settings_dict["NAME"]
    return {**os.environ, "DB_NAME": name, "REDIS_URL": redis_url, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (Incident, Location, Reject))


def test_import_killed_while_storing_leaves_nothing_and_can_be_done_again(environment, holder, tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "mine.toml").write_text(MAPPING)
    arguments = ("import_incidents", str(tmp_path / "rows.csv"), "--mapping", str(tmp_path / "mine.toml"))
    holder.hold("hotspots_retraction")  # after the incidents, before the end
    with manage(environment, *arguments) as process:
        wait_until("the import stores", holder.is_in_the_way)
        kill(process)
    holder.let_go()

    batch = ImportBatch.objects.get()
    wait_until("its session is gone", lambda: not is_worked_on(batch))
    assert (batch.status, nothing_is_stored()) == ("running", True)
    assert fail_abandoned() == 1
    batch.refresh_from_db()
    assert batch.status == "failed"

    code, output = ended(manage(environment, *arguments))
    assert (code, Incident.objects.count()) == (0, 2), output


def test_upload_goes_on_after_its_worker_was_killed(environment, holder, redis_url, tmp_path):
    batch = receive_upload(by=UserFactory(), files=[SimpleUploadedFile("rows.csv", ROWS.encode())])
    document = {"name": "mine", "zone": "UTC", "columns": {"occurred_from": "at", "code": "code", "address": "where"}}
    start_upload(
        batch=batch, mapping=mappings.from_document(document), queue=lambda pk: send(redis_url, tasks.run_import, pk)
    )
    holder.hold("hotspots_retraction")
    with worker(environment, tmp_path / "worker.log") as process:
        wait_until("the import stores", holder.is_in_the_way)
        os.kill(child_of(process), 9)
        holder.let_go()
        wait_until("the batch is done", lambda: ImportBatch.objects.filter(status="done").exists())
    batch.refresh_from_db()
    assert (batch.created, batch.rejected, Incident.objects.count()) == (2, 1, 2)
