"""What the database itself refuses."""

from datetime import date, timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, transaction

from notices.models import (
    Agreement,
    Batch,
    Exclusion,
    Letter,
    Meeting,
    Publication,
    PublicProject,
    Reminder,
    TemplateVersion,
)
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, ComplexFactory
from tests.factories.notices import (
    DIGEST,
    NOON,
    BatchFactory,
    CheckpointFactory,
    HelpRequestFactory,
    LetterFactory,
    MailboxFactory,
    MeetingFactory,
    OptOutFactory,
    OwnerFactory,
    OwnershipFactory,
    PublicProjectFactory,
    ReleaseFactory,
    VersionFactory,
)
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
AREA = MultiPolygon(Polygon.from_bbox((WEST, SOUTH, WEST + STEP, SOUTH + STEP)), srid=4326)


def refused(name: str, make: object) -> None:
    with pytest.raises(Exception, match=name) as caught, transaction.atomic():
        make()
    assert isinstance(caught.value, IntegrityError) or "Cannot update" in str(caught.value)


def test_words_of_a_template_version_are_never_changed():
    version = VersionFactory()
    refused("Cannot update", lambda: TemplateVersion.objects.filter(pk=version.pk).update(body_en="Other words"))


def test_template_version_without_spanish_is_refused():
    refused("template_is_in_both_languages", lambda: VersionFactory(body_es=""))


def test_shipped_letters_are_there_in_both_languages():
    assert TemplateVersion.objects.filter(number=1, written_by=None).count() == 6


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("batch_scope_is_whole", {"hot_spot": None}),
        ("batch_scope_is_whole", {"scope": "distance"}),
        ("batch_scope_is_whole", {"scope": "distance", "distance_m": 0}),
        ("batch_scope_is_whole", {"scope": "drawn"}),
        ("batch_scope_is_whole", {"scope": "complex"}),
        ("batch_scope_is_whole", {"scope": "within", "shape": AREA}),
        ("batch_language_of_owners_is_for_owners", {"language": "own"}),
        ("submitted_batch_names_who", {"status": "submitted", "submitted_by": None, "submitted_at": None}),
        ("batch_submitted_at_and_by_pair", {"submitted_at": NOON}),
        ("batch_is_made_after_approval", {"status": "approved", "approved_by": None, "approved_at": None}),
        ("ready_batch_has_its_pdf", {"status": "ready", "pdf": ""}),
        ("ready_batch_has_its_pdf", {"status": "ready", "pdf_digest": ""}),
        ("batch_mailed_at_and_by_pair", {"status": "ready", "mailed_at": NOON}),
    ],
)
def test_batch_that_makes_no_sense_is_refused(constraint, values):
    refused(constraint, lambda: BatchFactory(**values))


@pytest.mark.parametrize(
    "values",
    [
        {"scope": "distance", "distance_m": 200},
        {"scope": "drawn", "shape": AREA, "hot_spot": None},
        {"audience": "owners", "language": "own"},
        *({"status": status} for status in Batch.Status.values),
    ],
)
def test_batch_that_makes_sense_is_stored(values):
    assert BatchFactory(**values).pk


def test_batch_is_approved_by_somebody_else():
    clerk = UserFactory(roles=["clerk", "commander"])
    refused("approved_by_somebody_else", lambda: BatchFactory(status="approved", created_by=clerk, approved_by=clerk))
    refused(
        "approved_by_somebody_else",
        lambda: BatchFactory(status="approved", submitted_by=clerk, approved_by=clerk),
    )


@pytest.mark.parametrize("status", ["submitted", "approved", "ready", "mailed"])
def test_batch_beyond_a_draft_says_what_it_said(status):
    batch = BatchFactory(status=status)
    for change in ({"name": "Other"}, {"fields": {}}, {"dated": date(2025, 3, 6)}, {"map_svg": "<svg/>"}):
        refused("not changed once it was submitted", lambda c=change: Batch.objects.filter(pk=batch.pk).update(**c))


def test_batch_sent_back_can_be_changed_again_and_an_approved_one_cannot_be_sent_back():
    batch = BatchFactory(status="submitted")
    Batch.objects.filter(pk=batch.pk).update(status="draft", submitted_by=None, submitted_at=None)
    Batch.objects.filter(pk=batch.pk).update(name="Other")
    approved = BatchFactory(status="approved")
    refused("stays as it is", lambda: Batch.objects.filter(pk=approved.pk).update(status="draft"))
    refused("stays as it is", lambda: approved.delete())


def test_digest_of_a_made_pdf_is_never_changed():
    batch = BatchFactory(status="ready")
    refused("stays as it is", lambda: Batch.objects.filter(pk=batch.pk).update(pdf_digest="0" * 64))


