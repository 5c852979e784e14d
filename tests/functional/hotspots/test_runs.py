"""A commander asks for runs, watches them come in and downloads scores."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from hotspots import tasks
from hotspots.models import ConcentrationRun
from tests.factories.hotspots import AreaFactory, PublishedRunFactory, RunFactory, ScoreFactory
from tests.functional.conftest import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 600}


def picture(page: Page, name: str) -> None:
    """With HOTSPOTS_PICTURES set, keep what is shown, to be looked at."""
    if folder := os.environ.get("HOTSPOTS_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_run_that_was_asked_for_comes_in_by_itself(
    signed_in: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    ScoreFactory(run=PublishedRunFactory(days=28))
    monkeypatch.setattr(tasks.recompute_standing_runs, "delay", lambda **arguments: None)
    page = signed_in("commander")
    page.goto("/runs/")

    page.get_by_role("button", name="Compute now").click()
    expect(page.get_by_text("Asked for.")).to_be_visible()
    PublishedRunFactory(days=91)

    expect(page.get_by_role("cell", name="91 days to 2024-06-30", exact=True)).to_be_visible()


@pytest.mark.parametrize("viewport", [DESK, SMALL], ids=["desk", "320 px"])
def test_page_of_runs_is_for_everybody_on_every_screen(
    signed_in: Callable[..., Page],
    axe: Callable[[Page], None],
    fits: Callable[[Page], None],
    viewport: dict[str, int],
) -> None:
    PublishedRunFactory(days=365)
    PublishedRunFactory(days=120, standing=False, categories=["drugs", "violent"], beat=AreaFactory(name="Beat 2"))
    RunFactory(days=28)
    RunFactory(days=91, status=ConcentrationRun.Status.FAILED, error="OperationalError: the disk is full")
    page = signed_in("commander", viewport=viewport)

    page.goto("/runs/")

    expect(page.get_by_text("Interrupted")).to_be_visible()
    axe(page)
    fits(page)
    picture(page, f"runs-{viewport['width']}")


def test_scores_are_downloaded(signed_in: Callable[..., Page]) -> None:
    ScoreFactory(run=PublishedRunFactory())
    page = signed_in("administrator")
    page.goto("/runs/")

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()

    assert download.value.suggested_filename == "scores-block-365-days-to-2024-06-30.csv"
    assert len(Path(download.value.path()).read_text().splitlines()) == 2
