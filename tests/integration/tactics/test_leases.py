"""Lease enforcement: the guard for who called, the legal clocks, one table of steps."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tactics.actions import leases as actions
from tactics.actions import measures as measure_actions
from tactics.catalogue import Tactic
from tactics.measure_transitions import LEASE_MOVES, CannotMove
from tactics.models import LeaseCase, LeaseStep, Measure
from tests.factories import measures as make
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import ComplexFactory, IncidentFactory, LocationFactory, OffenseFactory
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)
GIVEN = {"home_called_for_help": "no", "violation": "drugs", "on": "2025-03-01", "home": "4B"}


def plan_address(place: Any) -> str:
    return f"{reverse('measure_plan', args=['lease_enforcement'])}?place={place.pk}"


def step(measure: Measure, stage: str, on: date, note: str = "") -> LeaseStep:
    case = LeaseCase.objects.get(pk=measure.pk)
    return actions.record_step(by=UserFactory(roles=["clerk"]), case=case, stage=stage, on=on, note=note)


def at(*day: int) -> Any:
    return time_machine.travel(datetime(*day, 18, tzinfo=UTC), tick=False)


# A call for help is never a violation


def test_question_who_called_has_to_be_answered(client_as: Callable[..., Client]):
    client, place = client_as("clerk"), ComplexFactory()
    page = client.get(plan_address(place))
    assert page.context["form"]["home_called_for_help"].value() is None, "neither answer is chosen for them"
    assert "A call for help is never a violation." in page.content.decode()
    response = client.post(plan_address(place), GIVEN | {"home_called_for_help": ""})
    assert set(response.context["form"].errors) == {"home_called_for_help"}
    assert not Measure.objects.exists()


def test_call_for_help_records_nothing_and_says_why(client_as: Callable[..., Client]):
    client, place = client_as("clerk"), ComplexFactory()
    response = client.post(plan_address(place), GIVEN | {"home_called_for_help": "yes"})
    assert response.status_code == 422
    assert "Nobody may lose their home for having called the police" in response.content.decode()
    assert not Measure.objects.exists()
    assert not LeaseCase.objects.exists()


def test_incident_with_a_victim_to_protect_is_not_in_the_list_and_not_taken(client_as: Callable[..., Client]):
    client, place = client_as("clerk"), ComplexFactory()
    at_place = {"location": LocationFactory(complex=place), "occurred_from": timezone.now() - timedelta(days=3)}
    noise = IncidentFactory(offense=OffenseFactory(code="90C"), **at_place)
    assault = IncidentFactory(offense=OffenseFactory(code="T-V", victim_sensitive=True), **at_place)
    elsewhere = IncidentFactory(occurred_from=timezone.now())
    field = client.get(plan_address(place)).context["form"].fields["incident"]
    assert list(field.queryset) == [noise]

    for incident in (assault, elsewhere):
        response = client.post(plan_address(place), GIVEN | {"incident": incident.pk})
        assert set(response.context["form"].errors) == {"incident"}
    client.post(plan_address(place), GIVEN | {"incident": noise.pk})
    assert LeaseCase.objects.get().incident == noise


@pytest.mark.parametrize("called", [True, False])
def test_action_and_database_refuse_a_call_for_help_too(called: bool):
    victim = IncidentFactory(offense=OffenseFactory(code="T-V", victim_sensitive=True))
    values = {"home_called_for_help": called, "incident": None if called else victim}
    with pytest.raises(CannotMove, match="Offer help instead"):
        make.make_case(**values)
    measure = MeasureFactory(kind=Tactic.LEASE_ENFORCEMENT)
    refusal = "a_call_for_help_is_no_violation" if called else "a victim's call is no violation"
    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        LeaseCase.objects.create(measure=measure, violation="other", **values)


def test_case_whose_incident_turns_out_to_have_a_victim_goes_no_further_but_can_be_dropped():
    offense = OffenseFactory(code="T-V")
    measure = make.make_case(incident=IncidentFactory(offense=offense))
    offense.victim_sensitive = True
    offense.save()
    with pytest.raises(CannotMove, match="drop this case"):
        step(measure, "notice", date(2025, 3, 2))
    dropped = measure_actions.drop(by=UserFactory(), measure=measure, reason="There is a victim")
    assert dropped.status == "dropped"


def test_report_from_the_street_is_taken_up_with_the_question(client_as: Callable[..., Client]):
    client, place = client_as("clerk"), ComplexFactory()
    reported = MeasureFactory(kind=Tactic.LEASE_ENFORCEMENT, place=place, status="reported", due_on=None)
    address = reverse("measure_edit", args=[reported.pk])
    assert "home_called_for_help" in client.get(address).context["form"].fields
    client.post(address, GIVEN | {"home_called_for_help": "yes"})
    reported.refresh_from_db()
    assert reported.status == "reported"
    client.post(address, GIVEN)
    reported.refresh_from_db()
    assert (reported.status, reported.due_on) == ("open", date(2025, 3, 31))
    assert reported.lease_case.violation == "drugs"
    assert Measure.objects.count() == 1


# Clocks


@at(2024, 3, 15)
def test_case_goes_from_violation_to_outcome_over_a_leap_day(client_as: Callable[..., Client]):
    client, place = client_as("clerk"), ComplexFactory()
    client.post(plan_address(place), GIVEN | {"on": "2024-01-02"})
    measure = Measure.objects.get()
    assert (measure.due_on, measure.party) == (date(2024, 2, 1), "owner")
    address = reverse("measure", args=[measure.pk])
    assert "the owner gives notice, by Feb 1, 2024" in client.get(address).content.decode()

    def record(stage: str, on: str) -> str:
        given = {"step-stage": stage, "step-on": on}
        page = client.post(reverse("lease_step", args=[measure.pk]), given, follow=True)
        measure.refresh_from_db()
        return page.content.decode()

    page = record("notice", "2024-01-30")
    assert "the notice runs until Feb 29, 2024 (K.S.A. 22-3902)" in page
    assert measure.due_on == date(2024, 2, 29)

    record("filed", "2024-02-29")
    assert (measure.due_on, measure.party) == (date(2024, 3, 30), "court")

    page = record("evicted", "2024-03-15")
    assert (measure.status, measure.outcome, measure.closed_by) == ("done", "Evicted", client.user)
    assert "Evicted, Mar 15, 2024" in page
    assert LeaseCase.objects.get().stage == "evicted"


def test_eviction_before_the_notice_has_run_needs_its_ground():
    measure = make.make_case()
    step(measure, "notice", date(2025, 3, 10))
    with pytest.raises(CannotMove, match=r"runs until Apr 9, 2025 \(K.S.A. 22-3902\)"):
        step(measure, "filed", date(2025, 4, 8))
    assert step(measure, "filed", date(2025, 4, 8), "Court order of April 2").stage == "filed"
    other = make.make_case()
    step(other, "notice", date(2025, 3, 10))
    assert step(other, "filed", date(2025, 4, 9)).stage == "filed"


def test_days_of_the_notice_are_those_of_the_settings(settings: Any):
    settings.LEASE_NOTICE_DAYS = 14
    measure = make.make_case()
    step(measure, "notice", date(2025, 3, 10))
    measure.refresh_from_db()
    assert measure.due_on == date(2025, 3, 24)
    step(measure, "filed", date(2025, 3, 24))


def test_case_is_overdue_the_day_after_its_clock_ran_out(client_as: Callable[..., Client]):
    measure = make.make_case()
    for day, late in ((date(2025, 3, 31), False), (date(2025, 4, 1), True)):
        assert Measure.objects.overdue_on(day).filter(pk=measure.pk).exists() is late


@pytest.mark.parametrize("stage", LeaseCase.Stage.values)
@pytest.mark.parametrize("aim", LeaseCase.Stage.values)
def test_steps_follow_the_table_alone(stage: str, aim: str):
    measure = make.make_case()
    path = {"filed": ["notice", "filed"], "evicted": ["notice", "filed", "evicted"]}
    path["dismissed"] = ["notice", "filed", "dismissed"]
    for reached in path.get(stage, [] if stage == "violation" else [stage]):
        step(measure, reached, date(2025, 4, 30), "ground")
    if aim in LEASE_MOVES.get(stage, ()):
        assert step(measure, aim, date(2025, 5, 30), "ground").stage == aim
    else:
        with pytest.raises(CannotMove):
            step(measure, aim, date(2025, 5, 30), "ground")


def test_step_before_the_last_one_or_still_to_come_is_refused(client_as: Callable[..., Client]):
    measure = make.make_case()
    with pytest.raises(CannotMove, match="cannot have been before"):
        step(measure, "notice", date(2025, 2, 28))
    given = {"step-stage": "notice", "step-on": "2099-01-01"}
    response = client_as("clerk").post(reverse("lease_step", args=[measure.pk]), given)
    assert "still to come" in response.content.decode()


def test_last_step_is_undone_and_the_clock_set_back(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_case()
    step(measure, "notice", date(2025, 3, 10))
    step(measure, "cured", date(2025, 3, 20))
    measure.refresh_from_db()
    assert measure.status == "done"
    assert (
        "undo the last step" in client.post(reverse("measure_reopen", args=[measure.pk]), follow=True).content.decode()
    )

    page = client.post(reverse("lease_step_undo", args=[measure.pk]), follow=True).content.decode()
    measure.refresh_from_db()
    assert (measure.status, measure.due_on) == ("open", date(2025, 4, 9))
    assert "Put right, Mar 20, 2025 (taken back later)" in page
    client.post(reverse("lease_step_undo", args=[measure.pk]))
    page = client.post(reverse("lease_step_undo", args=[measure.pk]), follow=True).content.decode()
    assert "Drop the case instead" in page
    assert LeaseCase.objects.get().stage == "violation"
    assert step(measure, "notice", date(2025, 3, 12)).on == date(2025, 3, 12)


def test_case_is_done_by_its_outcome_alone(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), make.make_case()
    page = client.post(reverse("measure_done", args=[measure.pk]), {}, follow=True).content.decode()
    assert "done when its outcome is recorded" in page
    assert (
        reverse("measure_done", args=[measure.pk])
        not in client.get(reverse("measure", args=[measure.pk])).content.decode()
    )


def test_database_takes_each_stage_of_a_case_once():
    measure = make.make_case()
    with pytest.raises(IntegrityError, match="lease_stage_once"), transaction.atomic():
        LeaseStep.objects.create(
            case=measure.lease_case, stage="violation", on=MARCH, recorded_by=UserFactory(), next_due_on=None
        )
