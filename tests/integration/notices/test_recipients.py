"""Who gets a letter, against what the database says when it is asked in another way (check L2)."""

import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import override

from accounts.agency import current_agency, forget_agency
from notices.models import Exclusion
from notices.queries.recipients import about, recipients
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, ComplexFactory, HotSpotFactory
from tests.factories.notices import BatchFactory, MailboxFactory, OptOutFactory, OwnerFactory, OwnershipFactory

pytestmark = pytest.mark.django_db
SHAPE = MultiPolygon(Polygon.from_bbox((WEST - STEP, SOUTH - STEP, WEST + STEP, SOUTH + STEP)), srid=4326)


@pytest.fixture(autouse=True)
def zip_code():
    agency = current_agency()
    agency.city, agency.state, agency.zip_code = "Parsons", "KS", "67357"
    agency.save()
    forget_agency()


def house(number, unit="", street="MAIN ST", **kwargs):
    kwargs.setdefault("name", f"{number} Main St" + (f" Apt {unit}" if unit else ""))
    return AddressFactory(at=(0, 0), number_low=number, number_high=number, street=street, unit=unit, **kwargs)


def drawn(**kwargs):
    return BatchFactory(scope="drawn", shape=SHAPE, hot_spot=None, **kwargs)


def to(batch):
    return [letter.lines[-2] for letter in recipients(batch).letters]


def why(batch):
    return {each.lines[-2] if len(each.lines) > 1 else each.lines[0]: each.why for each in recipients(batch).left_out}


@pytest.mark.parametrize("meters", [1, 60, 150, 900])
def test_recipients_within_a_distance_are_those_of_an_independent_computation(meters):
    rng = random.Random(meters)
    points = [Point(WEST + rng.uniform(-0.02, 0.02), SOUTH + rng.uniform(-0.015, 0.015), srid=4326) for _ in range(300)]
    for number, point in enumerate(points, 1):
        AddressFactory(
            geometry=point, number_low=number, number_high=number, street="MAIN ST", name=f"{number} Main St"
        )
    spot = HotSpotFactory(places=[BlockFactory(at=(0, 0))])
    batch = BatchFactory(hot_spot=spot, scope="distance", distance_m=meters)

    found = {letter.place_id for letter in recipients(batch).letters}

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place.id, ST_Distance(place.geometry::geography, area.geometry::geography)"
            " FROM hotspots_place place, hotspots_hotspotboundary area"
            " WHERE place.kind = 'address' AND area.hot_spot_id = %s",
            [spot.pk],
        )
        distances = dict(cursor.fetchall())
    # The plane of the city is true to 0.04 %: what lies that near to the limit may be on either side of it.
    assert {place for place, distance in distances.items() if distance <= meters * 0.999} <= found
    assert found <= {place for place, distance in distances.items() if distance <= meters * 1.001}
    if meters >= 60:
        assert 0 < len(found) < len(points)


def test_recipients_are_one_per_household_and_the_building_of_units_is_none():
    house(100), house(100, "2"), house(100, "10"), house(101), house(102, retired_on=date(2024, 1, 1))
    batch = drawn()
    assert to(batch) == ["101 MAIN ST", "100 MAIN ST APT 2", "100 MAIN ST APT 10"]
    assert why(batch) == {"100 MAIN ST": "A building whose units get theirs"}


def test_recipients_have_an_address_of_two_sources_once():
    house(100, source="county"), house(100, source="city")
    batch = drawn()
    assert to(batch) == ["100 MAIN ST"]
    assert why(batch) == {"100 MAIN ST": "The same address is listed twice"}


@pytest.mark.parametrize("other", ["# 12", "Unit 12", "12", "apt 12"])
def test_recipients_have_a_unit_once_however_two_sources_write_it(other):
    house(100, other.split()[-1], name=f"100 Main St {other}", source="county")
    house(100, "Apt 12", name="100 Main St Apt 12", source="city")
    house(100, "13", source="city")
    batch = drawn()
    assert len(to(batch)) == 2
    assert to(batch)[0] in ("100 MAIN ST APT 12", "100 MAIN ST UNIT 12")
    assert [each.why for each in recipients(batch).left_out] == ["The same address is listed twice"]


