"""A detective unlocks the key, opens a tip, triages it, asks back, refers and closes: in a browser."""

import os
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as config
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import PartnerAgency
from hotspots.actions.concentration import compute_run
from hotspots.models import Place
from hotspots.specs import RunSpec
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import (
    SOUTH,
    STEP,
    WEST,
    AreaFactory,
    BlockFactory,
    HotSpotFactory,
    IncidentFactory,
    LocationFactory,
)
from tests.factories.measures import clean_picture
from tests.factories.tips import PASSPHRASE, SentTip, make_reader, make_tip
from tests.functional.conftest import DESK, PHONE
from tests.integration.tips.inbox import CANARY
from tests.integration.tips.test_referrals import make_certificate, make_rsa, opened_by_openssl
from tips.actions import referrals

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Checked = Callable[[Page, str], None]
LAST_DAY = date(2024, 6, 15)


@pytest.fixture
def checked(axe: Callable[[Page], None], fits: Callable[[Page], None]) -> Checked:
    """A page is accessible, and fits on a phone and a desk; with HOTSPOTS_PICTURES set, it is kept to be looked at."""

    def check(page: Page, name: str) -> None:
        axe(page)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            fits(page)
            if folder := os.environ.get("HOTSPOTS_PICTURES"):
                page.screenshot(path=Path(folder) / f"inbox-{name}-{size['width']}.png", full_page=True)

    return check


def unlock(page: Page) -> None:
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Unlock").click()


def open_summary(page: Page, words: str) -> None:
    page.locator("summary", has_text=words).click()


def test_detective_goes_from_a_tip_to_its_end(signed_in: Callable[..., Page], checked: Checked, tmp_path: Path) -> None:
    reader = make_reader(UserFactory(roles=["detective"], first_name="Ana", last_name="Ruiz"))
    block, key = BlockFactory(at=(0, 0), name="100 block of Main St"), make_rsa()
    HotSpotFactory(name="Main Street", places=[block])
    partner = PartnerAgency.objects.create(name="County task force")
    referrals.set_partner_key(by=reader.user, partner=partner, certificate=make_certificate(key))
    sent = some_tips(block)
    page = signed_in(reader.user)

    page.goto("/tips/")
    expect(page.get_by_role("link", name="Unlock your key")).to_be_visible()
    checked(page, "list-locked")
    page.get_by_role("link", name=f"Tip {sent.tip.short}").click()
    unlock(page)
    expect(page.get_by_text("Llegan carros toda la noche")).to_be_visible()
    triage(page, checked)
    ask(page, checked)
    end(page, checked, key, tmp_path)
    expect(page.get_by_text("A partner works on it", exact=False).first).to_be_visible()

    page.goto("/tips/?show=all")
    checked(page, "list")
    page.get_by_label("Words").fill("LLEGAN CARROS")
    page.get_by_role("button", name="Search what they say").click()
    expect(page.get_by_text("1 fits.")).to_be_visible()
    checked(page, "found")
    assert "carros" not in page.url


def some_tips(block: Place) -> SentTip:
    make_tip(place=block, status="working", channel="phone", credibility="high")
    make_tip(quarantined=True)
    point = f"{SOUTH:.5f}, {WEST + STEP / 2:.5f}"
    texts = {"where": "Puerta de atrás", "when": "Viernes y sábado", "who": "Camioneta blanca", "point": point}
    what = f"Llegan carros toda la noche.\n\nSe quedan un minuto. {CANARY}"
    return make_tip(what=what, texts=texts, language="es", photos=(clean_picture().read(),))


def triage(page: Page, checked: Checked) -> None:
    expect(page.get_by_role("img", name="Photo 1")).to_be_visible()
    checked(page, "tip-new")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="It is there").click()
    expect(page.get_by_text("It is at 100 block of Main St.")).to_be_visible()
    expect(page.get_by_role("link", name="Main Street")).to_be_visible()
    page.locator("label", has_text="High").click()
    page.get_by_text("It names or describes a person").click()
    page.get_by_label("Why it may be kept").select_option("under_evaluation")
    page.get_by_role("button", name="Triaged").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("Yours.", exact=True)).to_be_visible()
    open_summary(page, "Translate it")
    page.get_by_label("Your translation").fill("Cars come all night. They stay for a minute.")
    page.get_by_role("button", name="Put it beside").click()
    expect(page.get_by_text("Cars come all night.")).to_be_visible()


