"""A reviewer at work: signed in, with the key unlocked."""

import base64

from django.test import Client

from accounts.models import AuditEntry
from tests.factories.accounts import sign_in
from tests.factories.tips import Reader
from tips.models import TipEvent
from tips.sealing import keys
from tips.unlocking import COOKIE, IN_SESSION, PATH, about

CANARY = "Zanahoria"  # stands in what a test tells and writes, and must stand nowhere else
SECRET = bytes(range(32))


def unlocked_client(reader: Reader) -> Client:
    """As after the page that asks for the passphrase."""
    client = sign_in(Client(), reader.user)
    session = client.session
    wrapped = keys.wrap(SECRET, keys.private_bytes(reader.key), about=about(reader.row))
    session[IN_SESSION] = {"reader": str(reader.row.pk), "wrapped": base64.b64encode(wrapped).decode()}
    session.save()
    client.cookies[COOKIE] = base64.urlsafe_b64encode(SECRET).decode()
    client.cookies[COOKIE]["path"] = PATH
    client.user = reader.user
    return client


def trail() -> str:
    """All that the trail and the events say."""
    entries = [f"{each.action} {each.subject} {each.details}" for each in AuditEntry.objects.all()]
    return "\n".join([*entries, *TipEvent.objects.values_list("what", flat=True)])


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").exclude(action__startswith="sign").values_list("action", flat=True))
