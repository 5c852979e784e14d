"""The pages of letters: the clerk's walk, the commander's, the files, and how many queries each takes."""

import csv
import json
import re
from collections.abc import Callable
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEntry
from notices import tasks
from notices.actions import batches as actions
from notices.models import Batch, Exclusion, LetterTemplate
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, ComplexFactory, HotSpotFactory
from tests.factories.notices import BatchFactory, VersionFactory
from tests.integration.notices.letters import draft, households, place_at, queries_of, ready, submitted

pytestmark = pytest.mark.django_db
AREA = {"scope": "within", "distance_ft": "", "around": "", "shape": ""}


def typed(**more: str) -> dict[str, str]:
    return {
        "name": "Main and First",
        "audience": "households",
        "language": "both",
        "dated": "2025-03-05",
        "with_map": "on",
        "field_area_en": "Main Street",
        "field_area_es": "la calle Main",
        **AREA,
        **more,
    }


def body_of(answer: object) -> str:
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content).decode()
    return answer.content.decode()


def test_clerk_writes_a_draft_from_a_hot_spot(client_as: Callable[..., Client]) -> None:
    hot_spot, _places = households(2)
    version = VersionFactory()
    client = client_as("clerk")
    panel = body_of(client.get(reverse("letters_panel", args=[hot_spot.pk])))
    assert "No letters were sent about it yet" in panel
    start = f"{reverse('letters_new')}?hot_spot={hot_spot.pk}"
    assert start in panel
    assert version.template.name in body_of(client.get(start))
    form = f"{start}&template={version.template_id}"
    page = body_of(client.get(form))
    assert 'name="field_area_en"' in page
    assert 'name="field_area_es"' in page
    answer = client.post(form, typed(), follow=True)
    batch = Batch.objects.get()
    assert batch.fields == {"en": {"area": "Main Street"}, "es": {"area": "la calle Main"}}
    assert (batch.created_by, batch.version, batch.hot_spot) == (client.user, version, hot_spot)
    page = body_of(answer)
    assert "<strong>2</strong> letters" in page
    assert "100 MAIN ST" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"scope": "distance"}, "Say how far."),
        ({"scope": "distance", "distance_ft": "99999999"}, "less than or equal to 16000"),
        ({"scope": "complex"}, "Choose the complex."),
        ({"language": "own"}, "Only letters to owners"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_form_says_what_is_wrong(client_as: Callable[..., Client], given: dict[str, str], said: str) -> None:
    hot_spot, _places = households(1)
    version = VersionFactory()
    form = f"{reverse('letters_new')}?hot_spot={hot_spot.pk}&template={version.template_id}"
    answer = client_as("clerk").post(form, typed(**given))
    assert answer.status_code == 422
    assert said in body_of(answer)
    assert not Batch.objects.exists()


def test_area_changes_with_its_count(client_as: Callable[..., Client]) -> None:
    batch = draft(2)
    client, address = client_as("clerk"), reverse("letters_recipients", args=[batch.pk])
    htmx = {"HX-Request": "true"}
    half = [[WEST, SOUTH], [WEST + STEP * 0.4, SOUTH], [WEST + STEP * 0.4, SOUTH + STEP], [WEST, SOUTH + STEP]]
    ring = json.dumps({"type": "Polygon", "coordinates": [[*half, half[0]]]})
    page = body_of(client.post(address, {**AREA, "scope": "drawn", "shape": ring}, headers=htmx))
    assert "<strong>1</strong> letter" in page
    assert "shape drawn on the map" in page
    batch.refresh_from_db()
    assert (batch.scope, batch.distance_m) == ("drawn", None)
    page = body_of(client.post(address, {**AREA, "scope": "distance", "distance_ft": "500"}, headers=htmx))
    assert "Within 500 feet (152 m)" in page
    batch.refresh_from_db()
    assert (batch.scope, batch.distance_m, batch.shape) == ("distance", 152, None)
    place = ComplexFactory(at=(0, 0))
    page = body_of(client.post(address, {**AREA, "scope": "complex", "around": str(place.pk)}, headers=htmx))
    assert f"All units of {place.name}" in page


@pytest.mark.parametrize("shape", ["nonsense", '{"coordinates": []}', '{"coordinates": [[[0,0],[0,0],[0,0],[0,0]]]}'])
def test_damaged_drawing_is_refused_and_the_area_stays(client_as: Callable[..., Client], shape: str) -> None:
    batch = draft(1)
    address = reverse("letters_recipients", args=[batch.pk])
    answer = client_as("clerk").post(
        address, {**AREA, "scope": "drawn", "shape": shape}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert "The area is still the one before" in body_of(answer)
    batch.refresh_from_db()
    assert batch.scope == "within"


def test_clerk_leaves_out_finds_and_takes_back(client_as: Callable[..., Client]) -> None:
    batch = draft(3)
    client, address = client_as("clerk"), reverse("letters_recipients", args=[batch.pk])
    chosen = batch.hot_spot.boundaries.get() and [f"p{pk}" for pk in _places_of(client, address)[:2]]
    page = body_of(
        client.post(reverse("letters_exclude", args=[batch.pk]), {"who": chosen, "reason": "Police"}, follow=True)
    )
    assert "2 letters less." in page
    assert "<strong>1</strong> letter; 2 left out" in " ".join(page.split())
    out = body_of(client.get(address, {"show": "left_out"}))
    assert out.count("Police") >= 2
    assert "No address matches." in body_of(client.get(address, {"q": "elm"}))
    found = body_of(client.get(address, {"q": "main st", "show": "left_out"}))
    assert 'value="main st"' in found
    client.post(reverse("letters_include", args=[batch.pk]), {"exclusion": Exclusion.objects.first().pk})
    assert Exclusion.objects.count() == 1
    page = body_of(client.post(reverse("letters_exclude", args=[batch.pk]), {"reason": "Police"}, follow=True))
    assert "Nobody is checked" in page
    page = body_of(client.post(reverse("letters_exclude", args=[batch.pk]), {"who": chosen, "reason": ""}, follow=True))
    assert "Say why" in page


def _places_of(client: Client, address: str) -> list[int]:
    return [each.place_id for each in client.get(address).context["found"].letters]


def test_commander_reads_sends_back_and_approves(client_as: Callable[..., Client]) -> None:
    batch = submitted(2)
    client = client_as("commander")
    page = body_of(client.get(reverse("letters", args=[batch.pk])))
    assert "will spend more time in Main Street" in page
    assert "va a pasar más tiempo en la calle Main" in page
    assert "1 batch of letters waits for your approval" in body_of(client.get(reverse("batches")))
    move = reverse("letters_move", args=[batch.pk, "send_back"])
    assert client.post(move, {"reason": ""}).status_code == 422
    page = body_of(client.post(move, {"reason": "Name the streets."}, follow=True))
    assert "Name the streets." in page


def test_page_says_why_the_writer_does_not_approve(client_as: Callable[..., Client]) -> None:
    commander = UserFactory(roles=["commander"])
    batch = submitted(1, created_by=commander)
    client = client_as(commander)
    assert "Somebody else must approve them" in body_of(client.get(reverse("letters", args=[batch.pk])))
    page = body_of(client.post(reverse("letters_move", args=[batch.pk, "approve"]), follow=True))
    assert "Somebody else must approve them" in page
    batch.refresh_from_db()
    assert batch.status == "submitted"


def test_approval_covers_what_the_page_showed(
    client_as: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.make_letters, "delay", lambda batch_id: None)
    batch, client = submitted(1), client_as("commander")
    move = reverse("letters_move", args=[batch.pk, "approve"])

    def shown() -> str:
        page = body_of(client.get(reverse("letters", args=[batch.pk])))
        return re.search(r'name="seen" value="([^"]+)"', page)[1]

    before = shown()
    actions.take_back(by=batch.created_by, batch=batch)
    actions.submit(by=batch.created_by, batch=batch)
    for given in ({"seen": before}, {}):
        assert "submitted anew since you looked" in body_of(client.post(move, given, follow=True))
    assert Batch.objects.get().status == "submitted"
    client.post(move, {"seen": shown()})
    assert Batch.objects.get().status == "approved"


def test_who_was_left_out_and_why_is_for_who_writes(client_as: Callable[..., Client]) -> None:
    batch = draft(2)
    place = actions.recipients(batch).letters[0].place_id
    actions.exclude(by=batch.created_by, batch=batch, reason="Quarrels with everybody", place_ids=[place])
    address = reverse("letters", args=[batch.pk])
    assert "Quarrels with everybody" in body_of(client_as("clerk").get(address))
    page = body_of(client_as("officer").get(address))
    assert "Quarrels" not in page
    assert "Main St:" not in page
    assert "1 was left out." in page


def test_page_names_what_is_not_filled_in(client_as: Callable[..., Client]) -> None:
    batch = draft(1, fields={})
    client = client_as("clerk")
    assert "is empty" in body_of(client.get(reverse("letters", args=[batch.pk])))
    answer = client.get(reverse("letters_preview", args=[batch.pk, "first"]), follow=True)
    assert "is empty" in body_of(answer)


@pytest.mark.parametrize("make", [draft, submitted])
def test_preview_is_a_letter_to_one_address(client_as: Callable[..., Client], make: Callable) -> None:
    batch = make(2)
    answer = client_as("clerk").get(reverse("letters_preview", args=[batch.pk, "longest"]))
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert sum(f"{number} MAIN ST" in text for number in (100, 102)) == 1


def test_files_hold_every_address_and_are_recorded(client_as: Callable[..., Client]) -> None:
    batch = ready(2)
    client = client_as("clerk")

    def get(what: str) -> object:
        return client.get(reverse("letters_file", args=[batch.pk, what]))

    rows = list(csv.DictReader(StringIO(body_of(get("list.csv")))))
    assert [row["code"] for row in rows] == [f"B{batch.pk}-0001", f"B{batch.pk}-0002"]
    assert {row["last_line"] for row in rows} == {batch.letters.first().lines[-1]}
    rows = list(csv.DictReader(StringIO(body_of(get("manifest.csv")))))
    assert [row["digest"] for row in rows] == [letter.digest for letter in batch.letters.order_by("number")]
    assert {row["approved_by"] for row in rows} == {batch.approved_by.username}
    assert {row["pdf_sha256"] for row in rows} == {batch.pdf_digest}
    assert b"".join(get("letters.pdf").streaming_content).startswith(b"%PDF")
    labels = "".join(page.extract_text() for page in PdfReader(BytesIO(get("labels.pdf").content)).pages)
    assert "100 MAIN ST" in labels
    assert "102 MAIN ST" in labels
    assert batch.letters.first().digest in body_of(client.get(reverse("letters_manifest", args=[batch.pk])))
    assert get("secrets.txt").status_code == 404
    exported = AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED, details__letters=batch.pk)
    assert sorted(entry.details["what"] for entry in exported) == [
        "labels",
        "letters",
        "mailing list",
        "manifest",
        "manifest",
    ]


def test_files_are_not_there_before_approval(client_as: Callable[..., Client]) -> None:
    batch = submitted(1)
    assert client_as("clerk").get(reverse("letters_file", args=[batch.pk, "letters.pdf"])).status_code == 404


def test_progress_ends_with_the_whole_page(client_as: Callable[..., Client]) -> None:
    batch = BatchFactory(status="approved")
    client, address = client_as("clerk"), reverse("letters_progress", args=[batch.pk])
    answer = client.get(address)
    assert answer.status_code == 200
    assert "<progress" in body_of(answer)
    made = BatchFactory(status="ready")
    answer = client.get(reverse("letters_progress", args=[made.pk]))
    assert answer.status_code == 286
    assert answer["HX-Redirect"] == reverse("letters", args=[made.pk])


def test_list_is_filtered_by_its_address(client_as: Callable[..., Client]) -> None:
    one, other = BatchFactory(name="Elm Street"), BatchFactory(name="Oak Street", status="mailed")
    client = client_as("officer")
    for query, seen, unseen in (
        ({"q": "elm"}, one, other),
        ({"status": "mailed"}, other, one),
        ({"status": "in_play"}, one, other),
        ({"hot_spot": other.hot_spot_id}, other, one),
    ):
        page = body_of(client.get(reverse("batches"), query))
        assert seen.name in page
        assert unseen.name not in page
    assert "No letters match" in body_of(client.get(reverse("batches"), {"q": "zzz"}))
    assert one.name in body_of(client.get(reverse("batches"), {"status": "nonsense"}))


def test_officer_sees_letters_but_no_list_of_addresses(client_as: Callable[..., Client]) -> None:
    batch = submitted(1)
    client = client_as("officer")
    page = body_of(client.get(reverse("letters", args=[batch.pk])))
    assert "MAIN ST" not in page
    assert client.get(reverse("letters_addressees", args=[batch.pk])).status_code == 403
    answer = client.post(reverse("letters_move", args=[batch.pk, "cancel"]), follow=True)
    assert "You may not do this" in body_of(answer)


def test_lists_take_the_same_queries_for_one_and_three_batches(client_as: Callable[..., Client]) -> None:
    batch = draft(1)
    client = client_as("clerk")
    addresses = (reverse("batches"), reverse("letters_panel", args=[batch.hot_spot_id]))
    one = [queries_of(client, address) for address in addresses]
    BatchFactory.create_batch(2, hot_spot=batch.hot_spot)
    assert [queries_of(client, address) for address in addresses] == one


def test_templates_to_choose_from_take_the_same_queries_for_one_and_three(client_as: Callable[..., Client]) -> None:
    LetterTemplate.objects.all().delete()
    client, address = client_as("clerk"), f"{reverse('letters_new')}?hot_spot={HotSpotFactory().pk}"
    VersionFactory()
    one = queries_of(client, address)
    VersionFactory.create_batch(2)
    assert queries_of(client, address) == one


def test_letters_of_a_batch_take_the_same_queries_for_one_and_three(client_as: Callable[..., Client]) -> None:
    client, counts = client_as("clerk"), []
    hot_spot, _places = households(1)
    for number in (1, 3):
        batch = BatchFactory(hot_spot=hot_spot)
        Exclusion.objects.bulk_create(
            Exclusion(batch=batch, place=place_at(0.9, 151 + 2 * i), reason="Police", excluded_by=client.user)
            for i in range(number)
        )
        page, selection, found = (
            reverse(name, args=[batch.pk]) for name in ("letters", "letters_recipients", "letters_addressees")
        )
        asked = [queries_of(client, address) for address in (page, selection, f"{selection}?show=left_out")]
        actions.submit(by=batch.created_by, batch=batch)
        assert batch.letters.count() == number
        counts.append([*asked, *(queries_of(client, address) for address in (page, found))])
        place_at(0.4, 110)
        place_at(0.5, 112)
        Exclusion.objects.all().delete()
    assert counts[0] == counts[1]
