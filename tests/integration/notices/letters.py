"""What tests of letters share: a hot spot with households in it, and batches at each step."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from hotspots.models import HotSpot, Place
from notices.actions import batches as actions
from notices.actions import making
from notices.models import Batch
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import AddressFactory, HotSpotFactory
from tests.factories.notices import BatchFactory, MailboxFactory, OwnerFactory, OwnershipFactory


def place_at(share: float, number: int) -> Place:
    """An address in the town's first square, where a hot spot of the factory lies, with a mailbox."""
    place = AddressFactory(
        name=f"{number} Main St", at=(share, 0.5), street="MAIN ST", number_low=number, number_high=number
    )
    MailboxFactory(place=place)
    return place


def households(count: int = 3, hot_spot: HotSpot | None = None) -> tuple[HotSpot, list[Place]]:
    hot_spot = hot_spot or HotSpotFactory(name="Main and First")
    return hot_spot, [place_at((i + 1) / (count + 2), 100 + 2 * i) for i in range(count)]


def draft(count: int = 3, **values: Any) -> Batch:
    hot_spot, _places = households(count)
    return BatchFactory(hot_spot=hot_spot, language="both", **values)


def submitted(count: int = 3, **values: Any) -> Batch:
    batch = draft(count, **values)
    return actions.submit(by=batch.created_by, batch=batch)


def approved(count: int = 3, by: User | None = None, **values: Any) -> Batch:
    batch = submitted(count, **values)
    return actions.approve(by=by or UserFactory(roles=["commander"]), batch=batch, queue=print)


def ready(count: int = 3, **values: Any) -> Batch:
    batch = approved(count, **values)
    making.make(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.status == "ready", batch.problem
    return batch


def owners(count: int = 2, *, emails: int = 1) -> HotSpot:
    """Each owns one address; the first ones asked for e-mail."""
    hot_spot, places = households(count)
    for i, place in enumerate(places):
        asked = {"email": f"owner{i}@example.org", "email_asked_on": "2025-01-02"} if i < emails else {}
        OwnershipFactory(place=place, owner=OwnerFactory(**asked))
    return hot_spot


def batch_to_owners(count: int = 2, *, emails: int = 1) -> Batch:
    hot_spot = owners(count, emails=emails)
    batch = BatchFactory(hot_spot=hot_spot, audience="owners", language="own")
    actions.submit(by=batch.created_by, batch=batch)
    batch.refresh_from_db()
    actions.approve(by=UserFactory(roles=["commander"]), batch=batch, queue=print)
    making.make(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.status == "ready", batch.problem
    return batch


def queries_of(client: Client, address: str) -> int:
    """How many a page takes that was opened before."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)
