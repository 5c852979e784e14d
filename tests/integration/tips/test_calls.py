"""A tip told on the phone leaves no trace of who told it, nor of who wrote it down (A10)."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests.factories.tips import make_reader
from tests.integration.tips.inbox import CANARY
from tips.models import Message, Tip, TipEvent
from tips.queries import intake
from tips.reading import open_tip
from tips.sealing import receipts
from tips.unlocking import Unlocked

pytestmark = pytest.mark.django_db


def told(**values: str) -> dict[str, str]:
    return {"language": "en", "what": CANARY, "sending": str(uuid.uuid4()), **values}


@pytest.mark.parametrize("role", ["officer", "commander", "clerk", "detective"])
def test_call_is_sealed_and_its_receipt_shown_once(client_as: Callable[..., Client], role: str) -> None:
    reader = make_reader()
    client = client_as(role)
    page = client.get(reverse("tip_call"))
    assert "911" in page.content.decode()
    before = AuditEntry.objects.count()
    response = client.post(reverse("tip_call"), told(where="Back door", language="es"))
    assert "no-store" in response.headers["Cache-Control"]
    words = response.context["words"]
    assert len(words) == 8
    assert all(word in response.content.decode() for word in words)
    tip = Tip.objects.get()
    assert (tip.channel, tip.language, tip.status) == ("phone", "es", "new")
    opened = receipts.open_receipt(receipts.read_receipt(" ".join(words)), intake.salt())
    assert intake.opened(opened.stored).tip == tip.pk
    (part,) = open_tip(tip, Unlocked(reader.row, reader.key)).parts
    assert part.texts == {"what": CANARY, "where": "Back door"}
    assert CANARY.encode() not in bytes(tip.messages.get().sealed)
    assert AuditEntry.objects.count() == before, "who took the call is not linked to it"
    assert not TipEvent.objects.exists()
    assert Message.objects.get().by is None


def test_form_asks_for_no_number_and_no_name(client_as: Callable[..., Client]) -> None:
    make_reader()
    form = client_as("officer").get(reverse("tip_call")).context["form"]
    assert list(form.fields) == ["language", "what", "where", "when", "who", "sending"]


def test_call_without_words_is_refused(client_as: Callable[..., Client]) -> None:
    make_reader()
    response = client_as("officer").post(reverse("tip_call"), told(what=" "))
    assert response.status_code == 422
    assert not Tip.objects.exists()


def test_call_says_so_while_nobody_could_read_it(client_as: Callable[..., Client]) -> None:
    response = client_as("officer").post(reverse("tip_call"), told())
    assert response.status_code == 422
    assert "No detective has a key yet" in response.content.decode()
    assert not Tip.objects.exists()


def test_call_sent_again_is_told_as_sent_twice(client_as: Callable[..., Client]) -> None:
    make_reader()
    again = told()
    client = client_as("detective")
    client.post(reverse("tip_call"), again)
    client.post(reverse("tip_call"), again)
    assert client.get(reverse("tips")).content.decode().count("Sent twice") == 2
