"""What the database itself refuses."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hotspots.models import HotSpot
from tactics.catalogue import Tactic
from tactics.models import (
    Activity,
    Arrest,
    KnockAndTalk,
    LeaseCase,
    Measure,
    Patrol,
    SyncEntry,
    TrespassAuthorization,
    VehicleStop,
)
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import HotSpotFactory, IncidentFactory, OffenseFactory
from tests.factories.tactics import (
    NOON,
    ActivityFactory,
    AssignmentFactory,
    MeasureFactory,
    PlanFactory,
    PlanTacticFactory,
    RosterFactory,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def refused(name: str, make: object) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def test_plan_is_the_only_open_one_of_its_hot_spot():
    hot_spot = HotSpotFactory()
    PlanFactory(hot_spot=hot_spot, status="ended", ended_by=UserFactory(), ended_at=NOON)
    PlanFactory(hot_spot=hot_spot)
    refused("one_open_plan_per_hot_spot", lambda: PlanFactory(hot_spot=hot_spot))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("plan_hours_are_of_a_week", {"hours": [168]}),
        ("plan_hours_are_of_a_week", {"hours": []}),
        ("plan_visit_minutes_are_a_range", {"least_minutes": 20, "most_minutes": 10}),
        ("plan_interval_is_of_a_shift", {"interval_minutes": 5}),
        ("plan_review_follows_start", {"starts_on": date(2025, 3, 1), "review_on": date(2025, 3, 1)}),
        ("plan_end_follows_start", {"starts_on": date(2025, 3, 1), "ends_on": date(2025, 2, 1)}),
        ("plan_activated_at_and_by_pair", {"activated_at": NOON}),
        ("plan_ended_at_and_by_pair", {"status": "ended"}),
    ],
)
def test_plan_refuses(constraint, values):
    refused(constraint, lambda: PlanFactory(**values))


def test_plan_amounts_are_whole_and_only_of_what_is_counted():
    plan = PlanFactory()
    refused("plan_amount_is_whole", lambda: PlanTacticFactory(plan=plan, minutes=None))
    refused("place_measures_have_no_amount", lambda: PlanTacticFactory(plan=plan, tactic=Tactic.LIGHTING))
    PlanTacticFactory(plan=plan, tactic=Tactic.LIGHTING, visits=None, per="", minutes=None)
    refused(
        "plan_names_a_tactic_once",
        lambda: PlanTacticFactory(plan=plan, tactic=Tactic.LIGHTING, visits=None, per="", minutes=None),
    )


def test_roster_is_the_only_one_of_its_shift_and_day():
    roster = RosterFactory()
    refused("one_roster_per_shift_and_day", lambda: RosterFactory(shift=roster.shift, day=roster.day))
    refused("roster_ends_after_it_starts", lambda: RosterFactory(day=date(2025, 3, 6), ends_at=NOON))


def test_assignment_is_changed_with_a_reason():
    refused("assignment_added_with_a_reason", lambda: AssignmentFactory(added_by=UserFactory()))
    refused("assignment_dropped_at_and_by_pair", lambda: AssignmentFactory(dropped_by=UserFactory(), dropped_at=NOON))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("activity_ends_after_it_starts", {"minutes": -1}),
        ("activity_is_somewhere", {"hot_spot": None}),
        ("activity_is_somebodys", {"officer": None}),
        ("imported_activity_has_a_batch", {"recorded": Activity.Recorded.IMPORTED}),
        ("activity_approved_at_and_by_pair", {"approved_at": NOON}),
        ("activity_voided_at_and_by_pair", {"voided_at": NOON}),
        ("activity_voided_at_and_by_pair", {"void_reason": "by mistake"}),
    ],
)
def test_activity_refuses(constraint, values):
    refused(constraint, lambda: ActivityFactory(**values))


def test_running_activity_is_not_approved():
    refused(
        "activity_approved_at_and_by_pair",
        lambda: ActivityFactory(minutes=None, approved_at=NOON, approved_by=UserFactory()),
    )


def test_details_are_of_the_kind_of_their_activity():
    stop = ActivityFactory(kind=Tactic.VEHICLE_STOP)
    VehicleStop.objects.create(activity=stop, violation="speed", outcomes=["warning"])
    refused("details of another kind", lambda: Patrol.objects.create(activity=stop))
    refused("details of another kind", lambda: Arrest.objects.create(activity=stop, basis="on_view"))


@pytest.mark.parametrize("outcomes", [[], ["none", "citation"]])
def test_stop_has_an_outcome_that_makes_sense(outcomes):
    stop = ActivityFactory(kind=Tactic.VEHICLE_STOP)
    refused(
        "stop_has_an_outcome", lambda: VehicleStop.objects.create(activity=stop, violation="speed", outcomes=outcomes)
    )


def test_material_left_has_a_language_and_consent_an_open_door():
    talk = ActivityFactory(kind=Tactic.KNOCK_AND_TALK)
    refused(
        "material_has_a_language",
        lambda: KnockAndTalk.objects.create(activity=talk, answer="answered", materials=["lighting"]),
    )
    refused(
        "only_who_answers_consents",
        lambda: KnockAndTalk.objects.create(activity=talk, answer="refused", consent_to_search=True),
    )


def test_entry_of_a_phone_stays_as_it_was_sent():
    entry = SyncEntry.objects.create(
        id="6f9e6a3e-0000-4000-8000-000000000001",
        officer=UserFactory(),
        device="6f9e6a3e-0000-4000-8000-000000000002",
        payload={"kind": "arrest"},
        made_at=NOON,
        answer={},
    )
    entry.payload = {}
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        entry.save()


def test_measure_that_is_open_has_a_due_date_and_a_closed_one_somebody_who_closed_it():
    refused("open_measure_has_a_due_date", lambda: MeasureFactory(due_on=None))
    MeasureFactory(due_on=None, status=Measure.Status.REPORTED)
    refused("measure_closed_at_and_by_pair", lambda: MeasureFactory(status=Measure.Status.DONE))


def test_call_for_help_is_never_a_violation():
    def case(**values: object) -> LeaseCase:
        measure = MeasureFactory(kind=Tactic.LEASE_ENFORCEMENT)
        return LeaseCase.objects.create(measure=measure, violation="disturbance", **values)

    refused("a_call_for_help_is_no_violation", lambda: case(home_called_for_help=True))
    victim = IncidentFactory(offense=OffenseFactory(code="T-V", victim_sensitive=True))
    refused("a victim's call is no violation", lambda: case(home_called_for_help=False, incident=victim))
    case(home_called_for_help=False, incident=IncidentFactory())


def test_trespass_authorization_lasts_a_year_at_most():
    measure = MeasureFactory(kind=Tactic.TRESPASS)
    day = date(2025, 1, 31)
    refused(
        "authorization_expires_within_a_year",
        lambda: TrespassAuthorization.objects.create(
            measure=measure, signed_on=day, expires_on=day + timedelta(days=400)
        ),
    )
    refused(
        "new_owner_ends_authorization",
        lambda: TrespassAuthorization.objects.create(
            measure=measure, signed_on=day, expires_on=day + timedelta(days=365), owner_changed=True
        ),
    )


def test_counted_leaves_out_what_was_logged_by_mistake():
    kept = ActivityFactory()
    ActivityFactory(voided_by=UserFactory(), voided_at=timezone.now(), void_reason="wrong place")
    assert list(Activity.objects.counted()) == [kept]
    assert HotSpot.objects.count() == 2
