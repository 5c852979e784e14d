"""A plan, a roster and activities in the made-up town of tests.factories.hotspots."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import factory

from tactics.catalogue import Tactic
from tactics.models import (
    Activity,
    Assignment,
    Briefing,
    Measure,
    Operation,
    Plan,
    PlanTactic,
    Roster,
    Shift,
    SyncEntry,
    Unit,
    VisitImport,
)
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import BlockFactory, HotSpotFactory

NOON = datetime(2025, 3, 5, 18, tzinfo=UTC)  # a Wednesday, 12:00 in Parsons


class UnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Unit
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda n: f"Car {n}")


class ShiftFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Shift
        django_get_or_create = ("name",)

    name = "Evening test"
    starts_at = time(14)
    minutes = 480


class PlanFactory(factory.django.DjangoModelFactory):
    """Proposed; `status="active"` gives who made it so."""

    class Meta:
        model = Plan

    hot_spot = factory.SubFactory(HotSpotFactory)
    problem = "Drug sales in the parking lot in the evening."
    hours = list(range(18, 24))
    starts_on = factory.LazyAttribute(lambda plan: plan.hot_spot.starts_on)
    review_on = factory.LazyAttribute(lambda plan: plan.starts_on + timedelta(days=90))
    proposed_by = factory.SubFactory(UserFactory, roles=["commander"])

    @factory.lazy_attribute
    def activated_by(self) -> object:
        return None if self.status == Plan.Status.PROPOSED else self.proposed_by

    @factory.lazy_attribute
    def activated_at(self) -> datetime | None:
        return None if self.status == Plan.Status.PROPOSED else NOON

    status = Plan.Status.PROPOSED


class PlanTacticFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PlanTactic

    plan = factory.SubFactory(PlanFactory, status="active")
    tactic = Tactic.DIRECTED_PATROL
    visits = 4
    per = "shift"
    minutes = 15


class RosterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Roster

    shift = factory.SubFactory(ShiftFactory)
    day = date(2025, 3, 5)
    starts_at = factory.LazyFunction(lambda: NOON + timedelta(hours=2))
    ends_at = factory.LazyAttribute(lambda roster: roster.starts_at + timedelta(hours=8))
    seed = 1


class AssignmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Assignment

    roster = factory.SubFactory(RosterFactory)
    hot_spot = factory.SubFactory(HotSpotFactory)
    tactic = Tactic.DIRECTED_PATROL
    minutes = 15
    position = factory.Sequence(int)
    due_at = factory.LazyAttribute(lambda assignment: assignment.roster.starts_at + timedelta(hours=1))


class ActivityFactory(factory.django.DjangoModelFactory):
    """A directed patrol of 12 minutes by a phone's clock; `minutes=None` is one that still runs."""

    class Meta:
        model = Activity

    class Params:
        minutes = 12

    kind = Tactic.DIRECTED_PATROL
    hot_spot = factory.SubFactory(HotSpotFactory)
    officer = factory.SubFactory(UserFactory, roles=["officer"])
    started_at = NOON
    recorded = Activity.Recorded.TIMED

    @factory.lazy_attribute
    def ended_at(self) -> datetime | None:
        return None if self.minutes is None else self.started_at + timedelta(minutes=self.minutes)


class OperationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Operation

    hot_spot = factory.SubFactory(HotSpotFactory)
    name = "Friday night"
    coordinator = factory.SubFactory(UserFactory, roles=["officer"])
    started_at = NOON


class SyncEntryFactory(factory.django.DjangoModelFactory):
    """A visit that a phone sent and that could not be stored, for it names no kind."""

    class Meta:
        model = SyncEntry

    id = factory.LazyFunction(uuid.uuid4)
    officer = factory.SubFactory(UserFactory, roles=["officer"])
    device = factory.LazyFunction(uuid.uuid4)
    activity = factory.LazyFunction(uuid.uuid4)
    payload = factory.LazyAttribute(lambda entry: {"type": "log", "activity": str(entry.activity)})
    made_at = NOON
    answer = factory.LazyFunction(lambda: {"id": None, "state": "kept", "flags": [], "message": "No such kind."})
    refused = True


class MeasureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Measure

    kind = Tactic.LIGHTING
    place = factory.SubFactory(BlockFactory)
    title = "Mend the lamp at the corner"
    due_on = date(2025, 4, 1)
    created_by = factory.SubFactory(UserFactory, roles=["commander"])


class VisitImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = VisitImport

    kind = VisitImport.Kind.VISITS
    source = "CAD"
    file_name = "visits.csv"
    sha256 = "0" * 64
    status = VisitImport.Status.DONE
    finished_at = NOON


class BriefingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Briefing

    shift = factory.SubFactory(ShiftFactory)
    day = date(2025, 3, 5)
    pdf = b"%PDF-1.7 as it was printed"