def ask(page: Page, checked: Checked) -> None:
    open_summary(page, "Write an answer")
    page.get_by_text("¿A qué hora llegan los carros?").click()
    checked(page, "answer")
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="Leave this answer").click()
    expect(page.get_by_text("Not fetched yet")).to_be_visible()
    open_summary(page, "Write a note")
    page.get_by_role("textbox", name="Note").fill("Ask the owner for the camera.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Ask the owner for the camera.")).to_be_visible()
    checked(page, "tip-working")
    page.set_viewport_size(DESK)


def end(page: Page, checked: Checked, key: object, folder: Path) -> None:
    page.get_by_role("link", name="Send it to a partner").click()
    page.get_by_label("Partner").select_option(label="County task force")
    page.get_by_label("Why").select_option("task_force")
    checked(page, "refer")
    with page.expect_download() as download:
        page.get_by_role("button", name="Refer it and download").click()
    archive: zipfile.ZipFile = opened_by_openssl(Path(download.value.path()).read_bytes(), key, folder)
    assert "Llegan carros" in archive.read("tip.txt").decode()
    page.get_by_role("link", name="Back to the tip").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    checked(page, "tip-ended")
    page.set_viewport_size(DESK)


def test_pages_around_are_calm_on_phone_and_desk(signed_in: Callable[..., Page], checked: Checked) -> None:
    reader = make_reader()
    for _ in range(2):
        make_tip(quarantined=True)
    today = timezone.localdate()
    closed_on = today - timedelta(days=config.TIP_KEPT_DAYS - 3)
    make_tip(status="closed", outcome="solved", closed_on=closed_on, place=BlockFactory())
    overdue = make_tip(about_person=True, basis="case", review_on=today).tip
    other = make_tip().tip
    PartnerAgency.objects.create(name="County task force")
    page = signed_in(reader.user)
    for path, name in (
        ("quarantine/", "quarantine"),
        ("retention/", "about-to-go"),
        ("reviews/", "reviews"),
        (f"{overdue.pk}/review/", "review"),
        (f"{other.pk}/same/", "same"),
        ("referrals/", "referrals"),
        ("partners/", "partners"),
        ("call/", "call"),
    ):
        assert page.goto(f"/tips/{path}").status == 200
        checked(page, name)


def test_shut_tip_says_who_can_let_one_in(signed_in: Callable[..., Page], checked: Checked) -> None:
    make_reader(UserFactory(roles=["detective"], first_name="Ana", last_name="Ruiz"))
    tip, late = make_tip().tip, make_reader()
    page = signed_in(late.user)
    page.goto(f"/tips/{tip.pk}/")
    unlock(page)
    expect(page.get_by_text("Your key does not open this tip.")).to_be_visible()
    checked(page, "shut")


def test_call_is_taken_and_its_words_read_out(signed_in: Callable[..., Page], checked: Checked) -> None:
    make_reader()
    page = signed_in("officer")
    page.goto("/tips/call/")
    page.get_by_label("What is going on?").fill("Cars at the back door")
    page.get_by_role("button", name="Seal it and get the receipt").click()
    expect(page.locator(".tip-words li")).to_have_count(8)
    checked(page, "call-taken")


def test_map_shows_numbers_of_tips_when_asked(
    signed_in: Callable[..., Page], checked: Checked, settings: Settings, tmp_path: Path
) -> None:
    settings.TILE_CACHE = tmp_path / "tiles"
    AreaFactory(name="Main beat")
    blocks = [BlockFactory(at=(n, 0)) for n in range(3)]
    IncidentFactory.create_batch(2, location=LocationFactory(block=blocks[0]))
    compute_run(by=None, spec=RunSpec("block", LAST_DAY, 365), standing=True)
    make_reader()
    for _ in range(4):
        make_tip(place=blocks[1])
    page = signed_in("commander")
    page.goto("/map/")
    expect(page.locator("#map")).to_have_attribute("data-idle", "true", timeout=20_000)
    button = page.get_by_role("button", name="Tips", exact=True).and_(page.locator(".map-tool"))
    with page.expect_response("**/tips/counts/map.json") as answer:
        button.click()
    assert [each["properties"]["count"] for each in answer.value.json()["features"]] == [4]
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#map")).to_have_attribute("data-idle", "true", timeout=20_000)
    checked(page, "map")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
