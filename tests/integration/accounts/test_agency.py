import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse

from accounts.agency import agency_zone, current_agency, forget_agency
from accounts.models import AgencyProfile, AuditEntry, PartnerAgency

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
PROFILE = {
    "name": "Elsewhere Police",
    "city": "Elsewhere",
    "state": "mo",
    "phone": "(555) 010-0000",
    "time_zone": "America/Denver",
    "languages": ["en"],
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_default_is_parsons_with_its_lines_and_partner():
    agency = current_agency()
    assert (agency.name, agency.phone, agency.tip_phone) == (
        "Parsons Police Department",
        "(620) 421-7060",
        "(620) 421-7057",
    )
    assert (agency.tip_email, agency.languages) == ("tips@parsonspd.com", ["en", "es"])
    assert str(agency_zone()) == "America/Chicago"
    assert PartnerAgency.objects.get(short_name="K-CAT").website == "https://www.kcatlabette.com"


def test_changed_profile_shows_at_once_and_is_recorded(client_as, django_capture_on_commit_callbacks):
    client = client_as("administrator")
    current_agency()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/agency/", PROFILE).status_code == 302
    assert current_agency().name == "Elsewhere Police"
    assert current_agency().state == "MO"
    assert str(agency_zone()) == "America/Denver"
    entry = AuditEntry.objects.get(action="agency_changed")
    assert entry.actor == client.user
    assert "time_zone" in entry.details["changed"]
    assert b"Elsewhere Police" in client.get("/agency/").content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"time_zone": "Mars/Base"}, "Mars/Base is not one of the available choices."),
        ({"state": "Kansas"}, "Ensure this value has at most 2 characters"),
        ({"state": "1x"}, "Two letters, such as KS."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"languages": []}, "This field is required."),
    ],
)
def test_profile_says_what_is_wrong(client_as, change, told):
    page = client_as("administrator").post("/agency/", PROFILE | change)
    assert told in page.content.decode()
    assert AgencyProfile.objects.get().name == "Parsons Police Department"


def test_logo_is_kept_and_served(client_as, client):
    client_as("administrator").post("/agency/", PROFILE | {"logo": SimpleUploadedFile("x.exe", PNG)})
    forget_agency()
    response = client.get("/agency/logo/")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert b"".join(response.streaming_content) == PNG


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<svg onload='alert(1)'>", "This is neither a PNG nor a JPEG picture."),
        (PNG + b"\0" * 600_000, "The logo is larger than 512 KB."),
        (b"", "The submitted file is empty."),
    ],
)
def test_logo_that_is_no_picture_is_refused(client_as, content, told):
    page = client_as("administrator").post("/agency/", PROFILE | {"logo": SimpleUploadedFile("a.png", content)})
    assert told in page.content.decode()
    assert not AgencyProfile.objects.get().logo


def test_time_of_a_zone_is_shown_before_it_is_saved(client_as):
    client = client_as("administrator")
    assert b"MST" in client.get("/agency/time/?time_zone=America/Phoenix").content
    assert client.get("/agency/time/?time_zone=../etc").status_code == 400


def test_partner_is_added_changed_and_removed_with_a_trail(client_as):
    client = client_as("administrator")
    client.post(reverse("partner_add"), {"name": "Sheriff", "website": "sheriff.example.gov"})
    partner = PartnerAgency.objects.get(name="Sheriff")
    assert partner.website == "https://sheriff.example.gov"
    client.post(reverse("partner", args=[partner.pk]), {"name": "County Sheriff"})
    partner.refresh_from_db()
    assert partner.name == "County Sheriff"
    client.post(reverse("partner_remove", args=[partner.pk]))
    assert not PartnerAgency.objects.filter(pk=partner.pk).exists()
    changes = AuditEntry.objects.filter(action="agency_changed").order_by("pk")
    assert [entry.details["change"] for entry in changes] == ["added partner", "changed partner", "removed partner"]


def test_pages_work_without_a_profile_and_say_what_is_missing(client_as, caplog):
    AgencyProfile.objects.all().delete()
    forget_agency()
    client = client_as("administrator")
    page = client.get("/agency/")
    assert b"Agency profile missing" in page.content
    assert "manage.py migrate" in caplog.text
    client.post("/agency/", PROFILE)
    assert AgencyProfile.objects.get().name == "Elsewhere Police"


def test_there_is_one_profile_at_most():
    with pytest.raises(IntegrityError):
        AgencyProfile.objects.create(pk=2, name="Second", time_zone="UTC")