def test_recipients_have_a_unit_once_where_only_one_source_has_a_zip_code_by_hand():
    house(100, "A", source="county")
    MailboxFactory(place=house(100, "a", name="100 Main St # a", source="city"), zip_code="67301")
    [letter] = recipients(drawn()).letters
    assert letter.lines == ("RESIDENT", "100 MAIN ST # A", "PARSONS KS 67301")


def test_recipients_have_a_unit_once_with_a_nine_digit_and_a_five_digit_zip_code():
    MailboxFactory(place=house(100, source="county"), zip_code="67301")
    MailboxFactory(place=house(100, source="city"), zip_code="67301-1234")
    assert to(drawn()) == ["100 MAIN ST"]


def test_recipients_are_two_where_two_zip_codes_have_the_same_street_and_number():
    MailboxFactory(place=house(100, source="county"), zip_code="67301")
    MailboxFactory(place=house(100, source="city"), zip_code="67302")
    assert to(drawn()) == ["100 MAIN ST", "100 MAIN ST"]


def test_recipients_leave_out_a_unit_that_asked_for_no_letters_however_it_is_written():
    OptOutFactory(place=house(100, "Apt 12", name="100 Main St Apt 12", retired_on=date(2024, 1, 1), source="old"))
    house(100, "12", name="100 Main St # 12", source="new")
    house(100, "1", name="100 Main St # 1", source="new")
    assert to(drawn()) == ["100 MAIN ST # 1"]


def test_recipients_walk_up_the_odd_side_and_down_the_even():
    for number in (100, 101, 98, 99, 1000):
        house(number)
    assert to(drawn()) == ["99 MAIN ST", "101 MAIN ST", "1000 MAIN ST", "100 MAIN ST", "98 MAIN ST"]


def test_recipients_follow_the_carrier_where_a_list_tells_the_way():
    for number, mailbox in {
        1: {"zip_code": "67357", "carrier_route": "C002", "sequence": 1},
        2: {"zip_code": "67357", "carrier_route": "C001", "sequence": 20},
        3: {"zip_code": "67357-0001", "carrier_route": "C001", "sequence": 3},
        4: {"zip_code": "67301", "carrier_route": "C009", "sequence": 1},
    }.items():
        MailboxFactory(place=house(number), **mailbox)
    house(5)
    assert to(drawn()) == ["4 MAIN ST", "3 MAIN ST", "2 MAIN ST", "1 MAIN ST", "5 MAIN ST"]


def test_recipients_of_a_complex_are_its_units_wherever_their_points_lie():
    around = ComplexFactory(at=(5, 5))
    inside = house(1, geometry=around.geometry.centroid)
    attached = house(2, complex=around)
    house(3)
    batch = BatchFactory(scope="complex", around=around, hot_spot=None)
    assert {letter.place_id for letter in recipients(batch).letters} == {inside.pk, attached.pk}


def test_recipients_leave_out_who_asked_for_no_letters_also_under_another_identifier():
    now_another_place = house(1, retired_on=date(2024, 1, 1), source="old")
    OptOutFactory(place=now_another_place)
    OptOutFactory(place=house(2))
    ended = OptOutFactory(place=house(3))
    ended.ended_at, ended.ended_by = datetime(2025, 1, 1, tzinfo=UTC), ended.recorded_by
    ended.save()
    house(1, source="new"), house(4)
    batch = drawn()
    assert to(batch) == ["3 MAIN ST", "4 MAIN ST"]
    assert why(batch) == {"1 MAIN ST": "Asked for no letters", "2 MAIN ST": "Asked for no letters"}


def test_recipients_say_why_each_other_household_gets_none():
    MailboxFactory(place=house(1), is_vacant=True)
    MailboxFactory(place=house(2), undeliverable_on=date(2025, 1, 1), undeliverable_why="No such number")
    batch = drawn()
    Exclusion.objects.create(batch=batch, place=house(3), reason="Police station", excluded_by=UserFactory())
    house(4, street="X" * 60)
    assert to(batch) == []
    assert why(batch) == {
        "1 MAIN ST": "Vacant",
        "2 MAIN ST": "Mail came back",
        "3 MAIN ST": "Excluded: Police station",
        "4 " + "X" * 60: "Address problem: a line of more than 40 characters",
    }


