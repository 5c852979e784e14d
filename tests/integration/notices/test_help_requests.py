"""Requests for help: taken up, closed, and in time forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from notices.actions import help_requests as actions
from notices.models import HelpRequest
from notices.tasks import forget_contacts
from notices.transitions_meetings import CannotMove
from tests.factories.accounts import UserFactory
from tests.factories.notices import HelpRequestFactory, MeetingFactory

pytestmark = pytest.mark.django_db


def test_request_is_received_without_any_trail_of_who_asked():
    asked = actions.receive(
        role="owner", name="Pat", contact="620-555-0100", where="Main St", message="Dark.", language="es"
    )
    assert (asked.status, asked.language) == ("new", "es")
    assert not AuditEntry.objects.exists()


def test_request_goes_through_its_states_and_back(client_as: Callable[..., Client]):
    client, asked = client_as("clerk"), HelpRequestFactory()

    def go(name: str, expected: str, **values: str) -> None:
        client.post(reverse(f"help_request_{name}", args=[asked.pk]), values)
        asked.refresh_from_db()
        assert asked.status == expected

    go("take", "taken")
    go("put_back", "new")
    go("take", "taken")
    go("close", "taken", **{"close-outcome": ""})
    go("close", "closed", **{"close-outcome": "Two lamps were mended."})
    assert asked.outcome == "Two lamps were mended."
    go("reopen", "taken")
    assert not any("Pat" in str(each.details) + each.subject for each in AuditEntry.objects.all())


def test_request_with_a_meeting_is_not_put_back():
    clerk, asked = UserFactory(roles=["clerk"]), HelpRequestFactory()
    actions.take(by=clerk, request=asked)
    MeetingFactory(help_request=asked)
    with pytest.raises(CannotMove, match="meeting was planned"):
        actions.put_back(by=clerk, request=asked)


def test_contact_is_forgotten_some_time_after_closing(settings):
    settings.CONTACT_KEPT_DAYS = 30
    clerk, (old, fresh, open_one) = UserFactory(roles=["clerk"]), HelpRequestFactory.create_batch(3)
    for asked in (old, fresh):
        actions.close(by=clerk, request=asked, outcome="Done.")
    HelpRequest.objects.filter(pk=old.pk).update(handled_at=timezone.now() - timedelta(days=31))
    HelpRequest.objects.filter(pk=open_one.pk).update(received_at=timezone.now() - timedelta(days=99))

    forget_contacts()

    names = dict(HelpRequest.objects.values_list("pk", "name"))
    assert names == {old.pk: "", fresh.pk: "Pat Example", open_one.pk: "Pat Example"}
    assert HelpRequest.objects.get(pk=old.pk).message == ""
    assert HelpRequest.objects.get(pk=old.pk).contact == ""
    assert actions.forget_contacts(timezone.now()) == 0, "once is enough"


@pytest.mark.parametrize(("query", "number"), [("", 1), ("?status=closed", 1), ("?status=all", 2), ("?status=x", 1)])
def test_list_is_filtered_by_the_address(client_as: Callable[..., Client], query: str, number: int):
    client = client_as("clerk")
    HelpRequestFactory()
    actions.close(by=client.user, request=HelpRequestFactory(), outcome="Done.")
    assert len(client.get(reverse("help_requests") + query).context["page"]) == number
