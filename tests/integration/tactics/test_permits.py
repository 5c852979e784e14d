"""Parking by permit at a complex."""

import csv
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tactics.actions import permits as actions
from tactics.catalogue import Tactic
from tactics.measure_transitions import CannotMove
from tactics.models import Impound, PermitProgram, VehiclePermit
from tests.factories import measures as make
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import ComplexFactory
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 2)


def issue(program: PermitProgram, *homes: str, each: int = 1, **values: Any) -> list[str]:
    given = {"by": UserFactory(roles=["clerk"]), "issued_on": MARCH, "expires_on": None} | values
    return [permit.number for permit in actions.issue_permits(program=program, homes=homes, each=each, **given)]


def test_program_is_set_up_and_its_rules_changed(client_as: Callable[..., Client]):
    client = client_as("clerk")
    measure = MeasureFactory(kind=Tactic.VEHICLE_PERMITS, place=ComplexFactory())
    address = reverse("program", args=[measure.pk])
    assert client.get(address).context["form"].initial["starts_on"] == timezone.localdate()
    given = {"starts_on": "2025-03-01", "permits_per_home": "2", "visitor_spaces": "4", "towing_company": ""}
    client.post(address, given)
    assert client.get(address).context["form"].initial["starts_on"] == date(2025, 3, 1)
    client.post(address, given | {"visitor_spaces": "6"})
    program = PermitProgram.objects.get()
    assert (program.permits_per_home, program.visitor_spaces) == (2, 6)


def test_permits_are_numbered_on_from_the_last():
    program, other = make.make_program().permit_program, make.make_program().permit_program
    assert issue(program, "1A", "1B", each=2) == ["0001", "0002", "0003", "0004"]
    assert issue(program, "2A") == ["0005"]
    assert issue(other, "1A") == ["0001"], "another complex has numbers of its own"


def test_home_gets_no_more_than_the_rules_say_and_nobody_gets_a_part():
    program = make.make_program(permits_per_home=2).permit_program
    issue(program, "1A", each=2)
    with pytest.raises(CannotMove, match=r"A home may have 2.*1A \(2 now\)"):
        issue(program, "1A", "1B")
    assert VehiclePermit.objects.filter(home="1B").count() == 0


def test_returned_and_expired_permits_make_room():
    program = make.make_program(permits_per_home=1).permit_program
    issue(program, "1A", expires_on=date(2025, 4, 1))
    with pytest.raises(CannotMove):
        issue(program, "1A", issued_on=date(2025, 3, 31))
    issue(program, "1A", issued_on=date(2025, 4, 1))
    latest = VehiclePermit.objects.get(number="0002")
    actions.set_returned(by=UserFactory(), permit=latest, returned_on=date(2025, 4, 2))
    issue(program, "1A", issued_on=date(2025, 4, 2))
    with pytest.raises(CannotMove, match="as many permits as it may"):
        actions.set_returned(by=UserFactory(), permit=latest, returned_on=None)


def test_clerk_issues_for_many_homes_at_once(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_program()
    given = {"issue-homes": "4b \r\n\r\n 5 A\n6", "issue-each": "2", "issue-issued_on": "2025-03-02"}
    page = client.post(reverse("permits_issue", args=[measure.pk]), given, follow=True).content.decode()
    assert sorted(VehiclePermit.objects.values_list("home", flat=True)) == ["4B", "4B", "5 A", "5 A", "6", "6"]
    assert "Permits 0001–0006 issued" in page, "the history tells it in one line"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"issue-homes": "4B\n4b"}, "stands here twice"),
        ({"issue-homes": " \n "}, "This field is required"),
        ({"issue-homes": "a" * 21}, "too long for the number of a home"),
        ({"issue-each": "3"}, "A home may have 2"),
        ({"issue-each": "0"}, "greater than or equal to 1"),
        ({"issue-expires_on": "2025-03-02"}, "not after the day of issue"),
        ({"issue-issued_on": "2099-01-01"}, "still to come"),
    ],
)
def test_issue_that_makes_no_sense_says_why(client_as: Callable[..., Client], values: Any, words: str):
    given = {"issue-homes": "4B", "issue-each": "1", "issue-issued_on": "2025-03-02"} | values
    response = client_as("clerk").post(reverse("permits_issue", args=[make.make_program().pk]), given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not VehiclePermit.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [("permit_number_once", {"number": "0001"}), ("permit_expires_after_issue", {"expires_on": MARCH})],
)
def test_database_refuses_a_permit(constraint: str, values: Any):
    permit = make.make_permit()
    given = {"program": permit.program, "number": "0002", "home": "9", "issued_on": MARCH} | values
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        VehiclePermit.objects.create(**given)


