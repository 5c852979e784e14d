"""A batch of letters from its draft to its PDF: what is frozen, who may, and what a second person sees."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueError
from pypdf import PdfReader

from accounts.agency import current_agency
from accounts.models import AuditEntry, User
from notices import tasks
from notices.actions import batches as actions
from notices.actions import making
from notices.models import Batch, Exclusion
from notices.transitions import CannotMove, can_move
from tests.factories.accounts import UserFactory
from tests.factories.notices import BatchFactory, OptOutFactory, OwnerFactory, VersionFactory
from tests.integration.notices.letters import approved, draft, owners, place_at, ready, submitted

pytestmark = pytest.mark.django_db


def nothing(*_: object) -> None:
    """A queue that forgets."""


def test_submit_freezes_who_gets_a_letter_and_what_it_says() -> None:
    batch = submitted(3)
    letters = list(batch.letters.order_by("number"))
    assert [letter.number for letter in letters] == [1, 2, 3]
    assert sorted(letter.lines[-2] for letter in letters) == ["100 MAIN ST", "102 MAIN ST", "104 MAIN ST"]
    assert {letter.language for letter in letters} == {"both"}
    assert len({letter.digest for letter in letters}) == 3
    assert batch.facts["en"]["area"] == "Main Street"
    assert batch.facts["es"]["area"] == "la calle Main"
    assert batch.map_svg.startswith("<svg") or "<svg" in batch.map_svg
    entry = AuditEntry.objects.filter(action=AuditEntry.Action.LETTERS_CHANGED).first()
    assert entry.details["what"] == "submitted"
    assert entry.details["number"] == 3


def test_submitted_letters_stay_when_an_address_comes_after() -> None:
    batch = submitted(2)
    place_at(0.9, 998)
    assert batch.letters.count() == 2


def test_submit_without_recipients_is_refused() -> None:
    batch = BatchFactory()
    with pytest.raises(CannotMove, match="Nobody would get a letter"):
        actions.submit(by=batch.created_by, batch=batch)


@override_settings(MOST_LETTERS=2)
def test_submit_of_more_than_the_most_is_refused() -> None:
    batch = draft(3)
    with pytest.raises(CannotMove, match="3 letters are more than the 2"):
        actions.submit(by=batch.created_by, batch=batch)


def test_submit_with_an_empty_field_names_it_and_its_language() -> None:
    batch = draft(1, fields={"en": {"area": "Main Street"}})
    with pytest.raises(CannotMove, match=r"Spanish: .*area"):
        actions.submit(by=batch.created_by, batch=batch)
    batch.refresh_from_db()
    assert batch.status == "draft"
    assert not batch.letters.exists()


def test_submit_twice_is_refused() -> None:
    batch = submitted(1)
    with pytest.raises(CannotMove, match="Waits for approval"):
        actions.submit(by=batch.created_by, batch=batch)


def test_submitted_letters_are_not_changed() -> None:
    batch = submitted(1)
    with pytest.raises(CannotMove, match="no longer a draft"):
        actions.change(by=batch.created_by, batch=batch, name="Other")
    with pytest.raises(CannotMove, match="no longer a draft"):
        actions.exclude(by=batch.created_by, batch=batch, reason="No", place_ids=[batch.letters.get().place_id])


def test_excluded_household_gets_no_letter_until_taken_back() -> None:
    batch = draft(3)
    place_id = actions.recipients(batch).letters[0].place_id
    actions.exclude(by=batch.created_by, batch=batch, reason="Is the station", place_ids=[place_id])
    actions.exclude(by=batch.created_by, batch=batch, reason="Again", place_ids=[place_id])
    found = actions.recipients(Batch.objects.get(pk=batch.pk))
    assert len(found.letters) == 2
    assert [each.place_id for each in found.left_out] == [place_id]
    assert "Is the station" in str(found.left_out[0].why)
    assert actions.include(by=batch.created_by, batch=batch, exclusion_ids=[Exclusion.objects.get().pk]) == 1
    assert len(actions.recipients(Batch.objects.get(pk=batch.pk)).letters) == 3


def test_approval_by_who_wrote_or_submitted_it_is_refused() -> None:
    commander, other = UserFactory(roles=["commander"]), UserFactory(roles=["commander"])
    batch = draft(1, created_by=commander)
    actions.submit(by=other, batch=batch)
    for user in (commander, other):
        with pytest.raises(CannotMove, match="Somebody else must approve"):
            actions.approve(by=user, batch=batch, queue=nothing)


@pytest.mark.parametrize("edit", ["change", "exclude", "include"])
def test_approval_by_who_changed_the_draft_is_refused(edit: str) -> None:
    commander, batch = UserFactory(roles=["commander"]), draft(2)
    place_id = batch_places(batch)[0]
    if edit == "change":
        actions.change(by=commander, batch=batch, name="Other")
    else:
        by = commander if edit == "exclude" else batch.created_by
        actions.exclude(by=by, batch=batch, reason="Is the station", place_ids=[place_id])
    if edit == "include":
        actions.include(by=commander, batch=batch, exclusion_ids=[Exclusion.objects.get().pk])
    actions.submit(by=batch.created_by, batch=batch)
    with pytest.raises(CannotMove, match="Somebody else must approve"):
        actions.approve(by=commander, batch=batch, queue=nothing)
    assert actions.approve(by=UserFactory(roles=["commander"]), batch=batch, queue=nothing).status == "approved"


def batch_places(batch: Batch) -> list[int | None]:
    return [each.place_id for each in actions.recipients(batch).letters]


def test_approval_is_refused_where_somebody_asked_for_no_letters_since() -> None:
    batch, commander = submitted(3), UserFactory(roles=["commander"])
    first, second = batch.letters.order_by("number")[:2]
    said = [OptOutFactory(place=letter.place) for letter in (first, second)]
    with pytest.raises(CannotMove, match="2 asked for no letters since these were submitted"):
        actions.approve(by=commander, batch=batch, queue=nothing)
    said[0].delete()
    actions.send_back(by=commander, batch=batch, reason="One asked for none.")
    actions.submit(by=batch.created_by, batch=batch)
    assert batch.letters.count() == 2
    assert actions.approve(by=commander, batch=batch, queue=nothing).status == "approved"


def test_approval_is_refused_where_an_owner_asked_for_no_letters_since() -> None:
    batch = BatchFactory(hot_spot=owners(2), audience="owners", language="own")
    actions.submit(by=batch.created_by, batch=batch)
    letter = batch.letters.first()
    OptOutFactory(place=letter.place)  # the household there: the owner still gets theirs
    assert can_move(UserFactory(roles=["commander"]), Batch.objects.get(pk=batch.pk), "approve")
    OptOutFactory(place=None, owner=letter.owner)
    with pytest.raises(CannotMove, match="1 asked for no letters"):
        actions.approve(by=UserFactory(roles=["commander"]), batch=batch, queue=nothing)


def test_approval_of_what_was_submitted_anew_since_is_refused() -> None:
    batch, commander = submitted(1), UserFactory(roles=["commander"])
    seen = batch.submitted_at.isoformat()
    actions.take_back(by=batch.created_by, batch=batch)
    batch = actions.submit(by=batch.created_by, batch=batch)
    for other in (seen, ""):
        with pytest.raises(CannotMove, match="submitted anew since you looked"):
            actions.approve(by=commander, batch=batch, queue=nothing, seen=other)
    actions.approve(by=commander, batch=batch, queue=nothing, seen=batch.submitted_at.isoformat())


def test_approval_by_a_clerk_is_refused() -> None:
    with pytest.raises(CannotMove, match="a commander may"):
        actions.approve(by=UserFactory(roles=["clerk"]), batch=submitted(1), queue=nothing)


def test_sent_back_letters_are_a_draft_with_the_reason_and_can_be_submitted_again() -> None:
    batch = submitted(2)
    actions.send_back(by=UserFactory(roles=["commander"]), batch=batch, reason="Name the streets.")
    batch.refresh_from_db()
    assert (batch.status, batch.sent_back_why, batch.facts) == ("draft", "Name the streets.", {})
    assert not batch.letters.exists()
    actions.change(by=batch.created_by, batch=batch, fields={"en": {"area": "First St"}, "es": {"area": "First St"}})
    actions.submit(by=batch.created_by, batch=batch)
    batch.refresh_from_db()
    assert batch.sent_back_why == ""
    assert batch.letters.count() == 2


def test_task_makes_the_pdf_with_every_address(django_capture_on_commit_callbacks: Callable) -> None:
    batch = submitted(3)
    with django_capture_on_commit_callbacks(execute=True):
        actions.approve(by=UserFactory(roles=["commander"]), batch=batch, queue=lambda pk: tasks.make_letters(pk))
    batch.refresh_from_db()
    assert batch.status == "ready", batch.problem
    assert batch.made == 3
    with batch.pdf.open("rb") as file:
        data = file.read()
        file.seek(0)
        text = " ".join(page.extract_text() for page in PdfReader(file).pages)
    assert hashlib.sha256(data).hexdigest() == batch.pdf_digest
    for letter in batch.letters.all():
        assert letter.lines[-2] in text
        assert letter.code in text


def test_task_delivered_again_changes_nothing() -> None:
    batch = ready(1)
    before = (batch.pdf.name, batch.pdf_digest, batch.ready_at)
    tasks.make_letters(batch.pk)
    batch.refresh_from_db()
    assert (batch.pdf.name, batch.pdf_digest, batch.ready_at) == before


def test_task_that_died_halfway_starts_over() -> None:
    batch = approved(2)
    Batch.objects.filter(pk=batch.pk).update(made=1)
    tasks.make_letters(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.made) == ("ready", 2)


def test_fault_while_making_is_said_and_can_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, client_as: Callable[..., Client], django_capture_on_commit_callbacks: Callable
) -> None:
    batch = approved(1)

    def break_down(*_: object) -> bytes:
        raise ValueError("out of paper")

    with monkeypatch.context() as broken:
        broken.setattr(making, "printed", break_down)
        tasks.make_letters(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.problem) == ("approved", "ValueError: out of paper")
    client = client_as("clerk")
    page = client.get(reverse("letters", args=[batch.pk])).content.decode()
    assert "out of paper" in page
    assert "Try again" in page
    with django_capture_on_commit_callbacks(execute=True):
        making.try_again(by=client.user, batch=batch, queue=tasks.make_letters)
    batch.refresh_from_db()
    assert (batch.status, batch.problem) == ("ready", "")


def test_queue_that_is_away_is_said_on_the_page(django_capture_on_commit_callbacks: Callable) -> None:
    batch = submitted(1)

    def away(_: int) -> None:
        raise QueueError("no broker")

    with django_capture_on_commit_callbacks(execute=True):
        actions.approve(by=UserFactory(roles=["commander"]), batch=batch, queue=away)
    batch.refresh_from_db()
    assert batch.status == "approved"
    assert "queue cannot be reached" in batch.problem


def test_letters_cancelled_while_being_made_get_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = approved(1)

    def cancel_meanwhile(*_: object) -> bytes:
        actions.cancel(by=batch.created_by, batch=batch, reason="Wrong street")
        return b"%PDF"

    monkeypatch.setattr(making, "printed", cancel_meanwhile)
    tasks.make_letters(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, bool(batch.pdf)) == ("cancelled", False)


def test_verify_says_that_nothing_changed_when_the_template_and_the_agency_did(capsys: pytest.CaptureFixture) -> None:
    batch = ready(2)
    VersionFactory(template=batch.version.template, number=2)
    agency = current_agency()
    agency.name, agency.phone = "Other Police", "555-0000"
    agency.save()
    call_command("verify_letters", batch.code)
    assert f"2 letters, as they were. SHA-256 {batch.pdf_digest}" in capsys.readouterr().out


def test_verify_names_what_differs(capsys: pytest.CaptureFixture) -> None:
    batch = ready(2)
    first = batch.letters.get(number=1)
    with pgtrigger.ignore("notices.Letter:letter_stays"):
        batch.letters.filter(pk=first.pk).update(lines=["SOMEBODY ELSE", *first.lines[1:]])
    batch.pdf.storage.delete(batch.pdf.name)
    with pytest.raises(CommandError, match="not as they were"):
        call_command("verify_letters", str(batch.pk))
    said = capsys.readouterr().err
    assert f"{first.code}: says something else" in said
    assert "comes out otherwise" in said
    assert "stored file is gone" in said
    assert f"B{batch.pk}-0002" not in said


def test_verify_of_no_batch_is_refused() -> None:
    with pytest.raises(CommandError, match="no batch B999999"):
        call_command("verify_letters", "B999999")
    with pytest.raises(CommandError, match="not made yet"):
        call_command("verify_letters", str(draft(1).pk))


def test_mailed_letters_keep_the_day_and_cannot_go_back() -> None:
    batch = ready(1)
    today = timezone.localdate()
    actions.mark_mailed(by=batch.created_by, batch=batch, on=today)
    batch.refresh_from_db()
    assert timezone.localdate(batch.mailed_at) == today
    for name in ("cancel", "take_back", "mark_mailed"):
        with pytest.raises(CannotMove):
            getattr(actions, name)(by=batch.created_by, batch=batch, **({"on": today} if name == "mark_mailed" else {}))


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2999, 1, 1)])
def test_mailed_before_the_approval_or_in_the_future_is_refused(day: date) -> None:
    batch = ready(1)
    with pytest.raises(CannotMove, match="between the approval and today"):
        actions.mark_mailed(by=batch.created_by, batch=batch, on=day)


def test_copy_is_a_draft_with_the_latest_words_and_nobody_excluded() -> None:
    batch = ready(2)
    latest = VersionFactory(template=batch.version.template, number=2)
    copied = actions.copy(by=batch.created_by, batch=batch)
    assert (copied.status, copied.version, copied.fields) == ("draft", latest, batch.fields)
    assert copied.pk != batch.pk
    assert not copied.exclusions.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["approve", "send_back"])
def test_of_two_commanders_at_once_one_decides(other: str) -> None:
    """Both wait for the same moment, each in its own connection: the second sees what the first did."""
    batch = submitted(1)
    people = [UserFactory(roles=["commander"]) for _ in range(2)]
    barrier, queued = Barrier(2), []

    def decide(user: User, what: str) -> str:
        try:
            with transaction.atomic():
                barrier.wait(timeout=10)
                if what == "approve":
                    actions.approve(by=user, batch=batch, queue=queued.append)
                else:
                    actions.send_back(by=user, batch=batch, reason="No.")
        except CannotMove:
            return "refused"
        finally:
            connection.close()
        return what

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(decide, people, ["approve", other]))
    assert outcomes.count("refused") == 1
    batch.refresh_from_db()
    done = next(outcome for outcome in outcomes if outcome != "refused")
    assert batch.status == {"approve": "approved", "send_back": "draft"}[done]
    assert len(queued) == (done == "approve")


def test_owner_excluded_is_left_out() -> None:
    batch = draft(1, audience="owners")
    owner = OwnerFactory()
    actions.exclude(by=batch.created_by, batch=batch, reason="Sold it", owner_ids=[owner.pk])
    assert Exclusion.objects.get().owner == owner
