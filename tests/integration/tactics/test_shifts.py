"""Settings of shifts, units and dogs."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import AuditEntry
from tactics.models import Dog, Shift, Unit
from tests.factories.tactics import AssignmentFactory, RosterFactory, UnitFactory

pytestmark = pytest.mark.django_db
SHIFT = {"name": "Power", "starts_at": "18:00", "hours": "10", "more_minutes": "30", "is_active": "on"}


def test_shift_is_added_changed_and_taken_out_of_use(client_as: Callable[..., Client]) -> None:
    client = client_as("commander")
    client.post("/shifts/shift/new/", SHIFT)
    shift = Shift.objects.get(name="Power")
    assert (shift.starts_at.hour, shift.minutes) == (18, 630)
    form = client.get(f"/shifts/shift/{shift.pk}/").context["form"]
    assert (form["hours"].value(), form["more_minutes"].value()) == (10, 30)

    client.post(f"/shifts/shift/{shift.pk}/", {**SHIFT, "starts_at": "19:00", "is_active": ""})

    shift.refresh_from_db()
    assert (shift.starts_at.hour, shift.is_active) == (19, False)
    entries = AuditEntry.objects.filter(action="shifts_changed").order_by("pk")
    assert [entry.details["what"] for entry in entries] == ["added", "changed"]
    assert "Power" in client.get("/shifts/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "Days"}, "shift of this name already"),
        ({"hours": "0"}, "one hour to a day"),
        ({"hours": "24"}, "one hour to a day"),
        ({"starts_at": "25:00"}, "valid time"),
    ],
)
def test_shift_that_makes_no_sense_is_explained(
    client_as: Callable[..., Client], wrong: dict[str, str], words: str
) -> None:
    response = client_as("commander").post("/shifts/shift/new/", SHIFT | wrong)
    assert response.status_code == 422
    assert words in str(response.context["form"].errors)
    assert Shift.objects.count() == 3


@pytest.mark.parametrize(("kind", "model"), [("unit", Unit), ("dog", Dog)])
def test_unit_and_dog_are_added_and_deleted(client_as: Callable[..., Client], kind: str, model: type) -> None:
    client = client_as("administrator")
    client.post(f"/shifts/{kind}/new/", {"name": "Rex 1", "is_active": "on"})
    made = model.objects.get()
    assert client.post(f"/shifts/{kind}/new/", {"name": "Rex 1"}).status_code == 422
    client.post(f"/shifts/{kind}/{made.pk}/delete/")
    assert not model.objects.exists()
    assert client.get("/shifts/horse/new/").status_code == 404


def test_what_was_used_is_not_deleted(client_as: Callable[..., Client]) -> None:
    client, unit, roster = client_as("commander"), UnitFactory(), RosterFactory()
    AssignmentFactory(roster=roster, unit=unit)
    for kind, thing in (("unit", unit), ("shift", roster.shift)):
        page = client.post(f"/shifts/{kind}/{thing.pk}/delete/", follow=True).content.decode()
        assert "has been used and stays on record" in page
    assert Unit.objects.exists()
    assert not AuditEntry.objects.filter(action="shifts_changed").exists()


def test_hours_without_a_shift_are_told(client_as: Callable[..., Client]) -> None:
    client = client_as("commander")
    assert "No shift is on duty" not in client.get("/shifts/").content.decode()
    Shift.objects.filter(name="Nights").update(is_active=False)
    assert "No shift is on duty: Every day 22:00–6:00." in client.get("/shifts/").content.decode()
    Shift.objects.all().delete()
    assert "There are no shifts" in client.get("/shifts/").content.decode()


def test_queries_do_not_grow_with_units(client_as: Callable[..., Client], django_assert_max_num_queries) -> None:
    client, counts = client_as("commander"), []
    for number in (1, 2):
        UnitFactory.create_batch(number)
        client.get("/shifts/")
        with django_assert_max_num_queries(9) as captured:
            client.get("/shifts/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
