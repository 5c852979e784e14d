import hashlib
import uuid
from datetime import UTC, date, datetime

import factory
from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange

from hotspots.models import (
    Area,
    ConcentrationRun,
    HotSpot,
    HotSpotBoundary,
    ImportBatch,
    Incident,
    Location,
    Offense,
    Place,
    Score,
)
from tests.factories.accounts import UserFactory

# A made-up town: blocks of about 90 m along one street, numbered from the west.
WEST, SOUTH, STEP = -95.28, 37.33, 0.001


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Area

    kind = Area.Kind.BEAT
    source = "test"
    source_id = factory.Sequence(str)
    name = factory.Sequence(lambda n: f"Beat {n}")
    geometry = factory.LazyFunction(
        lambda: MultiPolygon(Polygon.from_bbox((WEST, SOUTH, WEST + 0.1, SOUTH + 0.1)), srid=4326)
    )
    valid = factory.LazyFunction(lambda: DateRange(date(2000, 1, 1), None))


class BlockFactory(factory.django.DjangoModelFactory):
    """A block; `at=(column, row)` puts it on the town's grid."""

    class Meta:
        model = Place

    class Params:
        at = factory.Sequence(lambda n: (n, 0))

    kind = Place.Kind.BLOCK
    source = "test"
    source_id = factory.Sequence(str)
    name = factory.Sequence(lambda n: f"{n}00 block of Main St")
    length_m = 90.0

    @factory.lazy_attribute
    def geometry(self) -> LineString:
        x, y = WEST + self.at[0] * STEP, SOUTH + self.at[1] * STEP
        return LineString((x, y), (x + STEP, y), srid=4326)


class AddressFactory(BlockFactory):
    kind = Place.Kind.ADDRESS
    name = factory.Sequence(lambda n: f"{n} Main St")
    length_m = None

    @factory.lazy_attribute
    def geometry(self) -> Point:
        return Point(WEST + self.at[0] * STEP, SOUTH + self.at[1] * STEP, srid=4326)


class ComplexFactory(BlockFactory):
    kind = Place.Kind.COMPLEX
    name = factory.Sequence(lambda n: f"Complex {n}")
    length_m = None
    area_m2 = 5000.0

    @factory.lazy_attribute
    def geometry(self) -> Polygon:
        x, y = WEST + self.at[0] * STEP, SOUTH + self.at[1] * STEP
        polygon = Polygon.from_bbox((x, y, x + STEP, y + STEP))
        polygon.srid = 4326
        return polygon


class OffenseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Offense
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"T{n}")
    name = factory.LazyAttribute(lambda offense: f"Offense {offense.code}")
    category = Offense.Category.PROPERTY
    harm_weight = 1.0


class ImportBatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ImportBatch

    source = "test"
    mapping_name = "test"
    status = ImportBatch.Status.DONE
    finished_at = factory.LazyFunction(lambda: datetime(2025, 1, 1, tzinfo=UTC))


class LocationFactory(factory.django.DjangoModelFactory):
    """Located on the places given; on none, it is unlocated."""

    class Meta:
        model = Location

    address_text = factory.Sequence(lambda n: f"{n} MAIN ST")
    digest = factory.LazyAttribute(
        lambda location: uuid.UUID(bytes=hashlib.md5(location.address_text.encode()).digest())
    )
    block = address = complex = None

    @factory.lazy_attribute
    def point(self) -> Point | None:
        return Point(WEST, SOUTH, srid=4326) if self.block or self.address or self.complex else None

    @factory.lazy_attribute
    def method(self) -> str:
        return Location.Method.COORDINATES if self.point else Location.Method.NONE

    @factory.lazy_attribute
    def problem(self) -> str:
        return Location.Problem.NONE if self.point else Location.Problem.NO_MATCH


class IncidentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Incident

    source = "test"
    source_id = factory.Sequence(str)
    digest = uuid.UUID(int=0)
    offense = factory.SubFactory(OffenseFactory, code="TEST")
    occurred_from = factory.LazyFunction(lambda: datetime(2024, 6, 15, 18, tzinfo=UTC))
    location = factory.SubFactory(LocationFactory)
    batch = factory.SubFactory(ImportBatchFactory)


class RunFactory(factory.django.DjangoModelFactory):
    """A run that is still going on; see PublishedRunFactory."""

    class Meta:
        model = ConcentrationRun

    kind = Place.Kind.BLOCK
    as_of = date(2024, 6, 30)
    days = 365
    standing = True
    started_by = factory.SubFactory(UserFactory)


class PublishedRunFactory(RunFactory):
    status = ConcentrationRun.Status.PUBLISHED
    published_at = factory.LazyFunction(lambda: datetime(2024, 7, 1, 8, 15, tzinfo=UTC))
    summary = factory.LazyFunction(lambda: {"places": 0, "seconds": 1.5})


class ScoreFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Score

    run = factory.SubFactory(PublishedRunFactory)
    place = factory.SubFactory(BlockFactory)
    count = risk_count = 3
    harm = 4.5
    before_count = before_risk_count = 2
    year_ago_count = year_ago_risk_count = 1
    change_p = risk_change_p = 0.7
    rank = risk_rank = factory.Sequence(lambda n: n + 1)
    share = risk_share = 1.0
    z = risk_z = 2.5
    q = risk_q = 0.04


class HotSpotFactory(factory.django.DjangoModelFactory):
    """A designated hot spot of the `places` given, with its first boundary."""

    class Meta:
        model = HotSpot
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Hot spot {n}")
    reason = "The counts are high."
    commander = factory.SubFactory(UserFactory)
    designated_by = factory.SelfAttribute("commander")
    starts_on = date(2024, 5, 1)
    review_on = date(2099, 1, 1)

    @factory.post_generation
    def places(self, create: bool, extracted: list[Place] | None, **kwargs: object) -> None:
        if not create:
            return
        boundary = HotSpotBoundary.objects.create(
            hot_spot=self,
            geometry=MultiPolygon(Polygon.from_bbox((WEST, SOUTH, WEST + STEP, SOUTH + STEP)), srid=4326),
            valid=DateRange(self.starts_on, self.ended_on),
            drawn_by=self.commander,
        )
        boundary.places.set(extracted or [BlockFactory()])
