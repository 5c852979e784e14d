"""The pages of owners, households and lists."""

from datetime import date
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from notices.actions.lists import run
from notices.models import ListImport, Mailbox, OptOut, Owner
from tests.factories.hotspots import AddressFactory
from tests.factories.notices import (
    LetterFactory,
    ListImportFactory,
    MailboxFactory,
    OptOutFactory,
    OwnerFactory,
    OwnershipFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client_as):
    return client_as("clerk")


def queries_of(clerk, address):
    clerk.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert clerk.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["owners", "households", "list_imports"])
def test_list_takes_as_many_queries_for_three_as_for_one(clerk, name):
    def make():
        OwnershipFactory()
        OptOutFactory()
        MailboxFactory(undeliverable_on=date(2025, 1, 1), undeliverable_why="Vacant")
        ListImport.objects.create(
            kind="owners", source="county", file_name="a.csv", uploaded_by=OptOutFactory().recorded_by, status="done"
        )

    make()
    one = queries_of(clerk, reverse(name))
    make(), make()
    assert queries_of(clerk, reverse(name)) == one


def test_owner_page_takes_as_many_queries_for_three_of_each_as_for_one(clerk):
    owner = OwnerFactory()

    def make():
        OwnershipFactory(owner=owner)
        LetterFactory(owner=owner)

    make()
    address = reverse("owner", args=[owner.pk])
    one = queries_of(clerk, address)
    make(), make()
    assert queries_of(clerk, address) == one


def test_owners_are_found_by_name_property_and_parcel(clerk):
    mine = OwnershipFactory(owner__name="ELM HOLDINGS", place__name="12 Oak Ave", parcel="123-45").owner
    OwnershipFactory(owner__name="OTHER LLC")
    for words in ("elm hold", "12 oak avenue", "123-4"):
        assert [each.pk for each in clerk.get(reverse("owners"), {"q": words}).context["page"]] == [mine.pk]


def test_owners_are_narrowed_down_by_what_they_asked_for(clerk):
    email = OwnerFactory(email="a@example.org", email_asked_on=date(2025, 1, 1))
    refused = OptOutFactory(place=None, owner=OwnerFactory()).owner
    returned = OwnerFactory(undeliverable_on=date(2025, 1, 1), undeliverable_why="Moved")
    for only, owner in (("email", email), ("opted_out", refused), ("returned", returned)):
        assert [each.pk for each in clerk.get(reverse("owners"), {"only": only}).context["page"]] == [owner.pk]


def test_address_by_hand_clears_returned_mail_and_is_told_in_the_trail(clerk):
    owner = OwnerFactory(undeliverable_on=date(2025, 1, 1), undeliverable_why="Moved")
    values = {"name": owner.name, "street": "PO Box 9", "city": "Parsons", "state": "ks", "zip_code": "67357"}
    answer = clerk.post(reverse("owner_address", args=[owner.pk]), {f"address-{k}": v for k, v in values.items()})
    assert answer.status_code == 302
    owner.refresh_from_db()
    assert (owner.street, owner.state, owner.undeliverable_on) == ("PO Box 9", "KS", None)
    assert owner.changed_by_hand_on
    assert AuditEntry.objects.get(action=AuditEntry.Action.OWNER_CHANGED).details["owner"] == owner.pk


def test_address_that_mail_cannot_reach_is_refused_and_changes_nothing(clerk):
    owner = OwnerFactory()
    values = {"name": owner.name, "street": "Elm St", "city": "Parsons", "state": "KS", "zip_code": "67357"}
    answer = clerk.post(reverse("owner_address", args=[owner.pk]), {f"address-{k}": v for k, v in values.items()})
    assert answer.status_code == 422
    assert "no house number" in answer.content.decode()
    assert Owner.objects.get().street == owner.street


def test_email_needs_the_day_on_which_it_was_asked_for(clerk):
    owner = OwnerFactory()
    address = reverse("owner_wishes", args=[owner.pk])
    values = {"wishes-language": "es", "wishes-email": "a@example.org"}
    assert clerk.post(address, values).status_code == 422
    assert clerk.post(address, {**values, "wishes-email_asked_on": "2025-02-01"}).status_code == 302
    owner.refresh_from_db()
    assert (owner.language, owner.email, owner.email_asked_on) == ("es", "a@example.org", date(2025, 2, 1))