@pytest.mark.parametrize(
    ("status", "change"),
    [
        ("approved", {"created_by": 1}),
        ("approved", {"submitted_by": 1}),
        ("approved", {"submitted_at": LATER}),
        ("approved", {"approved_by": 1}),
        ("approved", {"approved_at": LATER}),
        ("approved", {"status": "submitted", "approved_by": None, "approved_at": None}),
        ("ready", {"status": "approved"}),
        ("ready", {"ready_at": LATER}),
        ("ready", {"pdf": "letters/other.pdf"}),
        ("mailed", {"status": "approved", "mailed_at": None, "mailed_by": None}),
        ("mailed", {"status": "ready", "mailed_at": None, "mailed_by": None}),
        ("mailed", {"status": "cancelled", "mailed_at": None, "mailed_by": None}),
        ("mailed", {"mailed_at": LATER}),
        ("mailed", {"mailed_by": 1}),
    ],
)
def test_approved_batch_neither_goes_back_nor_says_that_somebody_else_did_it(status, change):
    batch = BatchFactory(status=status)
    values = {name: UserFactory() if value == 1 else value for name, value in change.items()}
    refused("stays as it is", lambda: Batch.objects.filter(pk=batch.pk).update(**values))


@pytest.mark.parametrize("change", [{"name": "Other"}, {"status": "approved"}, {"status": "draft"}])
def test_batch_cancelled_after_its_approval_stays_as_it_was(change):
    batch = BatchFactory(status="approved")
    Batch.objects.filter(pk=batch.pk).update(status="cancelled")
    refused("stays as it is", lambda: Batch.objects.filter(pk=batch.pk).update(**change))


def test_approved_batch_goes_on():
    batch = BatchFactory(status="approved")
    rows = Batch.objects.filter(pk=batch.pk)
    rows.update(made=1, problem="No paper")
    rows.update(status="ready", pdf="letters/a.pdf", pdf_digest=DIGEST, ready_at=NOON, problem="")
    rows.update(status="mailed", mailed_at=NOON, mailed_by=UserFactory())
    assert rows.get().status == "mailed"


def test_letter_goes_to_no_other_owner_and_stays_sent():
    letter = LetterFactory(owner=OwnerFactory(), delivery="email", email="a@example.org")
    rows = Letter.objects.filter(pk=letter.pk)
    rows.update(emailed_at=NOON)
    refused("never changed", lambda: rows.update(owner=OwnerFactory()))
    refused("never changed", lambda: rows.update(emailed_at=None))
    refused("never changed", lambda: rows.update(emailed_at=LATER))
    rows.update(owner=None)
    refused("never changed", lambda: rows.update(owner=letter.owner))


def test_letter_is_never_changed_and_what_becomes_of_it_is_recorded():
    letter = LetterFactory()
    refused("never changed", lambda: Letter.objects.filter(pk=letter.pk).update(lines=["SOMEBODY ELSE"]))
    refused("never changed", lambda: Letter.objects.filter(pk=letter.pk).update(digest="0" * 64))
    Letter.objects.filter(pk=letter.pk).update(
        returned_on=date(2025, 3, 9), returned_why="vacant", returned_by=UserFactory()
    )


def test_letters_of_an_approved_batch_are_neither_deleted_nor_added_to():
    letter = LetterFactory()
    batch = letter.batch
    Batch.objects.filter(pk=batch.pk).update(status="approved", approved_by=UserFactory(), approved_at=NOON)
    refused("stays as it is", lambda: letter.delete())
    refused("stays as it is", lambda: LetterFactory(batch=batch))


def test_household_and_owner_get_one_letter_of_a_batch():
    letter = LetterFactory()
    refused("one_letter_per_household", lambda: LetterFactory(batch=letter.batch, place=letter.place))
    to_owner = LetterFactory(owner=OwnerFactory())
    refused("one_letter_per_owner", lambda: LetterFactory(batch=to_owner.batch, owner=to_owner.owner))


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("letter_digest_is_one", {"digest": "none"}),
        ("letter_language_is_known", {"language": "fr"}),
        ("emailed_letter_has_an_address", {"delivery": "email"}),
        ("emailed_letter_has_an_address", {"emailed_at": NOON}),
        ("returned_letter_says_when_why_and_who", {"returned_on": date(2025, 3, 9)}),
        ("returned_letter_says_when_why_and_who", {"returned_why": "vacant"}),
    ],
)
def test_letter_that_makes_no_sense_is_refused(constraint, values):
    refused(constraint, lambda: LetterFactory(**values))


def test_exclusion_is_of_one_and_has_a_reason():
    batch, by, place = BatchFactory(), UserFactory(), AddressFactory()
    make = Exclusion.objects.create
    refused("place_or_an_owner", lambda: make(batch=batch, reason="x", excluded_by=by))
    refused("has_a_reason", lambda: make(batch=batch, place=place, reason="", excluded_by=by))
    make(batch=batch, place=place, reason="Lives there himself", excluded_by=by)
    refused("place_excluded_once", lambda: make(batch=batch, place=place, reason="Again", excluded_by=by))


