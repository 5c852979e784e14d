"""The list of tips: what it shows, what it never shows, what it costs."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories.hotspots import AddressFactory, BlockFactory, HotSpotFactory
from tests.factories.tips import make_reader, make_tip
from tests.integration.tips.inbox import CANARY, unlocked_client
from tips.ages import age_in_words
from tips.models import Tip
from tips.queries import inbox as queries

pytestmark = pytest.mark.django_db


def listed(client: Client, query: str = "") -> set[uuid.UUID]:
    return {tip.pk for tip in client.get(reverse("tips") + query).context["page"]}


def test_list_without_tips_says_so(client_as: Callable[..., Client]) -> None:
    page = client_as("detective").get(reverse("tips")).content.decode()
    assert "No tip has come yet." in page


def test_list_shows_no_contents_and_works_without_a_key(client_as: Callable[..., Client]) -> None:
    make_reader()
    make_tip(what=CANARY, photos=(b"jpeg",), language="es")
    response = client_as("detective").get(reverse("tips"))
    page = response.content.decode()
    assert CANARY not in page
    assert "1 photo" in page
    assert "Spanish" in page
    assert not response.context["is_unlocked"]


def test_list_hides_quarantine_and_what_has_ended_until_asked(client_as: Callable[..., Client]) -> None:
    make_reader()
    client = client_as("detective")
    new, apart = make_tip().tip, make_tip(quarantined=True).tip
    closed = make_tip(status="closed", outcome="solved", closed_on=timezone.localdate()).tip
    mine = make_tip(status="working", assigned_to=client.user, channel="phone").tip
    assert listed(client) == {new.pk, mine.pk}
    assert listed(client, "?show=quarantine") == {apart.pk}
    assert listed(client, "?show=mine") == {mine.pk}
    assert listed(client, "?show=unassigned") == {new.pk}
    assert listed(client, "?show=ended") == {closed.pk}
    assert listed(client, "?status=closed") == {closed.pk}
    assert listed(client, "?show=all&channel=phone") == {mine.pk}
    assert listed(client, "?show=all&language=es") == set()
    assert listed(client, "?show=nonsense&place=x") == {new.pk, mine.pk}, "what is not understood narrows nothing"
    counts = client.get(reverse("tips")).context["counts"]
    assert (counts["new"], counts["working"], counts["closed"], counts["quarantine"], counts["mine"]) == (1, 1, 1, 1, 1)


def test_list_is_narrowed_to_a_place_with_its_addresses(client_as: Callable[..., Client]) -> None:
    make_reader()
    client, block = client_as("detective"), BlockFactory()
    at, on = make_tip(place=AddressFactory(block=block)).tip, make_tip(place=block).tip
    spot = HotSpotFactory()
    of_spot = make_tip(hot_spot=spot).tip
    assert listed(client, f"?place={block.pk}") == {at.pk, on.pk}
    assert listed(client, f"?hot_spot={spot.pk}") == {of_spot.pk}


def test_filter_stays_in_the_links_to_other_pages(client_as: Callable[..., Client], monkeypatch) -> None:
    monkeypatch.setattr("tips.views.inbox.PER_PAGE", 1)
    make_reader()
    for _ in range(2):
        make_tip(language="es")
    page = client_as("detective").get(reverse("tips") + "?language=es").content.decode()
    assert "?language=es&amp;page=2" in page
    assert '<option value="es" selected>' in page


def test_flags_say_what_is_to_be_looked_at(client_as: Callable[..., Client]) -> None:
    reader, sending = make_reader(), uuid.uuid4()
    first, second = make_tip(sending=sending).tip, make_tip(sending=sending).tip
    yesterday = timezone.localdate() - timedelta(days=1)
    late = make_tip(
        about_person=True, basis="case", review_on=yesterday, held_at=timezone.now(), held_by=reader.user
    ).tip
    with_addition = make_tip(photos=(b"jpeg",)).tip
    with_addition.messages.filter(kind="tip").update(seen=True)
    rows = {tip.pk: tip for tip in queries.rows(Tip.objects.all(), timezone.localdate())}
    assert [rows[pk].sent_twice for pk in (first.pk, second.pk, late.pk)] == [True, True, False]
    assert [rows[pk].is_overdue for pk in (late.pk, first.pk)] == [True, False]
    assert [rows[pk].has_addition for pk in (with_addition.pk, first.pk)] == [True, False]
    assert [rows[pk].photos for pk in (with_addition.pk, first.pk)] == [1, 0]
    page = client_as("detective").get(reverse("tips")).content.decode()
    for words in ("Sent twice", "Review overdue", "Held", "Added to"):
        assert words in page


def test_list_costs_the_same_for_one_and_three(client_as: Callable[..., Client]) -> None:
    reader = make_reader()
    client = unlocked_client(reader)
    client.get(reverse("tips"))  # what is asked once
    numbers = []
    for _ in range(3):
        make_tip(place=BlockFactory(), assigned_to=reader.user, status="working", photos=(b"jpeg",))
        with CaptureQueriesContext(connection) as queries_made:
            client.get(reverse("tips"))
        numbers.append(len(queries_made))
    assert numbers[0] == numbers[2]


def test_open_tips_are_found_by_their_index() -> None:
    make_reader()
    make_tip()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    today = timezone.localdate()
    tips = queries.narrowed(queries.Asked(), user=make_reader().user, today=today)
    assert "tip_by_status" in queries.rows(tips, today)[:25].explain()


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (datetime(2026, 3, 4, 18, tzinfo=UTC), "today, 12–18 h"),
        (datetime(2026, 3, 5, 0, tzinfo=UTC), "today, 18–24 h"),
        (datetime(2026, 3, 4, 0, tzinfo=UTC), "yesterday, 18–24 h"),
        (datetime(2026, 3, 1, 12, tzinfo=UTC), "3 days"),
    ],
)
def test_age_is_told_in_quarters_of_a_day(received: datetime, words: str) -> None:
    assert age_in_words(received, date(2026, 3, 4), ZoneInfo("America/Chicago")) == words


def test_new_tips_are_counted_beside_the_entry(client_as: Callable[..., Client]) -> None:
    make_reader()
    make_tip()
    make_tip(quarantined=True)
    assert "(1 waiting)" in client_as("detective").get(reverse("tips")).content.decode()