def test_owner_opts_out_and_back_in(clerk):
    owner = OwnerFactory()
    clerk.post(reverse("owner_opt_out", args=[owner.pk]), {"note": "By phone"})
    clerk.post(reverse("owner_opt_out", args=[owner.pk]))
    found = OptOut.objects.get()
    assert (found.owner, found.note) == (owner, "By phone")
    clerk.post(reverse("opt_out_end", args=[found.pk]))
    found.refresh_from_db()
    assert found.ended_at
    assert AuditEntry.objects.filter(action=AuditEntry.Action.OPT_OUT_CHANGED).count() == 2


def test_household_opts_out_after_a_search(clerk):
    place = AddressFactory(name="12 Oak Ave", street="OAK AVE", number_low=12, number_high=12)
    assert b"12 Oak Ave" in clerk.get(reverse("households"), {"q": "12 oak"}).content
    assert clerk.post(reverse("households"), {"place": place.pk}).status_code == 302
    assert OptOut.objects.get().place == place
    assert clerk.post(reverse("households"), {}).status_code == 422


def test_zip_code_by_hand(clerk):
    place = AddressFactory()
    address = reverse("mailbox", args=[place.pk])
    assert clerk.post(address, {"zip_code": "6735"}).status_code in (302, 422)
    assert clerk.post(address, {"zip_code": "67357-1234"}).status_code == 302
    assert Mailbox.objects.get().zip_code == "67357-1234"
    assert clerk.post(address, {"zip_code": "no"}).status_code == 422


LIST = b"""Parcel ID,Location,Owner,Mail To,City,State,Zip
P1,12 Oak Ave,PAT,PO Box 7,Parsons,KS,67357
P2,12 Elm,=BAD(),PO Box 7,Parsons,KS,67357
"""


def test_list_goes_from_upload_over_columns_to_its_rejects(clerk, django_capture_on_commit_callbacks):
    AddressFactory(name="12 Oak Ave", street="OAK AVE", number_low=12, number_high=12)
    upload = {"kind": "owners", "source": "county", "file": SimpleUploadedFile("owners.csv", LIST)}
    found_at = clerk.post(reverse("list_import_new"), upload).headers["Location"]
    found = ListImport.objects.get()
    assert found_at == reverse("list_import_columns", args=[found.pk])
    page = clerk.get(found_at)
    guessed = page.context["form"].initial
    assert "mail_street" not in guessed
    with patch("notices.tasks.run_list_import.delay") as queued:
        assert clerk.post(found_at, guessed).status_code == 422
        assert not queued.called
        assert clerk.post(found_at, {**guessed, "mail_street": "Mail To"}).status_code == 302
    run(*queued.call_args.args)
    page = clerk.get(reverse("list_import", args=[found.pk])).content.decode()
    assert "The city has no such address or parcel." in page
    lines = b"".join(clerk.get(reverse("list_import_rejects", args=[found.pk])).streaming_content).decode().splitlines()
    assert "'=BAD()" in lines[1]
    again = {"kind": "owners", "source": "county", "file": SimpleUploadedFile("owners.csv", LIST)}
    page = clerk.get(clerk.post(reverse("list_import_new"), again).headers["Location"])
    assert page.context["form"].initial["mail_street"] == "Mail To"


@pytest.mark.parametrize(
    ("rows_read", "words", "bar"),
    [
        (2_000, "2,000 of about 8,000 rows were read.", 'max="8000" value="2000"'),
        (8_000, "8,000 rows were read and are being stored.", "imports-progress"),
    ],
)
def test_list_on_its_way_tells_how_far_it_is_until_it_is_done(clerk, rows_read, words, bar):
    found = ListImportFactory(status="running", columns={"name": "Owner"}, rows_read=rows_read, rows_total=8_000)
    address = reverse("list_import", args=[found.pk])
    page = clerk.get(address).content.decode()
    assert words in page
    assert bar in page
    assert ("value=" in page.split("<progress")[1].split(">")[0]) == (rows_read < 8_000)
    assert clerk.get(address, headers={"HX-Request": "true"}).status_code == 200
    ListImport.objects.update(status="done", finished_at=timezone.now())
    assert clerk.get(address, headers={"HX-Request": "true"}).status_code == 286


def test_file_that_is_no_table_is_refused_at_once(clerk):
    upload = {"kind": "owners", "source": "county", "file": SimpleUploadedFile("owners.csv", b"PK\x03\x04 not text")}
    answer = clerk.post(reverse("list_import_new"), upload)
    assert answer.status_code == 422
    assert not ListImport.objects.exists()
