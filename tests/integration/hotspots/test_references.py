"""What foreign keys would refuse, refused by triggers (docs/adr/0004-references-without-foreign-keys.md)."""

import uuid

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import Model

from hotspots.models import Incident, Location, Place, Retraction, Score
from tests.factories.hotspots import (
    AddressFactory,
    BlockFactory,
    ComplexFactory,
    IncidentFactory,
    LocationFactory,
    PublishedRunFactory,
    ScoreFactory,
)

pytestmark = pytest.mark.django_db


def delete_in_the_database(row: Model) -> None:
    """Past Django, which would take the scores along."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])


@pytest.mark.parametrize("missing", ["run_id", "place_id"])
def test_score_of_what_does_not_exist_is_refused(missing: str) -> None:
    known = {"run_id": PublishedRunFactory().pk, "place_id": BlockFactory().pk}
    good = ScoreFactory.build(run=None, place=None, **known)
    bad = ScoreFactory.build(run=None, place=None, **{**known, missing: 999_999})

    with pytest.raises(IntegrityError, match="refers to one that does not exist"), transaction.atomic():
        Score.objects.bulk_create([good, bad])

    assert not Score.objects.exists()


@pytest.mark.parametrize("owner", ["run", "place"])
def test_row_that_a_score_names_cannot_be_deleted(owner: str) -> None:
    score = ScoreFactory()

    with pytest.raises(IntegrityError, match="hotspots_score still refers"), transaction.atomic():
        delete_in_the_database(getattr(score, owner))


def test_row_that_no_score_names_can_be_deleted() -> None:
    ScoreFactory()
    unnamed = BlockFactory()

    delete_in_the_database(unnamed)

    assert not Place.objects.filter(pk=unnamed.pk).exists()


def test_deleting_a_run_takes_its_scores_along() -> None:
    kept, dropped = ScoreFactory(), ScoreFactory()

    dropped.run.delete()

    assert Score.objects.get() == kept


def test_score_never_changes() -> None:
    score = ScoreFactory()

    with pytest.raises(InternalError, match="Cannot update rows"), transaction.atomic():
        Score.objects.filter(run=score.run).update(count=9)


@pytest.mark.parametrize("kind", ["address", "block", "complex"])
def test_location_on_a_place_that_does_not_exist_is_refused(kind: str) -> None:
    location = LocationFactory(block=BlockFactory())

    with pytest.raises(IntegrityError, match="refers to one that does not exist"), transaction.atomic():
        Location.objects.filter(pk=location.pk).update(**{kind: 999_999})
    another = Location(digest=uuid.uuid4(), point=location.point, method=location.method, **{f"{kind}_id": 999_999})
    with pytest.raises(IntegrityError, match="refers to one that does not exist"), transaction.atomic():
        another.save()


@pytest.mark.parametrize("kind", ["address", "block", "complex"])
def test_place_that_a_location_names_cannot_be_deleted(kind: str) -> None:
    place = {"address": AddressFactory, "block": BlockFactory, "complex": ComplexFactory}[kind]()
    LocationFactory(**{kind: place})

    with pytest.raises(IntegrityError, match="hotspots_location still refers"), transaction.atomic():
        delete_in_the_database(place)


def test_incident_with_a_retraction_that_does_not_exist_is_refused() -> None:
    incident = IncidentFactory()

    with pytest.raises(IntegrityError, match="refers to one that does not exist"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(retraction=999_999)


def test_retraction_takes_back_one_incident_alone() -> None:
    one, other = IncidentFactory(), IncidentFactory()
    retraction = Retraction.objects.create(
        source="test", source_id="r", match_key=uuid.uuid4(), occurred_from=one.occurred_from, batch=one.batch
    )
    Incident.objects.filter(pk=one.pk).update(retraction=retraction)

    with pytest.raises(IntegrityError, match="retraction_given_once"), transaction.atomic():
        Incident.objects.filter(pk=other.pk).update(retraction=retraction)
    with pytest.raises(IntegrityError, match="hotspots_incident still refers"), transaction.atomic():
        delete_in_the_database(retraction)
