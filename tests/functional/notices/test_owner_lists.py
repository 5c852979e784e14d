"""A clerk and the list of owners, in a browser."""

import pytest

from notices import tasks
from notices.actions.lists import run
from notices.models import OptOut, Owner
from tests.factories.hotspots import AddressFactory
from tests.factories.notices import ListImportFactory
from tests.functional.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = """Parcel ID,Location,Owner,Mail To,City,State,Zip
P1,12 Oak Ave,Pat Example,PO Box 7,Parsons,KS,67357
P2,99 Nowhere Ln,Sam Example,PO Box 8,Parsons,KS,67357
P3,12 Oak Ave,Kim Example,Elm Street,Parsons,KS,67357
"""


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_clerk_takes_a_list_in_and_records_what_people_asked_for(signed_in, axe, fits, monkeypatch, viewport):
    monkeypatch.setattr(tasks.run_list_import, "delay", lambda *args: run(*args))
    AddressFactory(name="12 Oak Ave", street="OAK AVE", number_low=12, number_high=12)
    page = signed_in("clerk", viewport=viewport)

    def looked_at():
        fits(page)
        if viewport == PHONE:  # the same pages at the desk
            axe(page)

    page.goto("/owners/")
    looked_at()
    page.get_by_role("link", name="Upload a list").click()
    page.get_by_label("Where it comes from").fill("county")
    file = {"name": "owners.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    page.get_by_label("Drag file here or choose from folder").set_input_files(file)
    looked_at()
    page.get_by_role("button", name="Upload", exact=True).click()

    page.get_by_role("heading", level=1, name="Which column is what").wait_for()
    page.get_by_role("button", name="Take the list in").click()
    page.get_by_text("Choose the column for “Mailing street or PO box”.").wait_for()
    looked_at()
    page.get_by_label("Mailing street or PO box").select_option("Mail To")
    page.get_by_role("button", name="Take the list in").click()
    page.get_by_text("The city has no such address or parcel.").wait_for()
    assert page.get_by_text("no house number").is_visible()
    looked_at()

    page.get_by_role("link", name="Owners", exact=True).last.click()
    page.get_by_role("link", name="Pat Example").click()
    looked_at()
    page.get_by_text("Language and e-mail").click()
    page.get_by_label("E-mail (optional)", exact=True).fill("pat@example.org")
    page.get_by_label("asked for e-mail on").fill("2025-03-01")
    looked_at()
    page.locator("form[action$='/wishes/']").get_by_role("button", name="Keep").click()
    page.get_by_text("e-mail to pat@example.org").wait_for()
    assert Owner.objects.get().email == "pat@example.org"

    on_the_way = ListImportFactory(status="running", columns={"name": "Owner"}, rows_read=2_000, rows_total=8_000)
    page.goto(f"/owners/lists/{on_the_way.pk}/")
    bar = page.get_by_role("progressbar", name="Progress of the import")
    assert bar.evaluate("bar => bar.position") == 0.25
    looked_at()

    page.goto("/owners/households/")
    page.get_by_label("Address", exact=True).fill("12 oak")
    page.get_by_role("search").get_by_role("button", name="Search").last.click()
    page.get_by_text("12 Oak Ave", exact=True).click()
    looked_at()
    page.get_by_role("button", name="Send no letters there").click()
    page.get_by_text("12 Oak Ave gets no letters any more.").wait_for()
    looked_at()
    assert OptOut.objects.in_force().count() == 1
    page.get_by_role("button", name="Send letters again").click()
    page.get_by_text("12 Oak Ave gets letters again.").wait_for()
    assert not OptOut.objects.in_force().exists()
