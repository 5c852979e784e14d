"""Place measures whatever their kind: planned, reported, taken up, closed, undone, listed."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tactics.actions import measures as actions
from tactics.catalogue import Tactic
from tactics.measure_transitions import STATUS_MOVES, CannotMove
from tactics.models import LeaseCase, Measure
from tactics.queries import measures as queries
from tests.factories import measures as make
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, AddressFactory, BlockFactory, ComplexFactory, HotSpotFactory
from tests.factories.tactics import MeasureFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2025, 3, 10)
at_noon = time_machine.travel(datetime(2025, 3, 10, 17, tzinfo=UTC), tick=False)


def report(**values: object) -> Measure:
    given = {"by": UserFactory(roles=["officer"]), "id": uuid.uuid4(), "kind": Tactic.LIGHTING, "place": None}
    return actions.report(**given | {"title": "Lamp out", "note": "", "point": None} | values)


def measured(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as ran:
        assert client.get(address).status_code == 200
    return len(ran)


# Reported from the street


def test_report_is_kept_once_however_often_it_is_sent():
    place, number = BlockFactory(), uuid.uuid4()
    first = report(id=number, place=place)
    again = report(id=number, place=place, title="Other words")
    assert first == again
    assert Measure.objects.get().title == "Lamp out"
    assert first.status == Measure.Status.REPORTED
    assert AuditEntry.objects.filter(action=AuditEntry.Action.MEASURE_CHANGED).count() == 1


def test_report_without_a_place_goes_to_the_complex_around_it_or_the_nearest_block():
    around, block = ComplexFactory(at=(0, 0)), BlockFactory(at=(5, 0))
    inside = Point(WEST + STEP / 2, SOUTH + STEP / 2, srid=4326)
    beside = Point(WEST + 5.5 * STEP, SOUTH + STEP / 5, srid=4326)
    assert report(point=inside).place == around
    reported = report(point=beside)
    assert reported.place == block
    assert reported.point == beside


def test_report_from_nowhere_near_is_refused():
    BlockFactory()
    with pytest.raises(actions.NowhereNear, match="Choose the place"):
        report(point=Point(WEST + 1, SOUTH, srid=4326))
    with pytest.raises(actions.NowhereNear):
        report()


def test_report_is_taken_up_with_who_and_when(client_as: Callable[..., Client]):
    client, reported = client_as("clerk"), report(place=BlockFactory())
    page = client.get(reverse("measure", args=[reported.pk]))
    assert "Take it up" in page.content.decode()

    given = {"title": "Mend the lamp", "party": "utility", "organization": "Evergy", "due_on": "2099-01-02", "note": ""}
    response = client.post(reverse("measure_edit", args=[reported.pk]), given, follow=True)

    reported.refresh_from_db()
    assert (reported.status, reported.party, reported.due_on) == ("open", "utility", date(2099, 1, 2))
    assert "Taken up" in response.content.decode()


def test_report_is_dropped_with_a_reason_and_comes_back(client_as: Callable[..., Client]):
    client, reported = client_as("commander"), report(place=BlockFactory())
    refused = client.post(reverse("measure_drop", args=[reported.pk]), {"drop-reason": ""})
    assert refused.status_code == 422
    client.post(reverse("measure_drop", args=[reported.pk]), {"drop-reason": "The lamp works."})
    reported.refresh_from_db()
    assert (reported.status, reported.outcome, reported.closed_by) == ("dropped", "The lamp works.", client.user)

    client.post(reverse("measure_reopen", args=[reported.pk]))
    reported.refresh_from_db()
    assert (reported.status, reported.outcome, reported.closed_at) == ("reported", "", None)


# Planned and closed


@pytest.mark.parametrize("kind", ["lighting", "cameras", "vehicle_permits", "trespass", "upkeep"])
def test_clerk_plans_a_measure_at_a_place(client_as: Callable[..., Client], kind: str):
    client, place = client_as("clerk"), ComplexFactory()
    address = f"{reverse('measure_plan', args=[kind])}?place={place.pk}"
    form = client.get(address).context["form"]
    values = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}

    response = client.post(address, values | {"begin": ""})

    measure = Measure.objects.get()
    assert (measure.kind, measure.place, measure.status, measure.created_by) == (kind, place, "open", client.user)
    assert measure.due_on > timezone.localdate()
    assert client.get(response["Location"]).status_code == 200, "the button goes on to the details"


def test_plan_without_day_or_title_is_refused_and_says_which(client_as: Callable[..., Client]):
    client = client_as("clerk")
    address = f"{reverse('measure_plan', args=['lighting'])}?place={BlockFactory().pk}"
    response = client.post(address, {"title": "", "party": "owner", "due_on": ""})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"title", "due_on"}


def test_officer_plans_a_survey_and_nothing_else(client_as: Callable[..., Client]):
    client, place = client_as("officer"), BlockFactory()
    page = client.get(f"{reverse('measure_new')}?place={place.pk}").content.decode()
    assert reverse("measure_plan", args=["lighting"]) in page
    for kind in ("vehicle_permits", "lease_enforcement", "trespass", "cameras"):
        address = f"{reverse('measure_plan', args=[kind])}?place={place.pk}"
        assert address not in page
        assert client.get(address).status_code == client.post(address, {}).status_code == 403
    assert client.get(f"{reverse('measure_plan', args=['lighting'])}?place={place.pk}").status_code == 200


@pytest.mark.parametrize("query", ["", "?place=0", "?place=x", "?place=99999999999999999999"])
def test_plan_without_a_place_asks_for_it(client_as: Callable[..., Client], query: str):
    response = client_as("clerk").get(reverse("measure_plan", args=["lighting"]) + query)
    assert response["Location"] == reverse("measure_new")


def test_kind_that_there_is_not_is_not_found(client_as: Callable[..., Client]):
    place = BlockFactory()
    for kind in ("directed_patrol", "nonsense"):
        assert client_as("clerk").get(f"/measures/new/{kind}/?place={place.pk}").status_code == 404


def test_new_measure_finds_places_by_name_and_of_a_hot_spot(client_as: Callable[..., Client]):
    client, block = client_as("clerk"), BlockFactory(name="100 block of Elm St")
    around = ComplexFactory(name="Sunset Courts")
    AddressFactory(name="101 Elm St", block=block, complex=around)
    hot_spot = HotSpotFactory(places=[block])
    assert f"?place={block.pk}" in client.get("/measures/new/?q=elm").content.decode()
    assert "anything like" in client.get("/measures/new/?q=nowhere").content.decode()
    of_hot_spot = client.get(f"/measures/new/?hot_spot={hot_spot.pk}").content.decode()
    assert f"?place={block.pk}" in of_hot_spot
    assert f"?place={around.pk}" in of_hot_spot


def test_measure_is_done_and_undone(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), MeasureFactory(kind=Tactic.VEHICLE_PERMITS)
    client.post(reverse("measure_done", args=[measure.pk]), {"finish-outcome": "The manager agreed"})
    measure.refresh_from_db()
    assert (measure.status, measure.outcome, measure.closed_by) == ("done", "The manager agreed", client.user)
    page = client.get(reverse("measure", args=[measure.pk])).content.decode()
    assert "Undo" in page
    assert "Done: The manager agreed" in page, "the history tells it"

    client.post(reverse("measure_reopen", args=[measure.pk]))
    measure.refresh_from_db()
    assert (measure.status, measure.outcome, measure.closed_by, measure.closed_at) == ("open", "", None, None)


def test_second_click_on_done_says_so_and_changes_nothing(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), MeasureFactory()
    actions.finish(by=client.user, measure=measure)
    response = client.post(reverse("measure_done", args=[measure.pk]), {}, follow=True)
    assert "cannot become done" in response.content.decode()


@pytest.mark.parametrize("status", Measure.Status.values)
@pytest.mark.parametrize("aim", Measure.Status.values)
def test_status_follows_the_table_alone(status: str, aim: str):
    by = UserFactory()
    closed = {"closed_by": by, "closed_at": timezone.now()} if status in {"done", "dropped"} else {}
    due_on = None if aim == "reported" else date(2025, 4, 1)
    if status == "open":
        due_on = date(2025, 4, 1)
    measure = MeasureFactory(status=status, due_on=due_on, **closed)
    act = {
        "open": (lambda: actions.take_up(by=by, measure=measure, due_on=date(2025, 5, 1)))
        if status == "reported"
        else lambda: actions.reopen(by=by, measure=measure),
        "reported": lambda: actions.reopen(by=by, measure=measure),
        "done": lambda: actions.finish(by=by, measure=measure),
        "dropped": lambda: actions.drop(by=by, measure=measure, reason="Not needed"),
    }[aim]
    if aim in STATUS_MOVES[status] and not (status == "done" and aim == "reported"):
        assert act().status == aim
    else:
        with pytest.raises(CannotMove):
            act()


def test_edit_keeps_the_old_words_in_the_trail(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), MeasureFactory(title="Mend the lamp", kind=Tactic.VEHICLE_PERMITS)
    given = {"title": "Mend both lamps", "party": "city", "organization": "", "due_on": "2099-05-01", "note": ""}
    page = client.post(reverse("measure_edit", args=[measure.pk]), given, follow=True).content.decode()
    assert "due May 1, 2099; with City; wording changed" in page
    entry = AuditEntry.objects.filter(action=AuditEntry.Action.MEASURE_CHANGED).latest("at")
    assert entry.details["changed"]["title"] == ["Mend the lamp", "Mend both lamps"]
    assert measure.events.order_by("pgh_id").first().title == "Mend the lamp"


def test_closed_measure_is_not_edited(client_as: Callable[..., Client]):
    client, measure = client_as("clerk"), MeasureFactory()
    actions.finish(by=client.user, measure=measure)
    assert client.get(reverse("measure_edit", args=[measure.pk])).status_code == 302


def test_measure_that_is_not_there_is_not_found(client_as: Callable[..., Client]):
    assert client_as("clerk").get(reverse("measure", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["measure_edit", "measure_done", "measure_drop", "measure_reopen"])
def test_officer_changes_no_measure(client_as: Callable[..., Client], name: str):
    measure = MeasureFactory()
    assert client_as("officer").post(reverse(name, args=[measure.pk]), {}).status_code == 403
    page = client_as("officer").get(reverse("measure", args=[measure.pk])).content.decode()
    assert "Change it" not in page


# Overdue, at a hot spot, at a place


def test_overdue_is_what_is_open_past_its_day():
    late = MeasureFactory(due_on=TODAY - DAY)
    MeasureFactory(due_on=TODAY)
    done = MeasureFactory(due_on=TODAY - DAY)
    actions.finish(by=UserFactory(), measure=done)
    assert list(queries.overdue(on=TODAY)) == [late]


def test_measures_at_a_hot_spot_are_those_of_its_places_their_addresses_and_their_complex():
    block = BlockFactory(at=(0, 0))
    around = ComplexFactory(at=(0, 1))
    address = AddressFactory(block=block, complex=around)
    on_block, on_address = MeasureFactory(place=block), MeasureFactory(place=address)
    in_complex, elsewhere = MeasureFactory(place=around), MeasureFactory(place=BlockFactory(at=(9, 9)))
    hot_spot = HotSpotFactory(places=[block])
    found = set(queries.at_hot_spot(hot_spot, TODAY))
    assert found == {on_block, on_address, in_complex}
    assert elsewhere not in found
    assert set(queries.overdue(hot_spot, date(2099, 1, 1))) == found
    of_address = HotSpotFactory(places=[address])
    assert in_complex in set(queries.at_hot_spot(of_address, TODAY))


def test_measures_at_a_hot_spot_come_overdue_first_and_closed_last():
    block = BlockFactory()
    closed = MeasureFactory(place=block, due_on=TODAY - 30 * DAY)
    actions.finish(by=UserFactory(), measure=closed)
    reported = report(place=block)
    later, late = MeasureFactory(place=block, due_on=TODAY + DAY), MeasureFactory(place=block, due_on=TODAY - DAY)
    hot_spot = HotSpotFactory(places=[block])
    assert list(queries.at_hot_spot(hot_spot, TODAY)) == [late, later, reported, closed]


def test_measures_at_an_ended_hot_spot_are_those_of_its_last_places():
    block = BlockFactory()
    measure = MeasureFactory(place=block)
    hot_spot = HotSpotFactory(places=[block], ended_on=date(2024, 12, 1))
    assert list(queries.at_hot_spot(hot_spot, TODAY)) == [measure]


def test_panels_of_hot_spot_and_place_show_measures_and_lead_to_a_new_one(client_as: Callable[..., Client]):
    client, block = client_as("officer"), BlockFactory()
    hot_spot = HotSpotFactory(places=[block])
    for address, new in (
        (reverse("measures_panel", args=[hot_spot.pk]), f"hot_spot={hot_spot.pk}"),
        (reverse("place_measures_panel", args=[block.pk]), f"place={block.pk}"),
    ):
        assert "No place measure here yet" in client.get(address).content.decode()
        measure = MeasureFactory(place=block, due_on=date(2020, 1, 1))
        page = client.get(address).content.decode()
        assert reverse("measure", args=[measure.pk]) in page
        assert "Overdue" in page
        assert f"{reverse('measure_new')}?{new}" in page
        Measure.objects.all().delete()
    panel = client.get(reverse("measures_panel", args=[hot_spot.pk])).content.decode()
    assert f"/measures/cameras/?hot_spot={hot_spot.pk}" in panel
    assert reverse("measures_panel", args=[hot_spot.pk]) in client.get(f"/hotspots/{hot_spot.pk}/").content.decode()
    assert reverse("place_measures_panel", args=[block.pk]) in client.get(f"/places/{block.pk}/").content.decode()


def test_panel_shows_the_first_and_leads_to_all(client_as: Callable[..., Client]):
    block = BlockFactory()
    MeasureFactory.create_batch(13, place=block)
    hot_spot = HotSpotFactory(places=[block])
    page = client_as("officer").get(reverse("measures_panel", args=[hot_spot.pk])).content.decode()
    assert page.count('class="measure-row"') == 12
    assert f"?status=all&amp;hot_spot={hot_spot.pk}" in page


def test_panel_is_not_for_who_may_not_see_measures(client_as: Callable[..., Client]):
    hot_spot = HotSpotFactory()
    client = client_as("administrator")
    assert client.get(reverse("measures_panel", args=[hot_spot.pk])).status_code == 403
    assert reverse("measures_panel", args=[hot_spot.pk]) not in client.get(f"/hotspots/{hot_spot.pk}/").content.decode()


# The list and the week


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"late", "camera", "reported"}),
        ("?kind=cameras", {"camera"}),
        ("?status=done", {"done"}),
        ("?status=reported", {"reported"}),
        ("?status=all", {"late", "camera", "reported", "done"}),
        ("?party=city", {"late"}),
        ("?overdue=on", {"late"}),
        ("?kind=nonsense&status=nonsense&hot_spot=x&page=x", {"late", "camera", "reported"}),
    ],
)
@at_noon
def test_list_is_narrowed_by_its_filters(client_as: Callable[..., Client], query: str, shown: set[str]):
    by = UserFactory()
    rows = {
        "late": MeasureFactory(due_on=TODAY - DAY, party="city"),
        "camera": MeasureFactory(kind=Tactic.CAMERAS),
        "reported": report(place=BlockFactory()),
        "done": actions.finish(by=by, measure=MeasureFactory(due_on=TODAY - DAY)),
    }
    page = client_as("officer").get(f"/measures/{query}")
    assert {name for name, row in rows.items() if row in page.context["page"].object_list} == shown
    assert page.context["overdue"] == 1


def test_list_of_a_hot_spot_keeps_its_filter_over_pages(client_as: Callable[..., Client]):
    block = BlockFactory()
    MeasureFactory.create_batch(51, place=block)
    MeasureFactory(place=BlockFactory())
    hot_spot = HotSpotFactory(places=[block])
    page = client_as("clerk").get(f"/measures/?hot_spot={hot_spot.pk}&kind=lighting&page=2")
    assert len(page.context["page"].object_list) == 1
    words = page.content.decode()
    assert f"?hot_spot={hot_spot.pk}&amp;kind=lighting&amp;page=1" in words
    assert f'<option value="{hot_spot.pk}" selected>' in words
    assert f"/measures/new/?hot_spot={hot_spot.pk}" in words


def test_list_with_nothing_in_it_says_what_to_do(client_as: Callable[..., Client]):
    assert "begin with “New measure”" in client_as("clerk").get("/measures/").content.decode()
    assert "No measure fits." in client_as("clerk").get("/measures/?kind=cameras").content.decode()


@at_noon
def test_week_groups_what_is_overdue_and_due_by_who_sees_to_it(client_as: Callable[..., Client]):
    late = MeasureFactory(kind=Tactic.CAMERAS, party="owner", due_on=TODAY - DAY)
    last_day = MeasureFactory(kind=Tactic.CAMERAS, party="owner", due_on=TODAY + 6 * DAY)
    MeasureFactory(party="owner", due_on=TODAY + 7 * DAY)
    of_city = MeasureFactory(party="city", due_on=TODAY)
    reported = report(place=BlockFactory())
    week = queries.week_list(TODAY)
    assert [
        (party.label, [t.measure for t in party.overdue], [t.measure for t in party.due]) for party in week.parties
    ] == [
        ("Owner", [late], [last_day]),
        ("City", [], [of_city]),
    ]
    assert week.reported == [reported]
    page = client_as("commander").get("/measures/week/").content.decode()
    assert "Mar 10 – Mar 16, 2025" in page


@at_noon
def test_week_lists_each_light_with_who_fixes_it():
    survey = make.make_survey()
    make.make_light(survey, party="owner", due_on=TODAY - DAY, where="pole 1")
    make.make_light(survey, party="city", due_on=TODAY, where="pole 2")
    make.make_light(survey, party="city", due_on=TODAY + 9 * DAY)
    week = queries.week_list(TODAY)
    assert [(party.label, len(party.overdue), len(party.due)) for party in week.parties] == [
        ("Owner", 1, 0),
        ("City", 0, 1),
    ]
    assert week.parties[1].due[0].words == "Parking lot: Out, pole 2"


def test_week_with_nothing_in_it_says_so(client_as: Callable[..., Client]):
    assert "Nothing is overdue" in client_as("clerk").get("/measures/week/").content.decode()


# As many queries for three as for one


@at_noon
def test_queries_of_lists_do_not_grow_with_their_rows(client_as: Callable[..., Client]):
    client, block, counts = client_as("commander"), BlockFactory(), {}
    hot_spot = HotSpotFactory(places=[block])
    panel, of_place = reverse("measures_panel", args=[hot_spot.pk]), reverse("place_measures_panel", args=[block.pk])

    def add() -> None:
        MeasureFactory(place=block, due_on=TODAY - DAY)
        make.make_light(make.make_survey(place=block), due_on=TODAY)
        make.make_authorization(date(2024, 3, 20), place=block)
        report(place=block)

    add()
    client.get("/measures/")  # what is kept for a while, such as the agency, is asked for once
    for _rows in range(2):
        for address in ("/measures/", f"/measures/?hot_spot={hot_spot.pk}", "/measures/week/", panel, of_place):
            counts.setdefault(address, []).append(measured(client, address))
        add()
        add()
    assert all(few == many <= 15 for few, many in counts.values()), counts


def test_queries_of_a_page_do_not_grow_with_its_history(client_as: Callable[..., Client]):
    client, measure = client_as("commander"), MeasureFactory()
    address, counts = reverse("measure", args=[measure.pk]), []
    for _rows in range(2):
        counts.append(measured(client, address))
        for _change in range(3):
            by = UserFactory(roles=["clerk"])
            actions.finish(by=by, measure=measure)
            actions.reopen(by=by, measure=measure)
    assert counts[0] + 1 >= counts[1], counts  # the people of the history are one query
    assert counts[1] <= 16


def test_history_names_who_did_it(client_as: Callable[..., Client]):
    client, measure = client_as(UserFactory(roles=["clerk"], first_name="Ada", last_name="Example")), MeasureFactory()
    client.post(reverse("measure_done", args=[measure.pk]), {"finish-outcome": ""})
    lines = client.get(reverse("measure", args=[measure.pk])).context["history"]
    # By the clock of a transaction, of which a test has one.
    assert {(line.words, line.who) for line in lines} == {("Done", "Ada Example"), ("Begun", "")}


def test_lease_case_is_neither_planned_nor_taken_up_without_its_question():
    by = UserFactory(roles=["clerk"])
    reported = report(kind=Tactic.LEASE_ENFORCEMENT, place=BlockFactory())
    with pytest.raises(CannotMove, match="who called"):
        actions.take_up(by=by, measure=reported, due_on=TODAY)
    assert not LeaseCase.objects.exists()
