"""The list of runs, the button that asks for them, and the scores to download."""

import csv
import io
import re
from collections.abc import Callable

import geopandas
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError as QueueError

from accounts.models import AuditEntry
from hotspots import tasks
from hotspots.actions.concentration import lock_name
from hotspots.models import ConcentrationRun
from hotspots.queries.concentration import session_lock
from tests.factories.hotspots import (
    AddressFactory,
    AreaFactory,
    BlockFactory,
    ComplexFactory,
    PublishedRunFactory,
    RunFactory,
    ScoreFactory,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    asked: list[dict] = []
    monkeypatch.setattr(tasks.recompute_standing_runs, "delay", lambda **arguments: asked.append(arguments))
    return asked


def test_empty_city_says_that_places_come_first(client_as: Callable[..., Client]) -> None:
    content = client_as("commander").get("/runs/").content.decode()

    assert "There are no places yet" in content
    assert "Compute now" not in content


def test_city_without_runs_offers_to_compute(client_as: Callable[..., Client]) -> None:
    BlockFactory()

    content = client_as("commander").get("/runs/").content.decode()

    assert "No run yet" in content
    assert "Compute now" in content


def test_list_shows_what_when_how_long_and_who(client_as: Callable[..., Client]) -> None:
    client = client_as("commander")
    PublishedRunFactory(started_by=client.user, categories=["drugs", "violent"], beat=AreaFactory(name="North beat"))

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/runs/").content.decode()))

    for shown in (
        "Street block, North beat",
        "365 days to 2024-06-30",
        "Drugs, Violent",
        "Published",
        "1.5",
        str(client.user),
    ):
        assert shown in text


def test_failed_run_says_why_to_those_who_can_do_something(client_as: Callable[..., Client]) -> None:
    RunFactory(status=ConcentrationRun.Status.FAILED, error="OperationalError: disk full")

    assert b"disk full" in client_as("commander").get("/runs/").content
    assert b"disk full" not in client_as("officer").get("/runs/").content


def test_officer_may_look_but_neither_ask_nor_download(client_as: Callable[..., Client]) -> None:
    run = PublishedRunFactory()
    client = client_as("officer")

    content = client.get("/runs/").content.decode()

    assert "Compute now" not in content
    assert "/exports/scores/" not in content
    assert client.post("/runs/compute/").status_code == 403
    assert client.get(f"/exports/scores/?run={run.pk}").status_code == 403


def test_button_asks_for_the_nightly_set(client_as: Callable[..., Client], queue: list[dict]) -> None:
    BlockFactory()
    client = client_as("commander")

    response = client.post("/runs/compute/", follow=True)

    assert queue == [{"by_id": client.user.pk, "anew": True}]
    assert "Asked for." in response.content.decode()
    assert 'hx-trigger="every 3s"' in response.content.decode()


def test_button_says_when_the_queue_is_away(client_as: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**arguments: object) -> None:
        raise QueueError("Error 111 connecting")

    monkeypatch.setattr(tasks.recompute_standing_runs, "delay", fail)

    content = client_as("commander").post("/runs/compute/", follow=True).content.decode()

    assert "The queue cannot be reached" in content
    assert "every 3s" not in content


def test_page_does_not_change_anything_by_a_link(client_as: Callable[..., Client], queue: list[dict]) -> None:
    assert client_as("commander").get("/runs/compute/").status_code == 405
    assert not queue


def test_page_follows_a_run_that_goes_on(client_as: Callable[..., Client]) -> None:
    client, run = client_as("commander"), RunFactory()
    with session_lock(lock_name(run.spec)):
        page, fragment = client.get("/runs/"), client.get("/runs/", headers=HTMX)

    assert b'hx-trigger="every 3s"' in page.content
    assert b"Interrupted" not in page.content
    assert fragment.status_code == 200
    assert b"<html" not in fragment.content


def test_page_stops_following_when_nothing_goes_on(client_as: Callable[..., Client]) -> None:
    PublishedRunFactory()
    client = client_as("commander")

    assert b"every 3s" not in client.get("/runs/").content
    assert client.get("/runs/", headers=HTMX).status_code == 286


def test_run_whose_process_is_gone_shows_as_interrupted(client_as: Callable[..., Client]) -> None:
    RunFactory()

    page = client_as("commander").get("/runs/")

    assert b"Interrupted" in page.content
    assert b"every 3s" not in page.content


def test_list_takes_as_many_queries_for_three_as_for_one(client_as: Callable[..., Client]) -> None:
    client = client_as("commander")
    client.get("/runs/")
    counts = []
    for more in (1, 2):
        for _ in range(more):
            RunFactory(days=100 + ConcentrationRun.objects.count(), beat=AreaFactory())
            PublishedRunFactory(beat=AreaFactory())
        with CaptureQueriesContext(connection) as queries:
            client.get("/runs/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def download(client: Client, run: ConcentrationRun, form: str = "csv") -> bytes:
    return b"".join(client.get("/exports/scores/", {"run": run.pk, "format": form}))


@pytest.fixture
def run() -> ConcentrationRun:
    run = PublishedRunFactory(beat=AreaFactory(name="Beat 1 / North"))
    ScoreFactory(
        run=run, rank=2, share=1, count=1, risk_count=0, harm=0.5, z=None, q=None, place=BlockFactory(name="-2+3 St")
    )
    ScoreFactory(
        run=run,
        rank=1,
        share=0.75,
        z=-1.25,
        place=BlockFactory(name='=HYPERLINK("x")', source_id="@id", length_m=120.5),
    )
    return run


def test_csv_has_the_columns_in_order_and_text_that_no_spreadsheet_runs(
    client_as: Callable[..., Client], run: ConcentrationRun
) -> None:
    response = client_as("commander").get("/exports/scores/", {"run": run.pk, "format": "csv"})

    assert (
        response["Content-Disposition"] == 'attachment; filename="scores-block-365-days-to-2024-06-30-beat-1-north.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert list(rows[0]) == [
        "place_id", "source_id", "name", "size_m", "count", "risk_count", "harm", "rank", "share", "z", "q"
    ]  # fmt: skip
    first, second = rows
    assert (first["source_id"], first["name"]) == ("'@id", '\'=HYPERLINK("x")')
    assert (first["size_m"], first["count"], first["harm"], first["rank"], first["share"]) == (
        "120.5",
        "3",
        "4.5",
        "1",
        "0.75",
    )
    assert first["z"] == "-1.25"
    assert (second["name"], second["z"], second["q"], second["risk_count"]) == ("'-2+3 St", "", "", "0")


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_geographic_files_hold_the_same_and_the_shapes(
    client_as: Callable[..., Client], run: ConcentrationRun, ending: str, tmp_path
) -> None:
    response = client_as("administrator").get("/exports/scores/", {"run": run.pk, "format": ending})
    file = tmp_path / f"scores.{ending}"
    file.write_bytes(b"".join(response))

    frame = geopandas.read_file(file) if ending == "gpkg" else geopandas.read_parquet(file)

    assert list(frame.columns) == [
        "place_id", "source_id", "name", "size_m", "count", "risk_count", "harm", "rank", "share", "z", "q", "geometry"
    ]  # fmt: skip
    assert list(frame["rank"]) == [1, 2]
    assert list(frame["name"]) == ['=HYPERLINK("x")', "-2+3 St"]
    assert frame["z"].isna().tolist() == [False, True]
    assert frame.crs.to_epsg() == 4326
    assert set(frame.geom_type) == {"LineString"}


@pytest.mark.parametrize(
    ("factory", "column"), [(ComplexFactory, "size_m2"), (AddressFactory, None)], ids=["complex", "address"]
)
def test_size_is_named_by_its_unit_and_left_out_for_addresses(
    client_as: Callable[..., Client], factory: type, column: str | None
) -> None:
    score = ScoreFactory(run=PublishedRunFactory(kind=factory.kind), place=factory())

    response = client_as("commander").get("/exports/scores/", {"run": score.run.pk})

    header = b"".join(response).decode().splitlines()[0].replace('"', "").split(",")
    assert [name for name in header if name.startswith("size")] == ([column] if column else [])


def test_download_is_recorded(client_as: Callable[..., Client], run: ConcentrationRun) -> None:
    client = client_as("commander")

    download(client, run)

    entry = AuditEntry.objects.get(action=AuditEntry.Action.EXPORTED)
    assert entry.actor == client.user
    assert entry.details["run"] == run.pk
    assert entry.details["rows"] == 2


@pytest.mark.parametrize(
    "query", [{}, {"run": "1"}, {"run": "x"}, {"run": "²"}, {"run": "9" * 30}, {"run": "1", "format": "exe"}]
)
def test_download_of_what_is_not_there_is_not_found(client_as: Callable[..., Client], query: dict[str, str]) -> None:
    assert client_as("commander").get("/exports/scores/", query).status_code == 404


def test_run_that_goes_on_cannot_be_downloaded(client_as: Callable[..., Client]) -> None:
    assert client_as("commander").get("/exports/scores/", {"run": RunFactory().pk}).status_code == 404


def test_export_takes_as_many_queries_for_three_places_as_for_one(client_as: Callable[..., Client]) -> None:
    client, run = client_as("commander"), PublishedRunFactory()
    download(client, run)
    counts = []
    for more in (1, 2):
        ScoreFactory.create_batch(more, run=run)
        with CaptureQueriesContext(connection) as queries:
            download(client, run)
        counts.append(len(queries))

    assert counts[0] == counts[1]
