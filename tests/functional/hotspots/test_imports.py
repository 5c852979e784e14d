"""An administrator uploads a file, says what its columns are, watches and sees the result."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hotspots import tasks
from hotspots.models import ImportBatch, Reject
from tests.factories.hotspots import BlockFactory, ImportBatchFactory
from tests.functional.conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 600}
ROWS = """Case Number,Occurred From,Offense,Street Address,Longitude,Latitude
1,03/09/2024 17:05,LARCENY - SHOPLIFTING,100 MAIN ST,-95.27,37.34
2,03/10/2024 08:00,VANDALISM,200 MAIN ST,-95.27,37.34
3,never,VANDALISM,200 MAIN ST,-95.27,37.34
"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def picture(page: Page, name: str) -> None:
    """With HOTSPOTS_PICTURES set, keep what is shown, to be looked at."""
    if folder := os.environ.get("HOTSPOTS_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("viewport", [DESK, SMALL], ids=["desk", "320 px"])
def test_file_is_uploaded_mapped_watched_and_done(
    signed_in: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    viewport: dict[str, int],
) -> None:
    def look(name: str) -> None:
        axe(page)
        fits(page)
        picture(page, f"imports-{name}-{viewport['width']}")

    BlockFactory()
    monkeypatch.setattr(tasks.run_import, "delay", lambda batch_id: None)
    path = tmp_path / "march.csv"
    path.write_text(ROWS)
    page = signed_in("administrator", viewport=viewport)
    page.goto("/imports/")
    expect(page.get_by_text("Nothing has been imported yet.")).to_be_visible()
    look("empty")

    page.get_by_role("link", name="Upload files").click()
    look("new")
    page.get_by_label("Files").set_input_files(path)
    page.get_by_role("button", name="Upload and preview").click()
    expect(page.get_by_role("heading", name="What the columns are")).to_be_visible()
    expect(page.get_by_label("Date and time, or the start of the span")).to_have_value("Occurred From")
    look("mapping")
    page.get_by_label("Date and time, or the start of the span").select_option("")
    page.get_by_role("button", name="Start the import").click()
    expect(page.get_by_text("Choose the column that tells when it happened.")).to_be_visible()
    look("mapping-error")
    page.get_by_label("Date and time, or the start of the span").select_option("Occurred From")
    page.get_by_role("button", name="Start the import").click()

    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
    look("waiting")
    tasks.run_import(ImportBatch.objects.get().pk)
    expect(page.get_by_text("3 rows were read.")).to_be_visible()
    expect(page.get_by_role("cell", name="cannot read the date of occurrence: never")).to_be_visible()
    look("done")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download them with their reasons").click()
    assert "cannot read the date of occurrence: never" in Path(download.value.path()).read_text()


@pytest.mark.parametrize("viewport", [DESK, SMALL], ids=["desk", "320 px"])
def test_list_of_imports_on_every_screen(
    signed_in: Callable[..., Page], axe: Callable[[Page], None], fits: Callable[[Page], None], viewport: dict[str, int]
) -> None:
    batch = ImportBatchFactory(
        source="st_louis", read=595155, created=585805, retracted=9337, rejected=13, unlocated=12150
    )
    Reject.objects.create(batch=batch, file="May2012.csv.gz", line=2, reason="no date of occurrence")
    failed = ImportBatchFactory(source="records", status="failed", error="rows.csv is empty: 0 bytes")
    ImportBatchFactory(
        source="", mapping_name="", status="waiting", finished_at=None, files=[{"name": "new.csv", "bytes": 1}]
    )
    page = signed_in("administrator", viewport=viewport)
    for address, name in (
        ("/imports/", "list"),
        (f"/imports/{batch.pk}/", "result"),
        (f"/imports/{failed.pk}/", "failed"),
    ):
        page.goto(address)
        axe(page)
        fits(page)
        picture(page, f"imports-{name}-{viewport['width']}")