def test_permit_comes_back_and_that_is_undone(client_as: Callable[..., Client]):
    client, permit = client_as("clerk"), make.make_permit()
    address = reverse("permit_returned", args=[permit.pk])
    client.post(address, {"returned": ""})
    permit.refresh_from_db()
    assert permit.returned_on == timezone.localdate()
    client.post(address, {})
    permit.refresh_from_db()
    assert permit.returned_on is None


def test_homes_are_found_by_their_beginning(client_as: Callable[..., Client]):
    measure = make.make_program()
    issue(measure.permit_program, "4A", "4B", "5A")
    page = client_as("officer").get(reverse("measure", args=[measure.pk]), {"home": "4"})
    assert [home.name for home in page.context["homes"]] == ["4A", "4B"]
    page = client_as("officer").get(reverse("measure", args=[measure.pk]), {"home": "9"})
    assert "No home begins so" in page.content.decode()


def test_permits_to_print_are_those_out_without_plate_or_name(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_program()
    issue(measure.permit_program, "=4A", "4B")
    back = VehiclePermit.objects.get(home="4B")
    actions.set_returned(by=client.user, permit=back, returned_on=date(2025, 4, 2))
    response = client.get(reverse("permits_print", args=[measure.pk]))
    assert response["Content-Disposition"].startswith("attachment")
    header, *rows = csv.reader(response.getvalue().decode().splitlines())
    assert header == ["number", "complex", "home", "issued_on", "expires_on"]
    assert rows == [["0001", measure.place.name, "'=4A", "2025-03-02", ""]]
    assert AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED, actor=client.user).exists()


def test_vehicle_is_towed_and_the_entry_taken_back(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_program()
    given = {"impound-towed_on": "2025-03-09", "impound-warned_on": "2025-03-08", "impound-case_number": "25-0007"}
    page = client.post(reverse("impound_new", args=[measure.pk]), given, follow=True).content.decode()
    assert "25-0007" in page
    impound = Impound.objects.get()
    assert (impound.towed_on, impound.warned_on) == (date(2025, 3, 9), date(2025, 3, 8))
    page = client.post(reverse("impound_remove", args=[impound.pk]), follow=True).content.decode()
    assert "No vehicle was towed" in page
    assert "(removed later)" in page


def test_warning_after_the_tow_is_refused_by_form_and_database(client_as: Callable[..., Client]):
    measure = make.make_program()
    given = {"impound-towed_on": "2025-03-09", "impound-warned_on": "2025-03-10"}
    response = client_as("clerk").post(reverse("impound_new", args=[measure.pk]), given)
    assert "The warning comes before the tow" in response.content.decode()
    with pytest.raises(IntegrityError, match="warned_before_towed"), transaction.atomic():
        Impound.objects.create(program=measure.permit_program, towed_on=MARCH, warned_on=date(2025, 3, 3))


def test_program_that_ended_issues_nothing(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_program()
    client.post(reverse("measure_done", args=[measure.pk]), {})
    with pytest.raises(CannotMove, match="reopen it first"):
        issue(measure.permit_program, "4B")


def test_neither_plate_nor_name_has_a_place_to_be_kept():
    fields = {field.name for model in (VehiclePermit, Impound, PermitProgram) for field in model._meta.fields}
    assert not {name for name in fields if any(word in name for word in ("plate", "name", "owner", "driver", "vin"))}


@pytest.mark.parametrize("name", ["measure", "permits_print"])
def test_queries_do_not_grow_with_the_permits(client_as: Callable[..., Client], name: str):
    client, measure, counts = client_as("clerk"), make.make_program(), []
    client.get(reverse(name, args=[measure.pk]))
    for homes in (("1A",), ("2A", "3A")):
        issue(measure.permit_program, *homes)
        actions.record_impound(
            by=client.user, program=measure.permit_program, towed_on=MARCH, warned_on=None, case_number=""
        )
        with CaptureQueriesContext(connection) as ran:
            client.get(reverse(name, args=[measure.pk]))
        counts.append(len(ran))
    assert counts[0] == counts[1] <= 17
