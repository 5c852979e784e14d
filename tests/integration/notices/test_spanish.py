"""No string of a public page is left in English on the Spanish site, nor the other way round (L4); nor of minutes."""

import csv
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import trans_real
from pypdf import PdfReader

from accounts.agency import forget_agency
from accounts.models import AgencyProfile
from hotspots.models import Offense
from notices.actions import minutes
from notices.actions.reminders import words
from notices.forms.public import new_token
from notices.models import Checkpoint, Meeting, MeetingRole
from notices.queries.agendas import agenda_of
from notices.queries.reminders import Digest
from notices.topics import CHECKLIST, TOPICS
from tactics.catalogue import MEASURES, Tactic
from tactics.models import LightingItem, Measure
from tests.factories.hotspots import AddressFactory, IncidentFactory, LocationFactory, OffenseFactory
from tests.factories.measures import make_light, make_survey
from tests.factories.notices import (
    AgreementFactory,
    AttendeeFactory,
    CheckpointFactory,
    IssueFactory,
    MeetingFactory,
)
from tests.factories.public import make_site, pages
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def missing(monkeypatch):
    """Every string that was looked up in Spanish and is in no catalog."""
    found = set()
    catalog = trans_real.translation("es")._catalog
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        real = getattr(trans_real, name)

        def look_up(*words, name=name, real=real):
            key = f"{words[0]}\x04{words[1]}" if name.startswith(("p", "np")) else words[0]
            if translation.get_language() == "es" and key:
                forms = (key, 0), (key, 1)
                if key not in catalog and not any(form in catalog for form in forms):
                    found.add(key)
            return real(*words)

        monkeypatch.setattr(translation._trans, name, look_up, raising=False)
    return found


def walk(client, language):
    yield from (client.get(address) for address in pages(language))
    yield client.get(f"/{language}/nothing-here/")
    yield client.get(reverse("public_feed", args=[language]))
    yield client.get(reverse("public_json", args=[language]))
    address = reverse("public_help", args=[language])
    yield client.post(address, {"leave_empty": "x", "where": "x" * 201})
    yield client.post(address, {}, headers={"Sec-Fetch-Site": "cross-site"})


def test_spanish_pages_leave_no_string_untranslated(missing, settings):
    make_site()
    settings.DEMO, settings.TIP_FORM_URL = True, "https://tips.example.org/"
    for response in walk(Client(), "es"):
        assert response.status_code in {200, 403, 404, 422}, response
    settings.MOST_HELP_REQUESTS = 0
    whole = {"role": "owner", "where": "100 Main St", "message": "Está oscuro.", "token": new_token()}
    assert Client().post(reverse("public_help", args=["es"]), whole).status_code == 429
    assert not missing, "\n".join(sorted(missing))


def test_checklist_is_translated(missing):
    with translation.override("es"):
        for check in CHECKLIST.values():
            assert str(check.group)
            assert str(check.question)
    assert not missing, "\n".join(sorted(missing))


def words_of(response):
    body = response.content.decode()
    return set(re.findall(r"[a-záéíóúñü]+", strip_tags(body).lower()))


def test_pages_speak_one_language():
    make_site()
    client = Client()
    for address in pages("es"):
        assert not words_of(client.get(address)) & {"the", "and", "with", "your", "you", "are"}, address
    for address in pages("en"):
        assert not words_of(client.get(address)) & {"el", "los", "las", "para", "usted", "una"}, address


@pytest.fixture
def met():
    """A meeting with something in every part of its minutes; what people typed is Spanish."""
    AgencyProfile.objects.update(languages=["es", "en"])
    forget_agency()
    place, now = AddressFactory(), timezone.now()
    before = MeetingFactory(place=place, status="held", starts_at=now - timedelta(days=90))
    for offense in (OffenseFactory(name="Burglary"), OffenseFactory(name="Trespass", enforcement_generated=True)):
        at = LocationFactory(address=place, block=None)
        IncidentFactory.create_batch(12, location=at, offense=offense, occurred_from=now - timedelta(days=30))
    meeting = MeetingFactory(
        place=place, status="held", starts_at=now - timedelta(days=1), where="En la oficina", summary="Falta luz.",
        tips=list(TOPICS), agenda_notes="Las llaves",
    )  # fmt: skip
    typed = {"place": place, "title": "Podar los arbustos", "party": "owner", "organization": "Inmobiliaria"}
    for each in (before, meeting):
        AgreementFactory(meeting=each, measure=MeasureFactory(**typed, due_on=timezone.localdate()))
    make_light(make_survey(place=place), where="poste 3")
    Measure.objects.filter(lighting_survey__isnull=False).update(title="Revisar las luces")
    for role in MeetingRole.values:
        AttendeeFactory(meeting=meeting, role=role)
        IssueFactory(meeting=meeting, raised_by=role, what="Está oscuro.")
    for item, finding in zip(CHECKLIST, Checkpoint.Finding.values, strict=False):
        CheckpointFactory(meeting=meeting, item=item, finding=finding, note="Poste 3")
    MeetingFactory(place=place, follows=meeting, where="En la oficina", starts_at=now + timedelta(days=30))
    meeting.agenda = agenda_of(meeting)
    meeting.save()
    return meeting


def test_minutes_agenda_and_reminder_leave_no_string_untranslated(missing, met):
    made = [minutes.minutes_pdf(met), minutes.agenda_pdf(met)]
    told = " ".join(page.extract_text() for pdf in made for page in PdfReader(BytesIO(pdf)).pages)
    agreed = list(met.agreements.all())
    told += " ".join(words(Digest(met.created_by, [met], agreed, agreed)))
    assert not missing, "\n".join(sorted(missing))
    assert "Robo en casa o local" in told
    assert f"de {timezone.localdate().year}" in told
    in_english = {"the", "and", "with", "your", "was", "are", "calls", "by", "none", "monday", "owner", "burglary"}
    found = set(re.findall(r"[a-záéíóúñü]+", told.lower())) & in_english
    assert not found, found


def test_choices_that_minutes_tell_are_translated(missing):
    with translation.override("es"):
        told = (*Measure.Status, *Measure.Party, *LightingItem.Kind, *LightingItem.State, *Offense.Category)
        for choice in (*told, *Meeting.AskedBy, *Checkpoint.Finding, *MeetingRole):
            assert str(choice.label)
        assert all(str(Tactic(kind).label) for kind in MEASURES)
        with (configured.BASE_DIR / "hotspots/data/offenses.csv").open() as offenses:
            assert all(translation.gettext(row["name"]) for row in csv.DictReader(offenses))
    assert not missing, "\n".join(sorted(missing))