def test_recipients_without_any_zip_code_get_none():
    agency = current_agency()
    agency.zip_code = ""
    agency.save()
    forget_agency()
    house(1)
    MailboxFactory(place=house(2), zip_code="67357-1234")
    batch = drawn()
    assert recipients(batch).letters[0].lines == ("RESIDENT", "2 MAIN ST", "PARSONS KS 67357-1234")
    assert why(batch) == {"1 MAIN ST": "No ZIP Code"}


def test_owners_get_one_letter_about_all_that_is_theirs():
    owner = OwnerFactory(name="Núñez & Sons", street="P.O. Box 7", language="es")
    for number in (1, 3, 5):
        OwnershipFactory(owner=owner, place=house(number))
    OwnershipFactory(
        place=house(2),
        owner__street="9 Elm Street",
        owner__email="a@example.org",
        owner__email_asked_on=date(2025, 1, 1),
    )
    OwnershipFactory(place=house(4), valid=DateRange(date(2020, 1, 1), date(2024, 1, 1)))
    batch = drawn(audience="owners", language="own")
    first, second = recipients(batch).letters
    assert first.lines[1:] == ("9 ELM ST", "PARSONS KS 67357")
    assert (first.about, first.delivery, first.email, first.language) == ("2 MAIN ST", "email", "a@example.org", "en")
    assert second.lines == ("NUNEZ AND SONS", "PO BOX 7", "PARSONS KS 67357")
    assert second.about == "3 propiedades, la primera en 1 MAIN ST"
    assert (second.owner_id, second.delivery, second.language) == (owner.pk, "mail", "es")
    assert why(batch) == {"4 MAIN ST": "No owner known"}


def test_owners_are_those_of_today_whatever_the_date_of_the_letter():
    """The first list of owners makes them known from its own day on; a letter may be dated earlier."""
    owner = OwnershipFactory(place=house(1), valid=DateRange(timezone.localdate(), None)).owner
    [letter] = recipients(drawn(audience="owners", dated=timezone.localdate() - timedelta(days=1))).letters
    assert letter.owner_id == owner.pk


def test_owner_of_a_complex_or_a_building_is_the_owner_of_its_units():
    around = ComplexFactory(at=(0, 0))
    building = house(1)
    house(1, "A"), house(2, complex=around)
    OwnershipFactory(place=around), OwnershipFactory(place=building)
    batch = drawn(audience="owners")
    assert len(recipients(batch).letters) == 2
    assert why(batch) == {}


def test_owners_who_get_none_are_told_apart():
    OptOutFactory(place=None, owner=OwnershipFactory(place=house(1)).owner)
    back = OwnerFactory(undeliverable_on=date(2025, 1, 1), undeliverable_why="Moved")
    OwnershipFactory(place=house(2), owner=back)
    batch = drawn(audience="owners")
    named = OwnershipFactory(place=house(3)).owner
    Exclusion.objects.create(batch=batch, owner=named, reason="Is the city", excluded_by=UserFactory())
    twice = OwnershipFactory(place=house(4), owner__name="SAME LLC", owner__street="1 Elm St").owner
    OwnershipFactory(place=house(5), owner__name="Same, LLC", owner__street="1 Elm Street")
    [letter] = recipients(batch).letters
    assert letter.owner_id == twice.pk
    assert "2 properties" in letter.about
    assert sorted(each.why for each in recipients(batch).left_out) == [
        "Asked for no letters", "Excluded: Is the city", "Mail came back", "The same owner is listed twice",
    ]  # fmt: skip


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("reason", ["Asked for no letters", "Excluded: Is the city", "Mail came back"])
def test_owner_listed_twice_gets_none_if_it_is_so_of_either(who, reason):
    pair = [
        OwnershipFactory(place=house(4), owner__name="SAME LLC", owner__street="1 Elm St").owner,
        OwnershipFactory(place=house(5), owner__name="Same, LLC", owner__street="1 Elm Street").owner,
    ]
    batch = drawn(audience="owners")
    if reason.startswith("Asked"):
        OptOutFactory(place=None, owner=pair[who])
    elif reason.startswith("Excluded"):
        Exclusion.objects.create(batch=batch, owner=pair[who], reason="Is the city", excluded_by=UserFactory())
    else:
        pair[who].undeliverable_on, pair[who].undeliverable_why = date(2025, 1, 1), "Moved"
        pair[who].save()
    found = recipients(batch)
    assert found.letters == []
    assert {each.owner_id: each.why for each in found.left_out} == {
        pair[who].pk: reason,
        pair[1 - who].pk: "The same owner is listed twice",
    }


