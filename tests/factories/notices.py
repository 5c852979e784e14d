"""Letters, owners, meetings and public projects in the made-up town of tests.factories.hotspots."""

import hashlib
from datetime import UTC, date, datetime

import factory
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange

from notices.models import (
    Agreement,
    Attendee,
    Batch,
    Checkpoint,
    HelpRequest,
    Issue,
    Letter,
    LetterTemplate,
    ListImport,
    Mailbox,
    Meeting,
    OptOut,
    Owner,
    Ownership,
    Publication,
    PublicProject,
    Release,
    TemplateVersion,
)
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import AddressFactory, BlockFactory, HotSpotFactory
from tests.factories.tactics import MeasureFactory

NOON = datetime(2025, 3, 5, 18, tzinfo=UTC)  # a Wednesday, 12:00 in Parsons
DIGEST = hashlib.sha256(b"").hexdigest()


class TemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LetterTemplate

    slug = factory.Sequence(lambda n: f"letter-{n}")
    name = factory.Sequence(lambda n: f"Letter {n}")
    purpose = LetterTemplate.Purpose.OTHER


class VersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TemplateVersion

    template = factory.SubFactory(TemplateFactory)
    number = 1
    subject_en = "Working together in {area}"
    body_en = "Dear neighbor,\n\nThe {agency} will spend more time in {area}."
    subject_es = "Trabajamos juntos en {area}"
    body_es = "Estimado vecino:\n\n{agency} va a pasar más tiempo en {area}."
    written_by = factory.SubFactory(UserFactory, roles=["clerk"])


class ListImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ListImport

    kind = ListImport.Kind.OWNERS
    source = "county"
    file_name = "owners.csv"
    uploaded_by = factory.SubFactory(UserFactory, roles=["clerk"])


class MailboxFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Mailbox

    place = factory.SubFactory(AddressFactory)
    zip_code = "67357"


class OwnerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Owner

    source = "county"
    source_id = factory.Sequence(str)
    name = factory.Sequence(lambda n: f"OWNER {n} LLC")
    street = factory.Sequence(lambda n: f"{n} GRAND AVE")
    city = "PARSONS"
    state = "KS"
    zip_code = "67357"


class OwnershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Ownership

    place = factory.SubFactory(AddressFactory)
    owner = factory.SubFactory(OwnerFactory)
    source = "county"
    valid = factory.LazyFunction(lambda: DateRange(date(2020, 1, 1), None))


class OptOutFactory(factory.django.DjangoModelFactory):
    """Of a place; `place=None, owner=…` for one of an owner."""

    class Meta:
        model = OptOut

    place = factory.SubFactory(AddressFactory)
    recorded_by = factory.SubFactory(UserFactory, roles=["clerk"])


class BatchFactory(factory.django.DjangoModelFactory):
    """A draft; `status="submitted"` and so on give who made it so."""

    class Meta:
        model = Batch

    name = factory.Sequence(lambda n: f"Letters {n}")
    hot_spot = factory.SubFactory(HotSpotFactory)
    version = factory.SubFactory(VersionFactory)
    dated = date(2025, 3, 5)
    fields = factory.LazyFunction(lambda: {"en": {"area": "Main Street"}, "es": {"area": "la calle Main"}})
    created_by = factory.SubFactory(UserFactory, roles=["clerk"])

    class Params:
        beyond_draft = factory.LazyAttribute(lambda batch: batch.status not in ("draft", "cancelled"))
        approved = factory.LazyAttribute(lambda batch: batch.status in ("approved", "ready", "mailed"))
        made_whole = factory.LazyAttribute(lambda batch: batch.status in ("ready", "mailed"))

    status = "draft"
    submitted_by = factory.LazyAttribute(lambda batch: batch.created_by if batch.beyond_draft else None)
    submitted_at = factory.LazyAttribute(lambda batch: NOON if batch.beyond_draft else None)
    approved_by = factory.LazyAttribute(lambda batch: UserFactory(roles=["commander"]) if batch.approved else None)
    approved_at = factory.LazyAttribute(lambda batch: NOON if batch.approved else None)
    ready_at = factory.LazyAttribute(lambda batch: NOON if batch.made_whole else None)
    pdf = factory.LazyAttribute(lambda batch: "letters/test.pdf" if batch.made_whole else "")
    pdf_digest = factory.LazyAttribute(lambda batch: DIGEST if batch.made_whole else "")
    mailed_by = factory.LazyAttribute(lambda batch: batch.created_by if batch.status == "mailed" else None)
    mailed_at = factory.LazyAttribute(lambda batch: NOON if batch.status == "mailed" else None)


class LetterFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Letter

    batch = factory.SubFactory(BatchFactory, status="submitted")
    number = factory.Sequence(lambda n: n + 1)
    place = factory.SubFactory(AddressFactory)
    lines = factory.LazyFunction(lambda: ["RESIDENT", "100 MAIN ST", "PARSONS KS 67357"])
    language = "both"
    digest = DIGEST


class HelpRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = HelpRequest

    role = HelpRequest.Role.OWNER
    name = "Pat Example"
    contact = "620-555-0100"
    where = "100 Main St"
    message = "The parking lot is dark."
    language = "en"


class MeetingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Meeting

    place = factory.SubFactory(BlockFactory)
    asked_by = Meeting.AskedBy.OWNER
    starts_at = NOON
    where = "At the office of the complex"
    created_by = factory.SubFactory(UserFactory, roles=["clerk"])


class AttendeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Attendee

    meeting = factory.SubFactory(MeetingFactory)
    role = "manager"


class IssueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Issue

    meeting = factory.SubFactory(MeetingFactory)
    what = "The lot is dark."
    raised_by = "manager"


class AgreementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Agreement

    meeting = factory.SubFactory(MeetingFactory)
    measure = factory.LazyAttribute(lambda agreement: MeasureFactory(place=agreement.meeting.place))


class CheckpointFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Checkpoint

    meeting = factory.SubFactory(MeetingFactory)
    item = "lamps-work"
    finding = "needs_work"
    note = "Two lamps are out."


class ShownFactory(factory.django.DjangoModelFactory):
    """A draft; `status="public"` gives who approved it."""

    class Meta:
        abstract = True

    created_by = factory.SubFactory(UserFactory, roles=["clerk"])
    status = "draft"

    @factory.lazy_attribute
    def approved_by(self) -> object:
        return UserFactory(roles=["commander"]) if self.status == "public" else None

    @factory.lazy_attribute
    def approved_at(self) -> datetime | None:
        return NOON if self.status == "public" else None

    @factory.lazy_attribute
    def review_on(self) -> date | None:
        return date(2099, 1, 1) if self.status == "public" else None


class ReleaseFactory(ShownFactory):
    class Meta:
        model = Release

    title_en = "Police spend more time on Main Street"
    body_en = "Police spend more time on Main Street."
    post_en = "Police spend more time on Main Street."
    title_es = "La policía pasa más tiempo en la calle Main"
    body_es = "La policía pasa más tiempo en la calle Main."
    post_es = "La policía pasa más tiempo en la calle Main."


class PublicProjectFactory(ShownFactory):
    class Meta:
        model = PublicProject

    hot_spot = factory.SubFactory(HotSpotFactory)
    slug = factory.Sequence(lambda n: f"main-street-{n}")
    name_en = "Main Street"
    name_es = "Calle Main"
    summary_en = "Officers visit Main Street more often."
    summary_es = "Los agentes visitan la calle Main con más frecuencia."
    starts_on = date(2024, 5, 1)
    shown_from = date(2024, 5, 8)


class PublicationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Publication

    release = factory.SubFactory(ReleaseFactory, status="public")
    channel = Publication.Channel.SITE
    language = "en"
    published_on = date(2025, 3, 5)
    recorded_by = factory.SubFactory(UserFactory, roles=["clerk"])


def rough() -> MultiPolygon:
    """An area as `notices.privacy` makes one."""
    return MultiPolygon(Polygon.from_bbox((-95.28, 37.33, -95.278, 37.332)), srid=4326)
