"""Trespass authorizations: in force for twelve months or until the owner changes."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tactics.actions import measures as measure_actions
from tactics.actions import trespass as actions
from tactics.catalogue import Tactic
from tactics.measure_transitions import CannotMove
from tactics.models import Measure, TrespassAuthorization
from tactics.queries import measures as queries
from tests.factories import measures as make
from tests.factories.accounts import UserFactory
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db


def at(*day: int) -> Any:
    """Late in the evening in Kansas, when it is the next day in UTC."""
    return time_machine.travel(datetime(*day, 23, 30, tzinfo=UTC), tick=False)


def page_of(client: Client, measure: Measure) -> str:
    return client.get(reverse("measure", args=[measure.pk])).content.decode()


@at(2024, 3, 5)
def test_clerk_enters_a_signature_of_a_leap_day(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), MeasureFactory(kind=Tactic.TRESPASS)
    client.post(reverse("signature", args=[measure.pk]), {"signature-signed_on": "2024-02-29"})
    authorization = TrespassAuthorization.objects.get()
    assert authorization.expires_on == date(2025, 2, 28)
    measure.refresh_from_db()
    assert (measure.due_on, measure.party) == (date(2025, 2, 28), "owner")
    assert "In force." in page_of(client, measure)
    assert "A reminder comes on Jan 29, 2025." in page_of(client, measure)


@pytest.mark.parametrize(
    ("today", "words", "listed"),
    [
        ((2026, 1, 29), "In force.", False),
        ((2026, 1, 30), "In force, but it expires soon.", True),
        ((2026, 2, 28), "In force, but it expires soon.", False),  # in the list of what is due this week
        ((2026, 3, 1), "Officers may not act on it.", False),
        ((2026, 9, 1), "Officers may not act on it.", False),
    ],
)
def test_authorization_reminds_and_expires(
    client_as: Callable[..., Client], today: tuple[int, int, int], words: str, listed: bool
):
    measure = make.make_authorization(date(2025, 3, 1))
    with at(*today):
        assert words in page_of(client_as("officer"), measure)
        week = queries.week_list(date(*today))
        assert [each.measure for each in week.expiring] == ([measure] if listed else [])
        due = [task.measure for party in week.parties for task in party.overdue + party.due]
        assert (measure in due) is (date(*today) >= date(2026, 2, 23))


def test_authorization_is_renewed_by_a_later_signature(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_authorization(date(2024, 3, 1))
    address = reverse("signature", args=[measure.pk])
    response = client.post(address, {"signature-signed_on": "2024-03-01"})
    assert "A renewal is signed after that" in response.content.decode()
    client.post(address, {"signature-signed_on": "2025-02-20"})
    authorization = TrespassAuthorization.objects.get()
    assert (authorization.signed_on, authorization.expires_on) == (date(2025, 2, 20), date(2026, 2, 20))
    assert "Renewed, signed Feb 20, 2025" in page_of(client, measure)
    response = client.post(address, {"signature-signed_on": "2099-02-20"})
    assert "still to come" in response.content.decode()


def test_new_owner_ends_it_for_good(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_authorization(date(2025, 3, 1))
    given = {"end-ended_on": "2025-06-01", "end-owner_changed": "on"}
    page = client.post(reverse("authorization_end", args=[measure.pk]), given, follow=True).content.decode()
    measure.refresh_from_db()
    assert (measure.status, measure.outcome) == ("done", "Ended: the property has a new owner")
    assert "Undo" not in page
    page = client.post(reverse("measure_reopen", args=[measure.pk]), follow=True).content.decode()
    assert "Ask the new owner" in page
    with pytest.raises(CannotMove, match="reopen it first"):
        actions.record_signature(by=client.user, measure=measure, signed_on=date(2025, 7, 1))


def test_end_by_the_owner_is_undone(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_authorization(date(2025, 3, 1))
    client.post(reverse("authorization_end", args=[measure.pk]), {"end-ended_on": "2025-06-01"})
    measure.refresh_from_db()
    assert measure.outcome == "Ended by the owner"
    client.post(reverse("measure_reopen", args=[measure.pk]))
    measure.refresh_from_db()
    assert measure.status == "open"
    assert TrespassAuthorization.objects.get().ended_on is None


def test_end_before_the_signature_is_refused(client_as: Callable[..., Client]):
    measure = make.make_authorization(date(2025, 3, 1))
    address = reverse("authorization_end", args=[measure.pk])
    response = client_as("clerk").post(address, {"end-ended_on": "2025-02-28"})
    assert "before the authorization was signed" in response.content.decode()


def test_authorization_is_ended_not_done():
    with pytest.raises(CannotMove, match="End it with the day"):
        measure_actions.finish(by=UserFactory(), measure=make.make_authorization())


def test_database_refuses_a_longer_authorization_and_one_that_outlives_its_owner():
    measure = make.make_authorization(date(2025, 3, 1))
    found = TrespassAuthorization.objects.filter(pk=measure.pk)
    with pytest.raises(IntegrityError, match="within_a_year"), transaction.atomic():
        found.update(expires_on=date(2026, 3, 3))
    with pytest.raises(IntegrityError, match="new_owner_ends"), transaction.atomic():
        found.update(owner_changed=True)
