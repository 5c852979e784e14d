"""A tip's page: opened with a key, recorded, and nothing of it anywhere else."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, BlockFactory
from tests.factories.measures import clean_picture
from tests.factories.tips import make_reader, make_recovery, make_tip
from tests.integration.tips.inbox import CANARY, actions, trail, unlocked_client
from tips.actions import messages
from tips.models import Message
from tips.queries import intake
from tips.reading import open_tip
from tips.sealing import receipts
from tips.sealing.keys import CannotOpen
from tips.sealing.tips import open_reply_key, open_texts
from tips.transitions import CannotMove
from tips.unlocking import Unlocked

pytestmark = pytest.mark.django_db


def page_of(client: Client, tip: object) -> str:
    response = client.get(reverse("tip", args=[tip.pk]))
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, name: str, *args: object, **values: object) -> object:
    return client.post(reverse(name, args=args), values)


def fetch(sent: object) -> list[dict[str, str]]:
    """As the tipster with the receipt."""
    opened = receipts.open_receipt(receipts.read_receipt(sent.receipt), intake.salt())
    found = intake.opened(opened.stored)
    key = open_reply_key(found.tip, opened, found.reply_secret)
    return [open_texts(key, found.tip, message, sealed) for message, sealed in intake.answers(opened.stored)]


def test_tip_needs_an_unlocked_key(client_as: Callable[..., Client]) -> None:
    make_reader()
    response = client_as("detective").get(reverse("tip", args=[make_tip().tip.pk]))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("tip_unlock"))
    assert not AuditEntry.objects.filter(action="tip_opened").exists()


def test_opening_shows_what_was_told_and_is_recorded_without_it() -> None:
    client = unlocked_client(make_reader())
    tip = make_tip(what=f"{CANARY}\nat night", texts={"where": "Back door", "point_name": "Main St"}).tip
    response = client.get(reverse("tip", args=[tip.pk]))
    page = response.content.decode()
    for words in (f"{CANARY}<br>at night", "Back door", "Point on the map", "What is going on"):
        assert words in page
    assert "no-store" in response.headers["Cache-Control"]
    entry = AuditEntry.objects.get(action="tip_opened")
    assert (entry.actor, entry.subject, entry.details) == (client.user, f"tip {tip.short}", {})
    assert tip.messages.get().seen
    page_of(client, tip)
    assert AuditEntry.objects.filter(action="tip_opened").count() == 2, "each opening is recorded"


def test_words_of_a_tip_are_never_markup_or_links() -> None:
    client = unlocked_client(make_reader())
    page = page_of(client, make_tip(what="<script>x</script> http://evil.test/pay <b>y</b>").tip)
    assert "<script>x" not in page
    assert "<b>y" not in page
    assert 'href="http://evil.test' not in page
    assert "http://evil.test/pay" in page


def test_tip_that_the_key_does_not_open_says_who_can_let_one_in() -> None:
    first, (recovery, _key) = make_reader(UserFactory(roles=["detective"], first_name="Ana")), make_recovery()
    tip = make_tip(what=CANARY).tip
    late = make_reader()
    page = page_of(unlocked_client(late), tip)
    assert "Your key does not open this tip." in page
    assert str(first.user) in page
    assert "recovery key" in page
    assert CANARY not in page
    assert not AuditEntry.objects.filter(action="tip_opened").exists()
    assert recovery.status == "active"


def test_photo_is_decrypted_and_belongs_to_the_opening_of_its_tip() -> None:
    client, picture = unlocked_client(make_reader()), clean_picture().read()
    tip = make_tip(photos=(picture,)).tip
    photo = tip.messages.get(kind="photo")
    address = reverse("tip_photo", args=[tip.pk, photo.pk])
    assert address in page_of(client, tip)
    response = client.get(address)
    assert response.content == picture
    assert response.headers["Content-Type"] == "image/jpeg"
    assert "no-store" in response.headers["Cache-Control"]
    assert AuditEntry.objects.filter(action="tip_opened").count() == 1


def test_photo_asked_for_by_itself_is_recorded() -> None:
    client = unlocked_client(make_reader())
    tip = make_tip(photos=(b"jpeg",)).tip
    client.get(reverse("tip_photo", args=[tip.pk, tip.messages.get(kind="photo").pk]))
    assert AuditEntry.objects.get(action="tip_opened").details == {"what": "photo"}


def test_photo_is_not_found_under_another_tip_or_for_a_key_that_does_not_open_it() -> None:
    reader = make_reader()
    tip, other = make_tip(photos=(b"jpeg",)).tip, make_tip().tip
    photo = tip.messages.get(kind="photo")
    assert unlocked_client(reader).get(reverse("tip_photo", args=[other.pk, photo.pk])).status_code == 404
    assert unlocked_client(make_reader()).get(reverse("tip_photo", args=[tip.pk, photo.pk])).status_code == 404


def test_part_that_was_tampered_with_says_so_and_the_rest_is_read() -> None:
    client = unlocked_client(make_reader())
    tip = make_tip(what=CANARY).tip
    messages.add_note(by=client.user, tip=tip, text="A note")
    Message.objects.filter(kind="tip").update(sealed=b"x" * 400)
    page = page_of(client, tip)
    assert "This part cannot be opened" in page
    assert "A note" in page


def test_point_told_leads_to_the_map_and_suggests_a_place() -> None:
    client, block = unlocked_client(make_reader()), BlockFactory(at=(0, 0), name="Told Block")
    point = f"{SOUTH:.5f}, {WEST + STEP / 2:.5f}"
    tip = make_tip(texts={"point": point}).tip
    page = page_of(client, tip)
    assert f"{reverse('map')}#17/{float(f'{SOUTH:.5f}')}/" in page
    assert "Told Block" in page
    post(client, "tip_place", tip.pk, place=block.pk)
    tip.refresh_from_db()
    assert tip.place == block
    assert block.name not in trail()


def test_page_leads_to_the_next_new_tip_and_from_the_last_to_the_top() -> None:
    client, now = unlocked_client(make_reader()), timezone.now()
    top, middle, last = (make_tip(received=now - timedelta(days=days)).tip for days in (1, 3, 5))
    make_tip(received=now - timedelta(days=2), quarantined=True)
    make_tip(received=now - timedelta(days=2), status="triaged")
    for tip, following in ((top, middle), (middle, last), (last, top)):
        assert f'<a href="{reverse("tip", args=[following.pk])}">Next new tip</a>' in page_of(client, tip)


def test_page_of_the_only_new_tip_leads_to_no_next() -> None:
    client, tip = unlocked_client(make_reader()), make_tip().tip
    make_tip(status="triaged")
    assert "Next new tip" not in page_of(client, tip)


@pytest.mark.parametrize("told", ["nonsense", "91, 0", "1,2,3", "nan, 1"])
def test_point_that_makes_no_sense_is_passed_over(told: str) -> None:
    assert "Open the map with the point in the middle" not in page_of(
        unlocked_client(make_reader()), make_tip(texts={"point": told}).tip
    )


def test_answer_is_sealed_for_the_tipster_and_taken_back_while_not_fetched() -> None:
    client, sent = unlocked_client(make_reader()), make_tip(language="es")
    tip = sent.tip
    page = page_of(client, tip)
    assert "¿A qué hora llegan los carros?" in page
    assert "Never ask for a name" in page
    post(client, "tip_reply", tip.pk, **{"reply-questions": ["thanks"], "reply-text": CANARY})
    answer = tip.messages.get(kind="reply")
    assert "Not fetched yet" in page_of(client, tip)
    post(client, "tip_reply_undo", tip.pk, answer.pk)
    assert not tip.messages.filter(kind="reply").exists()
    post(client, "tip_reply", tip.pk, **{"reply-questions": ["thanks"], "reply-text": CANARY})
    assert fetch(sent) == [{"text": f"Gracias. Esto nos ayuda.\n{CANARY}"}]
    page = page_of(client, tip)
    assert "Not fetched yet" not in page
    assert f"Gracias. Esto nos ayuda.<br>{CANARY}" in page
    post(client, "tip_reply_undo", tip.pk, tip.messages.get(kind="reply").pk)
    assert tip.messages.filter(kind="reply").exists(), "what was fetched stays"
    assert CANARY not in trail()


def test_empty_answer_is_refused_beside_its_form() -> None:
    client, tip = unlocked_client(make_reader()), make_tip().tip
    response = post(client, "tip_reply", tip.pk, **{"reply-text": " "})
    assert response.status_code == 422
    assert "Choose a question, or write one." in response.content.decode()
    assert not tip.messages.filter(kind="reply").exists()


def test_tip_by_mail_takes_no_answer() -> None:
    client = unlocked_client(make_reader())
    tip = make_tip(channel="mail").tip
    assert "came without a receipt" in page_of(client, tip)
    with pytest.raises(CannotMove, match="without a receipt"):
        messages.reply(by=client.user, tip=tip, text="x")


def test_note_and_translation_are_sealed_and_shown() -> None:
    reader = make_reader()
    client, tip = unlocked_client(reader), make_tip(language="es").tip
    original = tip.messages.get()
    post(client, "tip_note", tip.pk, **{"note-text": f"{CANARY} note"})
    post(client, "tip_translate", tip.pk, original.pk, **{"translation-text": f"{CANARY} in English"})
    page = page_of(client, tip)
    assert f"{CANARY} note" in page
    assert f"{CANARY} in English" in page
    opened = open_tip(tip, Unlocked(reader.row, reader.key))
    assert [part.text for part in opened.of("tip")[0].translations] == [f"{CANARY} in English"]
    assert all(CANARY.encode() not in bytes(each.sealed) for each in Message.objects.all())
    assert [each.position for each in tip.messages.all()] == [1, 2, 3]
    assert CANARY not in trail()


def test_only_what_the_tipster_wrote_is_translated() -> None:
    reader, tip = make_reader(), make_tip().tip
    note = messages.add_note(by=reader.user, tip=tip, text="x")
    with pytest.raises(CannotMove):
        messages.translate(by=reader.user, original=note, text="y")


def test_answer_does_not_open_under_another_message() -> None:
    reader, sent = make_reader(), make_tip()
    message = messages.reply(by=reader.user, tip=sent.tip, text=CANARY)
    opened = receipts.open_receipt(receipts.read_receipt(sent.receipt), intake.salt())
    key = open_reply_key(sent.tip.pk, opened, bytes(sent.tip.reply_secret))
    assert open_texts(key, sent.tip.pk, message.pk, message.sealed_for_tipster) == {"text": CANARY}
    with pytest.raises(CannotOpen):
        open_texts(key, sent.tip.pk, uuid.uuid4(), message.sealed_for_tipster)


def test_short_and_long_answers_are_stored_alike() -> None:
    reader, tip = make_reader(), make_tip().tip
    short = messages.reply(by=reader.user, tip=tip, text="x")
    long = messages.reply(by=reader.user, tip=tip, text="x" * 400)
    assert len(short.sealed) == len(long.sealed)
    assert len(short.sealed_for_tipster) == len(long.sealed_for_tipster)


def test_messages_of_staff_are_stored_to_a_quarter_of_a_day() -> None:
    reader, tip = make_reader(), make_tip().tip
    message = messages.reply(by=reader.user, tip=tip, text="x")
    message.refresh_from_db()
    assert (message.received_at.minute, message.received_at.second, message.received_at.hour % 6) == (0, 0, 0)


def test_search_finds_all_words_without_accents_and_keeps_none() -> None:
    reader = make_reader()
    client = unlocked_client(reader)
    found = make_tip(what=f"Llegan CAMIÓN azul, {CANARY}", texts={"who": "Señor"}).tip
    noted = make_tip(what="nothing").tip
    messages.add_note(by=reader.user, tip=noted, text="camion zanahoria senor")
    make_tip(what="camion verde")
    response = client.post(reverse("tips_search"), {"words": "zanahoría camion SENOR"})
    assert set(response.context["found"].tips) == {found.pk, noted.pk}
    assert "Llegan" not in response.content.decode()
    assert "3 tips were searched." in response.content.decode()
    entry = AuditEntry.objects.get(action="tips_searched")
    assert entry.details == {"tips": 3}
    assert "zanahor" not in trail().lower()


def test_search_says_what_it_could_not_open_and_keeps_to_the_filter(monkeypatch) -> None:
    make_reader()
    make_tip(what=CANARY)
    late = make_reader()
    make_tip(what=CANARY)
    make_tip(what=CANARY, language="es")
    client = unlocked_client(late)
    found = client.post(reverse("tips_search"), {"words": CANARY}).context["found"]
    assert (found.searched, found.unopened, found.fitting, found.is_whole) == (2, 1, 2, True)
    found = client.post(reverse("tips_search") + "?language=es", {"words": CANARY}).context["found"]
    assert (found.searched, found.fitting) == (1, 1)
    monkeypatch.setattr("tips.searching.MOST", 1)
    found = client.post(reverse("tips_search"), {"words": CANARY}).context["found"]
    assert (found.searched + found.unopened, found.is_whole) == (1, False)


def test_search_needs_words_by_post_and_a_key(client_as: Callable[..., Client]) -> None:
    reader = make_reader()
    assert unlocked_client(reader).post(reverse("tips_search"), {"words": " "}).status_code == 422
    assert unlocked_client(reader).get(reverse("tips_search"), {"words": "x"}).status_code == 405
    assert client_as("detective").post(reverse("tips_search"), {"words": "x"}).status_code == 302
    assert actions().count("tips_searched") == 0


def test_page_costs_the_same_for_one_and_three_messages() -> None:
    reader = make_reader()
    client, tip = unlocked_client(reader), make_tip().tip
    page_of(client, tip)
    numbers = []
    for _ in range(3):
        messages.add_note(by=reader.user, tip=tip, text="x")
        with CaptureQueriesContext(connection) as made:
            page_of(client, tip)
        numbers.append(len(made))
    assert numbers[0] == numbers[2]