def test_owner_listed_twice_gets_one_about_what_is_not_excluded():
    places = house(4), house(5)
    for place in places:
        OwnershipFactory(place=place, owner__name="SAME LLC", owner__street="1 Elm St")
    batch = drawn(audience="owners")
    Exclusion.objects.create(batch=batch, place=places[0], reason="Is a park", excluded_by=UserFactory())
    [letter] = recipients(batch).letters
    assert letter.about == "5 MAIN ST"
    Exclusion.objects.create(batch=batch, place=places[1], reason="Is a park", excluded_by=UserFactory())
    assert recipients(batch).letters == []


def test_owners_without_an_address_are_one_only_with_the_same_email():
    asked = {"owner__street": "", "owner__name": "J. Doe", "owner__email_asked_on": date(2025, 1, 1)}
    OptOutFactory(place=None, owner=OwnershipFactory(place=house(1), owner__email="a@example.org", **asked).owner)
    OwnershipFactory(place=house(2), owner__email="b@example.org", **asked)
    OwnershipFactory(place=house(3), owner__email="A@example.org", **asked)
    [letter] = recipients(drawn(audience="owners")).letters
    assert letter.email == "b@example.org"


@pytest.mark.parametrize(
    ("share", "count"), [(0, 0), (0.05, 0), (0.2, 1), (0.8, 1)], ids=["touches", "a corner", "a part", "most"]
)
def test_owner_of_a_complex_gets_one_where_a_real_part_of_it_lies_inside(share, count):
    edge = WEST + STEP  # the eastern one of the area
    at = Polygon.from_bbox((edge - share * STEP, SOUTH, edge + (1 - share) * STEP, SOUTH + STEP))
    at.srid = 4326
    OwnershipFactory(place=ComplexFactory(geometry=at))
    assert len(recipients(drawn(audience="owners")).letters) == count


def test_owner_of_a_complex_around_the_whole_area_gets_one():
    around = Polygon.from_bbox((WEST - STEP, SOUTH - STEP, WEST + 20 * STEP, SOUTH + 20 * STEP))
    around.srid = 4326
    OwnershipFactory(place=ComplexFactory(geometry=around))
    assert len(recipients(drawn(audience="owners")).letters) == 1


def test_about_names_a_complex_and_an_address():
    named = SimpleNamespace(kind="complex", name="Park View")
    assert about([named], "en") == "Park View"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "2 properties, the first of them Park View"), ("es", "2 propiedades, la primera en Park View")],
)
def test_about_speaks_the_language_of_the_letter_whatever_the_page_does(language, words):
    places = [SimpleNamespace(kind="complex", name="Park View"), SimpleNamespace(kind="complex", name="Oak Court")]
    with override("es" if language == "en" else "en"):
        assert about(places, language) == words


@pytest.mark.parametrize("audience", ["households", "owners"])
def test_recipients_take_as_many_queries_for_three_as_for_one(audience, django_assert_max_num_queries):
    batch = drawn(audience=audience)
    OwnershipFactory(place=house(1))
    recipients(batch)
    with django_assert_max_num_queries(5) as one:
        recipients(batch)
    for number in (2, 3):
        OwnershipFactory(place=house(number))
    with django_assert_max_num_queries(5) as three:
        assert len(recipients(batch).letters) == 3
    assert len(one.captured_queries) == len(three.captured_queries)
