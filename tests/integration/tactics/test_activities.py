"""Lists, one activity with its details, logging on the desk, corrections, approval, entries to settle."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from tactics.actions.activities import CannotChange, CannotLog, log_activity
from tactics.actions.review import approve, correct, restore, settle, void
from tactics.catalogue import ACTIVITIES
from tactics.models import Activity, Correction, Dog, Patrol, SyncEntry, VehicleStop
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, STEP, WEST, BlockFactory, HotSpotFactory, PublishedRunFactory
from tests.factories.tactics import NOON, ActivityFactory, OperationFactory, SyncEntryFactory, UnitFactory
from tests.integration.tactics.phone import Phone

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def local(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.fixture
def boss(client_as, commander):
    return client_as(commander)


# Lists


def test_commander_sees_everybody_and_officer_only_their_own_record(boss, client_as, officer):
    own, other = ActivityFactory(officer=officer), ActivityFactory()
    assert {each.pk for each in boss.get("/activities/").context["page"]} == {own.pk, other.pk}
    client = client_as(officer)
    for address in ("/activities/mine/", f"/activities/mine/?officer={other.officer_id}"):
        assert [each.pk for each in client.get(address).context["page"]] == [own.pk]
    assert client.get("/activities/").status_code == 403


@pytest.mark.parametrize("role", ["officer", "detective"])
def test_activity_of_somebody_else_does_not_exist_for_an_officer(client_as, role):
    client = client_as(role)
    own, other = ActivityFactory(officer=client.user), ActivityFactory()
    assert client.get(f"/activities/{own.pk}/").status_code == 200
    assert client.get(f"/activities/{other.pk}/").status_code == 404
    assert client.get(f"/activities/{own.pk}/correct/").status_code == 403


def test_filters_narrow_the_list_and_survive_pages(boss, monkeypatch):
    monkeypatch.setattr("tactics.views.activities.PER_PAGE", 2)
    spot = HotSpotFactory(name="Grand and Gravois")
    officer = UserFactory(roles=["officer"])
    early, late = NOON - timedelta(days=10), NOON
    for started_at in (early, late, late + timedelta(hours=1), late + timedelta(hours=2)):
        ActivityFactory(hot_spot=spot, officer=officer, started_at=started_at, kind="k9")
    ActivityFactory(hot_spot=HotSpotFactory(name="Elsewhere"))
    query = f"kind=k9&hot_spot={spot.pk}&officer={officer.pk}&first=2025-03-05&last=2025-03-05"
    first = boss.get(f"/activities/?{query}")
    assert [each.started_at for each in first.context["page"]] == [NOON + timedelta(hours=n) for n in (2, 1)]
    assert first.context["page"].paginator.count == 3
    assert f"{query.replace('&', '&amp;')}&amp;page=2" in first.content.decode()
    second = boss.get(f"/activities/?{query}&page=2")
    assert [each.started_at for each in second.context["page"]] == [NOON]


def test_states_tell_what_is_to_review_flagged_running_and_void(boss, commander):
    made = {
        "review": ActivityFactory(),
        "flagged": ActivityFactory(flags=["overlaps"], approved_by=commander, approved_at=NOON),
        "running": ActivityFactory(minutes=None),
        "voided": ActivityFactory(voided_by=commander, voided_at=NOON, void_reason="Mistake"),
    }
    for state, activity in made.items():
        assert [each.pk for each in boss.get(f"/activities/?state={state}").context["page"]] == [activity.pk], state
    assert {each.pk for each in boss.get("/activities/").context["page"]} == {
        made[state].pk for state in ("review", "flagged", "running")
    }


EVER = "first=0001-01-01&last=9999-12-31"


def test_every_day_that_there_is_holds_everything(boss):
    ActivityFactory()
    for query in (EVER, "last=9999-12-31", "last=9999-12-30"):
        assert boss.get(f"/activities/?{query}").context["page"].paginator.count == 1


def test_nonsense_in_the_address_is_as_if_it_had_not_been_asked(boss):
    ActivityFactory()
    for query in ("kind=bake", "hot_spot=x", "officer=0", "first=never", "state=?", "page=x", "last=0001-01-01", EVER):
        assert boss.get(f"/activities/?{query}").status_code == 200
    assert boss.get("/activities/?kind=bake").context["page"].paginator.count == 1


@pytest.mark.parametrize("address", ["/activities/", "/activities/mine/", "/operations/", "/activities/entries/"])
def test_lists_take_the_same_queries_for_any_number_of_rows(client_as, address, django_assert_max_num_queries):
    client = client_as("commander", "officer")

    def add() -> None:
        operation = OperationFactory()
        for officer in (client.user, UserFactory()):
            ActivityFactory(officer=officer, unit=UnitFactory(), operation=operation, kind="saturation_patrol")
        SyncEntryFactory(payload={"type": "log", "kind": "k9", "hot_spot": operation.hot_spot_id, "place": 1})

    add()
    with django_assert_max_num_queries(30) as one:
        client.get(address)
    add(), add()
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(address)


# One activity


def test_page_says_all_of_it_in_words(boss, phone_officer, hot_spot):
    BlockFactory(at=(0, 0))
    PublishedRunFactory()
    phone = Phone(phone_officer)
    details = {"violation": "signal", "outcomes": ["citation", "tow"]}
    number = uuid4()
    log = phone.log(number, kind="vehicle_stop", point=[WEST, SOUTH], note="Two of them", details=details, began=600)
    phone.send(log)
    response = boss.get(f"/activities/{number}/")
    text = text_of(response)
    for words in ("Vehicle stop", "Light or sign", "Citation, Tow", "Two of them", "Typed", "Longer than a shift."):
        assert words in text, words
    assert {feature["properties"]["what"] for feature in response.context["page_state"]["drawn"]["features"]} == {
        "hot_spot",
        "point",
    }


def test_page_of_an_activity_without_any_position_has_no_map(boss):
    activity = ActivityFactory()
    activity.hot_spot.boundaries.all().delete()
    assert boss.get(f"/activities/{activity.pk}/").context["page_state"] is None


@pytest.fixture
def phone_officer():
    return UserFactory(username="phone_officer", roles=["officer"])


@pytest.fixture
def hot_spot():
    return HotSpotFactory()


# Logging on the desk


DETAILS = {
    "directed_patrol": {"mode": "bike", "seen": ["people"]},
    "saturation_patrol": {"mode": "vehicle"},
    "foot_patrol": {"contacts": 3, "businesses": 1, "homes": 0},
    "vehicle_stop": {"violation": "speed", "outcomes": ["warning"]},
    "arrest": {"offenses": ["35A"], "basis": "on_view", "case_number": "25-1"},
    "k9": {"sniffed": "vehicle", "alert": "on", "find": "cocaine", "grams": "1.5"},
    "knock_and_talk": {
        "answer": "answered",
        "consent_to_search": "unknown",
        "materials": ["renters"],
        "language": "es",
    },
}


@pytest.mark.parametrize("kind", [each.value for each in ACTIVITIES])
def test_each_kind_is_logged_on_the_desk(client_as, officer, hot_spot, kind):
    dog = Dog.objects.create(name="Rex")
    client, start = client_as(officer), timezone.now().replace(microsecond=0) - 60 * MINUTE
    more = {"dog": dog.pk} if kind == "k9" else {}
    times = {"started_at": local(start), "ended_at": local(start + 20 * MINUTE)}
    address = f"/activities/new/?kind={kind}"
    assert client.get(address).status_code == 200
    response = client.post(address, {"hot_spot": hot_spot.pk, **times, **DETAILS[kind], **more})
    activity = Activity.objects.get()
    assert response["Location"] == f"/activities/{activity.pk}/"
    assert (activity.kind, activity.officer, activity.recorded) == (kind, officer, "typed")
    assert (activity.started_at, activity.ended_at) == (start, start + 20 * MINUTE)
    assert client.get(response["Location"]).status_code == 200


def test_desk_says_field_by_field_what_is_missing(client_as, officer):
    client = client_as(officer)
    future = timezone.now() + 60 * MINUTE
    response = client.post(
        "/activities/new/?kind=vehicle_stop", {"started_at": local(future), "ended_at": "", "outcomes": ["none", "tow"]}
    )
    assert response.status_code == 422
    form, details = response.context["form"], response.context["details"]
    assert form.errors.keys() == {"started_at", "ended_at", "hot_spot"}
    assert details.errors.keys() == {"violation", "outcomes"}
    assert not Activity.objects.exists()


def test_place_is_found_by_its_name_and_belongs_to_its_hot_spot(client_as, officer):
    elm = BlockFactory(name="1200 block of Elm St", at=(70, 0))
    BlockFactory(name="1300 block of Elm St", at=(71, 0))
    client, start = client_as(officer), timezone.now() - 60 * MINUTE
    sent = {"started_at": local(start), "ended_at": local(start + MINUTE), "mode": "vehicle"}
    response = client.post("/activities/new/?kind=directed_patrol", {**sent, "place": "Elm"})
    assert "1200 block of Elm St; 1300 block of Elm St" in response.context["form"].errors["place"][0]
    response = client.post("/activities/new/?kind=directed_patrol", {**sent, "place": "Quince"})
    assert response.context["form"].errors["place"]
    client.post("/activities/new/?kind=directed_patrol", {**sent, "place": "1200 block of elm st"})
    assert (Activity.objects.get().place, Activity.objects.get().hot_spot) == (elm, None)


def test_supervisor_logs_for_somebody_else_and_an_officer_cannot(boss, client_as, officer, commander, hot_spot):
    other, start = UserFactory(roles=["officer"]), timezone.now() - 60 * MINUTE
    sent = {"hot_spot": hot_spot.pk, "officer": other.pk, "started_at": local(start), "ended_at": local(start + MINUTE)}
    boss.post("/activities/new/?kind=directed_patrol", sent)
    assert Activity.objects.get().officer == other
    trail = AuditEntry.objects.get(action=AuditEntry.Action.ACTIVITY_CORRECTED)
    assert (trail.actor, trail.details["officer"]) == (commander, other.username)
    Activity.objects.all().delete()
    client_as(officer).post("/activities/new/?kind=directed_patrol", sent)
    assert Activity.objects.get().officer == officer


def test_log_activity_refuses_what_makes_no_sense(officer, hot_spot):
    whole = {"by": officer, "kind": "arrest", "started_at": NOON, "ended_at": NOON + MINUTE, "hot_spot": hot_spot}
    good = {"offenses": ["35A"], "basis": "warrant"}
    for change in (
        {"kind": "bake"},
        {"ended_at": NOON - MINUTE},
        {"details": {}},
        {"details": good | {"offenses": ["nonsense"]}},
        {"hot_spot": None},
    ):
        with pytest.raises(CannotLog):
            log_activity(**whole | {"details": good} | change)
    assert log_activity(**whole, details=good).arrest.basis == "warrant"


# Corrections


def corrected(activity, **changes):
    data = {
        "hot_spot": activity.hot_spot_id or "",
        "place": activity.place.name if activity.place else "",
        "started_at": local(activity.started_at),
        "ended_at": local(activity.ended_at) if activity.ended_at else "",
        "note": activity.note,
        "mode": "vehicle",
        "reason": "The watch was wrong",
    }
    return data | changes


def test_times_are_corrected_with_a_reason_and_what_they_were_is_kept(boss, commander):
    approver = UserFactory()
    started = NOON.replace(microsecond=123456)
    activity = ActivityFactory(started_at=started, approved_by=approver, approved_at=NOON)
    Patrol.objects.create(activity=activity)
    ended = activity.started_at + 40 * MINUTE
    response = boss.post(f"/activities/{activity.pk}/correct/", corrected(activity, ended_at=local(ended)))
    assert response["Location"] == f"/activities/{activity.pk}/"
    now = Activity.objects.get()
    assert now.started_at == started, "what was left as it was stays to the microsecond"
    assert now.ended_at == ended.replace(microsecond=0)
    assert now.approved_at is None
    correction = Correction.objects.get()
    assert (correction.by, correction.reason) == (commander, "The watch was wrong")
    assert list(correction.changes) == ["ended_at"]
    assert AuditEntry.objects.get(action=AuditEntry.Action.ACTIVITY_CORRECTED).actor == commander
    page = text_of(boss.get(f"/activities/{activity.pk}/"))
    assert "To: from Mar 5, 2025 12:12:00 to Mar 5, 2025 12:40:00" in page


@pytest.mark.parametrize("minute", [30, 90])
def test_times_in_the_hour_that_comes_twice_stay_as_they_are(boss, minute):
    """On the night when clocks go back: 06:00 UTC is 01:00 for the first time, 07:00 for the second."""
    began = datetime(2025, 11, 2, 6, tzinfo=UTC) + minute * MINUTE
    activity = ActivityFactory(started_at=began, minutes=10)
    Patrol.objects.create(activity=activity)
    boss.post(f"/activities/{activity.pk}/correct/", corrected(activity, note="Quiet."))
    now = Activity.objects.get()
    assert (now.started_at, now.ended_at, now.note) == (began, began + 10 * MINUTE, "Quiet.")
    assert list(Correction.objects.get().changes) == ["note"]


def test_time_that_comes_twice_is_the_first_and_one_that_never_comes_is_refused(boss):
    began = datetime(2025, 11, 2, 5, tzinfo=UTC)
    activity = ActivityFactory(started_at=began, minutes=300)
    address = f"/activities/{activity.pk}/correct/"
    boss.post(address, corrected(activity, ended_at="2025-11-02T01:15"))
    assert Activity.objects.get().ended_at == datetime(2025, 11, 2, 6, 15, tzinfo=UTC)
    never = boss.post(address, corrected(activity, started_at="2025-03-09T02:30"))
    assert never.context["form"].errors.keys() == {"started_at"}
    nonsense = boss.post(address, corrected(activity, started_at="2025-13-40T99:30"))
    assert nonsense.context["form"].errors.keys() == {"started_at"}


@pytest.mark.parametrize("looked", ["corrected", "approved"])
def test_start_that_comes_late_does_not_undo_what_a_supervisor_did(commander, phone_officer, hot_spot, looked):
    phone, number = Phone(phone_officer), uuid4()
    phone.send(phone.end(number, hot_spot=hot_spot.pk))
    activity = Activity.objects.get()
    assert activity.flags == ["no_start"]
    if looked == "corrected":
        correct(by=commander, activity=activity, reason="Late", changes={"started_at": activity.started_at - MINUTE})
    else:
        assert approve(by=commander, activities=[number]).approved == [number]
    before = Activity.objects.values().get()
    assert before["flags"] == []
    assert phone.send(phone.start(number, hot_spot=HotSpotFactory().pk, minutes_ago=90))[0]["state"] == "stored"
    assert Activity.objects.values().get() == before


def test_details_are_corrected_or_filled_in(boss):
    activity = ActivityFactory(kind="vehicle_stop")
    sent = corrected(activity, violation="speed", outcomes=["warning"])
    assert "Its details are missing" in text_of(boss.get(f"/activities/{activity.pk}/"))
    boss.post(f"/activities/{activity.pk}/correct/", sent)
    boss.post(f"/activities/{activity.pk}/correct/", sent | {"outcomes": ["warning", "tow"]})
    assert VehicleStop.objects.get().outcomes == ["warning", "tow"]
    assert Correction.objects.first().changes == {"outcomes": ["warning", "warning, tow"]}


def test_route_is_kept_when_contacts_are_corrected(boss, phone_officer, hot_spot):
    phone, number = Phone(phone_officer), uuid4()
    route = [[WEST, SOUTH], [WEST + STEP, SOUTH]]
    phone.send(phone.log(number, kind="foot_patrol", hot_spot=hot_spot.pk, details={"route": route, "contacts": 1}))
    activity = Activity.objects.get()
    boss.post(f"/activities/{number}/correct/", corrected(activity, contacts=7, businesses=0, homes=0))
    foot = Activity.objects.get().foot_patrol
    assert (foot.contacts, len(foot.route)) == (7, 2)


def test_correction_needs_a_reason_and_a_change(boss):
    activity = ActivityFactory()
    Patrol.objects.create(activity=activity)
    address = f"/activities/{activity.pk}/correct/"
    assert boss.get(address).status_code == 200
    without = boss.post(address, corrected(activity, reason="", note="x"))
    assert without.context["form"].errors.keys() == {"reason"}
    nothing = boss.post(address, corrected(activity))
    assert nothing.context["form"].non_field_errors() == ["Nothing was changed."]
    backwards = boss.post(address, corrected(activity, ended_at=local(activity.started_at - MINUTE)))
    assert backwards.context["form"].errors.keys() == {"ended_at"}
    assert not Correction.objects.exists()


def test_flags_follow_the_correction(commander):
    officer, one, two = UserFactory(), HotSpotFactory(), HotSpotFactory()
    first = log_activity(by=officer, kind="directed_patrol", hot_spot=one, started_at=NOON, ended_at=NOON + 30 * MINUTE)
    second = log_activity(
        by=officer, kind="directed_patrol", hot_spot=two, started_at=NOON + 20 * MINUTE, ended_at=NOON + 60 * MINUTE
    )
    assert second.flags == ["overlaps"]
    correct(by=commander, activity=first, reason="Left earlier", changes={"ended_at": NOON + 15 * MINUTE})
    assert {tuple(each.flags) for each in Activity.objects.all()} == {()}
    correct(by=commander, activity=first, reason="No", changes={"ended_at": NOON + timedelta(hours=20)})
    assert sorted(Activity.objects.get(pk=first.pk).flags) == ["overlaps", "too_long"]


def test_running_one_is_ended_by_a_correction(boss):
    activity = ActivityFactory(minutes=None)
    boss.post(f"/activities/{activity.pk}/correct/", corrected(activity, ended_at=local(NOON + 10 * MINUTE)))
    now = Activity.objects.get()
    assert (now.ended_at, now.patrol.mode) == (NOON + 10 * MINUTE, "vehicle")


# Void and back


def test_mistake_is_taken_out_and_put_back_with_reasons(boss, commander):
    activity = ActivityFactory(approved_by=UserFactory(), approved_at=NOON)
    address = f"/activities/{activity.pk}/"
    assert boss.post(f"{address}void/", {"reason": ""}).status_code == 422
    boss.post(f"{address}void/", {"reason": "Wrong officer"})
    now = Activity.objects.get()
    assert (now.voided_by, now.void_reason, now.approved_at) == (commander, "Wrong officer", None)
    assert not Activity.objects.counted().exists()
    assert "Wrong officer" in text_of(boss.get(address))
    assert boss.get(f"{address}correct/")["Location"] == address
    boss.post(f"{address}void/", {"reason": "Again"})
    boss.post(f"{address}restore/", {"reason": "It was right"})
    assert Activity.objects.counted().get() == activity
    assert [each.reason for each in Correction.objects.all()] == ["It was right", "Wrong officer"]


def test_taking_one_out_clears_the_contradiction_and_putting_it_back_brings_it_again(commander):
    officer = UserFactory()
    one, two = (
        log_activity(
            by=officer, kind="directed_patrol", hot_spot=HotSpotFactory(), started_at=NOON, ended_at=NOON + 9 * MINUTE
        )
        for _ in range(2)
    )
    void(by=commander, activity=two, reason="Twice")
    assert Activity.objects.get(pk=one.pk).flags == []
    restore(by=commander, activity=two, reason="Not twice")
    assert Activity.objects.get(pk=one.pk).flags == ["overlaps"]
    with pytest.raises(CannotChange):
        restore(by=commander, activity=two, reason="Not twice")


# Approval


def test_several_are_approved_at_once_but_nobodys_own_nor_running_nor_void(boss, commander):
    fine = [ActivityFactory() for _ in range(2)]
    own, running = ActivityFactory(officer=commander), ActivityFactory(minutes=None)
    out = ActivityFactory(voided_by=commander, voided_at=NOON, void_reason="Mistake")
    numbers = [str(each.pk) for each in (*fine, own, running, out)]
    response = boss.post("/activities/approve/", {"activity": [*numbers, "x"], "query": "state=review"}, follow=True)
    assert response.redirect_chain[0][0] == "/activities/?state=review"
    assert set(Activity.objects.exclude(approved_at=None)) == set(fine)
    said = [str(message) for message in response.context["messages"]]
    assert said[0] == "2 activities are approved."
    assert len(said) == 4
    trail = AuditEntry.objects.get(action=AuditEntry.Action.ACTIVITY_APPROVED)
    assert sorted(trail.details["activities"]) == sorted(str(each.pk) for each in fine)


def test_all_on_the_page_without_a_flag_are_approved_together(boss, commander):
    fine = [ActivityFactory() for _ in range(2)]
    flagged, own = ActivityFactory(flags=["overlaps"]), ActivityFactory(officer=commander)
    plain = boss.get("/activities/").context["plain"]
    assert set(plain) == {each.pk for each in fine}
    boss.post("/activities/approve/", {"plain": ",".join(map(str, plain)), "activity": str(flagged.pk)})
    assert set(Activity.objects.filter(approved_at=None)) == {flagged, own}


def test_line_break_in_the_filters_does_not_lead_anywhere_else(boss):
    response = boss.post("/activities/approve/", {"query": "state=review&x=a\r\nLocation: /elsewhere"})
    assert response["Location"] == "/activities/?state=review&x=a%0D%0ALocation%3A+%2Felsewhere"


def test_only_what_can_be_approved_has_a_box(boss, commander):
    fine, own = ActivityFactory(), ActivityFactory(officer=commander)
    page = boss.get("/activities/").content.decode()
    assert f'value="{fine.pk}"' in page
    assert f'value="{own.pk}"' not in page
    assert "It is your own" in text_of(boss.get(f"/activities/{own.pk}/"))


def test_approving_takes_the_same_queries_for_any_number(commander, django_assert_max_num_queries):
    one, three = [ActivityFactory().pk], [ActivityFactory().pk for _ in range(3)]
    with django_assert_max_num_queries(20) as made:
        approve(by=commander, activities=one)
    with django_assert_max_num_queries(len(made.captured_queries)):
        assert len(approve(by=commander, activities=three).approved) == 3


# What could not be stored


def test_refused_entry_is_shown_in_words_and_logged_properly(boss, phone_officer, hot_spot):
    phone, number = Phone(phone_officer), uuid4()
    entry = phone.log(
        number, kind="k9", hot_spot=hot_spot.pk, note="Car park", details={"sniffed": "vehicle"}, ended_at="soon"
    )
    phone.send(entry)
    assert "1 entry to settle" in text_of(boss.get("/activities/"))
    assert "It does not say when it ended." in text_of(boss.get("/activities/entries/"))
    page = text_of(boss.get(f"/activities/entries/{entry['id']}/"))
    for words in ("Narcotics K9", "What was sniffed", "Vehicle", "Car park", hot_spot.name, "soon"):
        assert words in page, words

    address = f"/activities/new/?entry={entry['id']}"
    form = boss.get(address).context["form"]
    assert (form.initial["officer"], form.initial["hot_spot"]) == (phone_officer.pk, hot_spot.pk)
    start = timezone.now() - 60 * MINUTE
    times = {"started_at": local(start), "ended_at": local(start + MINUTE)}
    dog = Dog.objects.create(name="Rex")
    sent = {"officer": phone_officer.pk, "hot_spot": hot_spot.pk, "dog": dog.pk, "sniffed": "vehicle", **times}
    boss.post(address, sent)
    activity = Activity.objects.get()
    assert (activity.pk, activity.officer) == (number, phone_officer)
    assert SyncEntry.objects.get().settled_by == boss.user
    assert boss.get(address).status_code == 404
    assert phone.send(entry)[0]["state"] == "kept", "the phone gets the answer that it got before"


def test_details_that_were_not_understood_are_settled_by_a_correction(boss, phone_officer, hot_spot):
    phone, number = Phone(phone_officer), uuid4()
    bad = {"violation": "speed", "outcomes": ["none", "tow"]}
    entry = phone.log(number, kind="vehicle_stop", hot_spot=hot_spot.pk, details=bad)
    phone.send(entry)
    address = f"/activities/{number}/correct/?entry={entry['id']}"
    assert address.replace("&", "&amp;") in boss.get(f"/activities/entries/{entry['id']}/").content.decode()
    assert boss.get(address).context["details"].initial["violation"] == "speed"
    boss.post(address, corrected(Activity.objects.get(), violation="speed", outcomes=["tow"]))
    assert VehicleStop.objects.get().outcomes == ["tow"]
    assert SyncEntry.objects.get().settled_at is not None


def test_entry_is_closed_with_a_reason_once(boss, commander):
    entry = SyncEntryFactory()
    address = reverse("entry_close", args=[entry.pk])
    assert boss.post(address, {"reason": ""}).status_code == 422
    boss.post(address, {"reason": "A trial run"})
    assert SyncEntry.objects.get().settled_by == commander
    assert AuditEntry.objects.get(action=AuditEntry.Action.ACTIVITY_CORRECTED).details["settled"] == "A trial run"
    with pytest.raises(CannotChange):
        settle(by=commander, entry=entry, reason="Again")
    assert "Settled by" in text_of(boss.get(f"/activities/entries/{entry.pk}/"))
    assert "Nothing to settle" in text_of(boss.get("/activities/entries/"))


@pytest.mark.parametrize(
    "payload",
    [{"sent": "text"}, {"type": ["x"], "kind": {}, "hot_spot": "9", "details": [1]}, {"details": {"seen": {}}}],
)
def test_entry_that_makes_no_sense_at_all_is_shown_all_the_same(boss, payload):
    entry = SyncEntryFactory(payload=payload | {"kind": payload.get("kind", "directed_patrol")})
    assert boss.get("/activities/entries/").status_code == 200
    assert boss.get(f"/activities/entries/{entry.pk}/").status_code == 200
    assert boss.get(f"/activities/new/?entry={entry.pk}").status_code == 200
