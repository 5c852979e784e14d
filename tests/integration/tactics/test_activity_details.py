"""What the forms of each kind take and refuse, sent by a phone as JSON."""

import pytest
from django.contrib.gis.geos import LineString

from tactics.forms.activities import DETAILS, MOST_ROUTE_POINTS, errors_in_words, words_of
from tactics.models import Dog
from tests.factories.hotspots import SOUTH, STEP, WEST

pytestmark = pytest.mark.django_db
STOP = {"violation": "speed", "outcomes": ["warning"]}
TALK = {"answer": "answered", "materials": [], "concerns": []}
ARREST = {"offenses": ["35A"], "basis": "warrant"}


def form_of(kind: str, details: object):
    form = DETAILS[kind](details)
    form.is_valid()
    return form


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [
        ("directed_patrol", {"mode": "boat"}, "mode"),
        ("directed_patrol", {"mode": {"x": 1}}, "mode"),
        ("directed_patrol", {"seen": "people"}, "seen"),
        ("directed_patrol", {"seen": ["nothing", "people"]}, "seen"),
        ("directed_patrol", {"seen": [["people"]]}, "seen"),
        ("foot_patrol", {"contacts": -1}, "contacts"),
        ("foot_patrol", {"contacts": 1e300}, "contacts"),
        ("foot_patrol", {"contacts": True}, "contacts"),
        ("foot_patrol", {"homes": [2]}, "homes"),
        ("foot_patrol", {"route": "far"}, "route"),
        ("foot_patrol", {"route": [[WEST, SOUTH], [WEST]]}, "route"),
        ("foot_patrol", {"route": [[WEST, SOUTH], [WEST, 91]]}, "route"),
        ("foot_patrol", {"route": [[WEST, SOUTH], [WEST, True]]}, "route"),
        ("vehicle_stop", {}, "violation"),
        ("vehicle_stop", STOP | {"outcomes": []}, "outcomes"),
        ("vehicle_stop", STOP | {"outcomes": ["none", "tow"]}, "outcomes"),
        ("arrest", ARREST | {"offenses": []}, "offenses"),
        ("arrest", ARREST | {"offenses": ["35A", "none such"]}, "offenses"),
        ("arrest", ARREST | {"case_number": "1" * 31}, "case_number"),
        ("k9", {"sniffed": "area", "alert": False}, "dog"),
        ("k9", {"grams": 5}, "grams"),
        ("k9", {"grams": "NaN", "find": "cocaine"}, "grams"),
        ("k9", {"grams": 5, "find": "paraphernalia"}, "grams"),
        ("knock_and_talk", TALK | {"answer": "refused", "consent_to_search": True}, "consent_to_search"),
        ("knock_and_talk", TALK | {"materials": ["renters"]}, "language"),
        ("knock_and_talk", TALK | {"materials": ["renters"], "language": "tlh"}, "language"),
        ("vehicle_stop", ["violation"], "violation"),
        ("vehicle_stop", 7, "violation"),
    ],
)
def test_details_that_make_no_sense_name_the_field(kind, details, field):
    form = form_of(kind, details)
    assert field in form.errors
    assert str(form.fields[field].label) in errors_in_words(form)


def test_details_of_a_patrol_may_be_empty():
    assert form_of("directed_patrol", {}).values() == {"mode": "vehicle", "seen": []}
    assert form_of("foot_patrol", {}).values() == {"contacts": 0, "businesses": 0, "homes": 0, "route": None}


def test_door_that_nobody_answered_has_no_consent_and_no_language_without_material():
    values = form_of(
        "knock_and_talk", {"answer": "not_answered", "consent_to_search": False, "language": "es"}
    ).values()
    assert (values["consent_to_search"], values["language"]) == (None, "")


def test_handler_is_the_officer_unless_another_is_named(officer, commander):
    dog = Dog.objects.create(name="Rex", is_active=False)
    details = {"dog": dog.pk, "sniffed": "area", "alert": True}
    own, other = DETAILS["k9"](details, officer=officer.pk), DETAILS["k9"](details | {"handler": commander.pk})
    assert own.is_valid()
    assert other.is_valid()
    assert (own.values()["handler_id"], other.values()["handler_id"]) == (officer.pk, commander.pk)


def test_route_keeps_its_shape_with_few_points():
    there = [[WEST + STEP * n / 100, SOUTH] for n in range(101)]
    back = [[WEST + STEP, SOUTH + STEP * n / 100] for n in range(1, 101)]
    route = form_of("foot_patrol", {"route": there + back}).values()["route"]
    assert len(route) == 3
    assert route.coords[1] == pytest.approx((WEST + STEP, SOUTH), abs=1e-6)


def test_route_that_jumps_about_is_cut_to_the_most_points():
    jumps = [[WEST + STEP * (n % 2), SOUTH + STEP * n] for n in range(3 * MOST_ROUTE_POINTS)]
    route = form_of("foot_patrol", {"route": jumps}).values()["route"]
    assert isinstance(route, LineString)
    assert 2 <= len(route) <= MOST_ROUTE_POINTS


@pytest.mark.parametrize("route", [[], [[WEST, SOUTH]], [[WEST, SOUTH], [WEST, SOUTH]], None])
def test_walk_that_went_nowhere_has_no_route(route):
    assert form_of("foot_patrol", {"route": route}).values()["route"] is None


def test_words_name_choices_and_leave_out_what_is_empty():
    assert words_of("vehicle_stop", {"violation": "signal", "outcomes": ["tow", "odd"]}) == [
        ("Violation", "Light or sign"),
        ("Outcome", "Tow, odd"),
    ]
    assert words_of("k9", {"alert": False, "grams": None}) == [("The dog alerted", "no")]
