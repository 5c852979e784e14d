"""A clerk changes a letter, is told of a misspelled field, saves, and goes back, in a browser."""

import pytest
from playwright.sync_api import expect

from notices.models import LetterTemplate
from tests.factories.notices import VersionFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_clerk_changes_a_letter_and_goes_back(signed_in, axe, fits, viewport):
    version = VersionFactory(template__name="Announcement", template__slug="announcement-of-test")
    page = signed_in("clerk", viewport=viewport)

    def looked_at():
        axe(page)
        fits(page)

    page.goto("/letters/templates/")
    looked_at()
    page.get_by_role("link", name="Announcement", exact=True).click()
    looked_at()
    page.get_by_role("link", name="Print a copy").click()
    looked_at()
    page.get_by_role("button", name="Open the PDF").click()
    expect(page.get_by_text("The field {area} (Area) is empty.")).to_be_visible()
    looked_at()
    page.get_by_role("link", name="Announcement", exact=True).click()
    page.get_by_role("link", name="Change the words").click()
    page.wait_for_load_state()  # what is typed before its script is there changes no preview
    english = page.get_by_role("region", name="English")
    before = english.locator(".house-tag").inner_text()
    letter = page.get_by_label("Letter, English")
    letter.fill("The {agencey} will help. Say hello to us.")
    expect(english.get_by_text("There is no field {agencey}. Did you mean {agency}?")).to_be_visible()
    looked_at()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator(".usa-error-message").get_by_text("Did you mean {agency}?")).to_be_visible()
    looked_at()
    letter.fill("The police will help. Say hello to us. ")
    page.get_by_text("Fields", exact=True).click()
    page.get_by_role("button", name="{agency}", exact=True).click()
    expect(letter).to_have_value("The police will help. Say hello to us. {agency}")
    expect(english.locator(".house-tag")).not_to_have_text(before)
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    looked_at()
    page.get_by_role("button", name="Go back to version 1").click()
    expect(page.get_by_text("Version 3 has the words of version 1.")).to_be_visible()
    assert LetterTemplate.objects.get(pk=version.template_id).latest().body_en == version.body_en
