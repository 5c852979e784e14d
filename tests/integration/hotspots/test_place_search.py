import pytest
from django.urls import reverse

from hotspots.models import Place
from hotspots.queries.search import find_places
from tests.factories.hotspots import AddressFactory, BlockFactory, ComplexFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> None:
    for low in (300, 400, 1400):
        BlockFactory(name=f"{low} block of Maple Ave", street="MAPLE AVE", number_low=low, number_high=low + 98)
    BlockFactory(name="Saint Paul Ave, Park to Grand", street="SAINT PAUL AVE")
    BlockFactory(name="Oak St, Maple to Elm", street="OAK ST")
    AddressFactory(name="402 Maple Ave", street="MAPLE AVE", number_low=402, number_high=402)
    ComplexFactory(name="Maple Court Apartments")


def names(text: str, **options: object) -> list[str]:
    return [place.name for place in find_places(text, **options)]


def test_find_places_by_number_and_street_puts_whole_words_first(town: None):
    found = names("400 maple")
    assert found[:2] == ["400 block of Maple Ave", "1400 block of Maple Ave"]


def test_find_places_by_a_house_number_finds_the_address_then_its_block(town: None):
    assert names("402 maple")[:2] == ["402 Maple Ave", "400 block of Maple Ave"]
    assert names("416 maple ave")[0] == "400 block of Maple Ave"


def test_find_places_puts_a_street_before_those_that_cross_it(town: None):
    found = names("maple")
    assert found.index("Oak St, Maple to Elm") == len(found) - 1
    assert "1400 block of Maple Ave" in found


@pytest.mark.parametrize("text", ["MAPLE AVENUE", "maple ave.", "Maple"])
def test_find_places_in_any_spelling_of_a_street(town: None, text: str):
    assert "300 block of Maple Ave" in names(text)


def test_find_places_forgives_a_slip(town: None):
    assert "300 block of Maple Ave" in names("mapel")
    assert names("st paul")[0] == "Saint Paul Ave, Park to Grand"


def test_find_places_of_a_kind(town: None):
    assert names("maple", kinds=[Place.Kind.COMPLEX]) == ["Maple Court Apartments"]


def test_find_places_without_retired_ones(town: None):
    Place.objects.filter(kind="complex").update(retired_on="2020-01-01")
    assert "Maple Court Apartments" not in names("maple court")


@pytest.mark.parametrize("text", ["", "m", "%", "%%%", "_ _", "no such place", "(", "\\", "a\x00b", "[[", "9" * 200])
def test_find_places_survives_any_text(town: None, text: str):
    assert names(text) == []


def test_find_places_gives_no_more_than_asked(town: None):
    assert len(names("maple", limit=2)) == 2


def test_place_search_answers_with_boxes_around_the_places(town: None, client_as, django_assert_num_queries):
    client = client_as("officer")
    place = Place.objects.get(name="Maple Court Apartments")
    answer = client.get(reverse("place_search"), {"q": "maple court"}).json()["results"][0]
    assert answer | {"lon": 0, "lat": 0} == {
        "id": place.pk,
        "name": place.name,
        "kind": "complex",
        "bbox": list(place.geometry.extent),
        "lon": 0,
        "lat": 0,
    }
    west, south, east, north = place.geometry.extent
    assert west < answer["lon"] < east
    assert south < answer["lat"] < north


@pytest.mark.parametrize("number", [1, 3])
def test_place_search_asks_as_many_queries_for_many_places(client_as, django_assert_num_queries, number: int):
    BlockFactory.create_batch(number, name="Elm St", street="ELM ST")
    client = client_as("officer")
    client.get(reverse("place_search"))
    with django_assert_num_queries(6):
        assert len(client.get(reverse("place_search"), {"q": "elm"}).json()["results"]) == number