def test_mailbox_and_owner_that_make_no_sense_are_refused():
    refused("mailbox_zip_code_is_one", lambda: MailboxFactory(zip_code="6735"))
    refused("undeliverable_says", lambda: MailboxFactory(undeliverable_on=date(2025, 3, 9)))
    refused("email_only_where_asked", lambda: OwnerFactory(email="owner@example.com"))
    first = OwnerFactory()
    refused("owner_of_source_once", lambda: OwnerFactory(source_id=first.source_id))
    owned = OwnershipFactory()
    refused("owner_owns_a_place_once", lambda: OwnershipFactory(place=owned.place, owner=owned.owner))


def test_opt_out_is_of_a_place_or_an_owner_and_once():
    refused("of_a_place_or_an_owner", lambda: OptOutFactory(place=None))
    refused("of_a_place_or_an_owner", lambda: OptOutFactory(owner=OwnerFactory()))
    one = OptOutFactory()
    refused("one_opt_out_per_place", lambda: OptOutFactory(place=one.place))
    OptOutFactory(place=one.place, ended_at=NOON, ended_by=UserFactory())


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("minutes_at_and_by_pair", {"minutes_at": NOON}),
        ("minutes_at_and_by_pair", {"minutes": "minutes/x.pdf", "minutes_digest": DIGEST}),
        ("cancelled_meeting_says_why", {"status": "cancelled"}),
    ],
)
def test_meeting_that_makes_no_sense_is_refused(constraint, values):
    refused(constraint, lambda: MeetingFactory(**values))


def test_agreement_is_one_measure():
    meeting, measure = MeetingFactory(place=ComplexFactory()), MeasureFactory()
    Agreement.objects.create(meeting=meeting, measure=measure)
    refused("unique", lambda: Agreement.objects.create(meeting=MeetingFactory(), measure=measure))


def test_nobody_is_reminded_twice_a_day():
    first = Reminder.objects.create(person=UserFactory(), day=NOON.date())
    refused("reminded_once_a_day", lambda: Reminder.objects.create(person=first.person, day=first.day))
    Reminder.objects.create(person=first.person, day=first.day + timedelta(days=1))
    Reminder.objects.create(person=UserFactory(), day=first.day)


def test_meeting_follows_another_and_is_followed_once():
    first = MeetingFactory(place=ComplexFactory())
    refused("meeting_follows_another", lambda: Meeting.objects.filter(pk=first.pk).update(follows=first))
    MeetingFactory(place=first.place, follows=first)
    refused("follows_id", lambda: MeetingFactory(place=first.place, follows=first))


def test_point_of_a_walk_is_there_once():
    point = CheckpointFactory()
    refused("checkpoint_once", lambda: CheckpointFactory(meeting=point.meeting, item=point.item))


def test_help_request_taken_up_names_who():
    refused("help_request_handled", lambda: HelpRequestFactory(status="taken"))


@pytest.mark.parametrize("make", [ReleaseFactory, PublicProjectFactory])
def test_nobody_approves_what_they_wrote_themselves(make):
    writer = UserFactory(roles=["commander"])
    refused("approved_by_somebody_else", lambda: make(status="public", created_by=writer, approved_by=writer))
    refused(
        "approved_by_somebody_else",
        lambda: make(status="public", changed_by=writer, changed_at=NOON, approved_by=writer),
    )
    refused("approved_by_somebody_else", lambda: make(status="public", approved_by=None, approved_at=None))
    refused("does not approve it", lambda: make(status="public", editors=[writer.pk], approved_by=writer))
    refused("withdrawn_at_and_by_pair", lambda: make(status="withdrawn"))


@pytest.mark.parametrize("make", [ReleaseFactory, PublicProjectFactory])
def test_what_was_approved_stays_as_it_is(make):
    shown = make(status="public")
    field = "title_en" if hasattr(shown, "title_en") else "name_en"
    refused("stays as it is", lambda: type(shown).objects.filter(pk=shown.pk).update(**{field: "Other words"}))


def test_nothing_is_published_before_it_was_approved():
    def publish(release):
        return Publication.objects.create(
            release=release, channel="press", language="en", published_on=date(2025, 3, 5), recorded_by=UserFactory()
        )

    refused("before it was approved", lambda: publish(ReleaseFactory()))
    assert publish(ReleaseFactory(status="public")).pk


def test_public_area_of_few_addresses_is_refused():
    refused("holds_enough_addresses", lambda: PublicProjectFactory(area=AREA, area_addresses=7))
    project = PublicProjectFactory(area=AREA, area_addresses=8, status="public")
    refused("one_public_project", lambda: PublicProjectFactory(hot_spot=project.hot_spot, status="public"))
    refused("both_languages", lambda: PublicProjectFactory(results_en="Fewer thefts."))


def test_new_project_is_not_public():
    project = PublicProject(name_en="x")
    assert project.status == "draft"
    PublicProjectFactory()
    assert not PublicProject.objects.shown_on(date(2099, 1, 1)).exists()
