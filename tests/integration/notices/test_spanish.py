"""No string of a public page is left in English on the Spanish site, nor the other way round (L4)."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import trans_real

from notices.forms.public import new_token
from notices.topics import CHECKLIST
from tests.factories.public import make_site, pages

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
