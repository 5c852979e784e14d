"""What becomes public, who approves it, and what the public can never see (P1, P2)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pypdf
import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.models import AuditEntry
from hotspots.models import HotSpotBoundary
from hotspots.queries.hotspots import outline
from notices.actions import projects, releases, review
from notices.models import Publication, PublicProject, Release
from notices.privacy import names_an_address, rough_area
from notices.queries import media
from notices.queries.projects import one_shown, shown
from notices.queries.public import news
from notices.queries.results import _end_of_month, figures, in_tens
from notices.transitions_public import CannotMove, why_not
from notices.wording import FEWER, NO_PROOF, Facts, figures_in_words, release_texts
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import (
    SOUTH,
    WEST,
    AddressFactory,
    BlockFactory,
    HotSpotFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
)
from tests.factories.notices import PublicationFactory, PublicProjectFactory, ReleaseFactory, rough
from tests.factories.tactics import PlanFactory, PlanTacticFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def clerk(db):
    return UserFactory(roles=["clerk"])


@pytest.fixture
def commander(db):
    return UserFactory(roles=["commander"])


def addresses(number: int) -> list:
    """Within a few metres, so that no edge of a square lies between them."""
    return [AddressFactory(geometry=Point(WEST + n * 1e-5, SOUTH + 1e-5, srid=4326)) for n in range(number)]


def project(**values):
    values = {"hot_spot": values.pop("hot_spot", None) or HotSpotFactory(), **values}
    return PublicProjectFactory(**values)


def told(**changes):
    words = {
        "name_en": "Main Street",
        "name_es": "Calle Main",
        "summary_en": "Officers visit.",
        "summary_es": "Los agentes visitan.",
        "tactics": ["foot_patrol"],
        "starts_on": "2024-05-01",
        "shown_from": "2024-05-08",
        "slug": "main-street",
    }
    return words | changes


def test_rough_area_of_one_address_is_that_of_its_neighbors():
    here = addresses(8)
    first, last = (rough_area(outline([place.pk])) for place in (here[0], here[-1]))
    assert first.area is not None
    assert first.area.equals(last.area)
    assert first.addresses == 8
    assert not any(first.area.equals_exact(outline([place.pk]), 1e-4) for place in here)


def test_seven_addresses_give_no_map():
    here = addresses(7)
    assert rough_area(outline([here[0].pk])).area is None


def test_units_of_one_building_are_one_address():
    for unit in range(12):
        AddressFactory(at=(0, 0), street="MAIN ST", number_low=100, number_high=100, unit=str(unit))
    assert rough_area(outline([AddressFactory(at=(0, 0)).pk])).area is None


def test_retired_addresses_do_not_count():
    here = addresses(8)
    here[7].retired_on = date(2024, 1, 1)
    here[7].save()
    assert rough_area(outline([here[0].pk])).area is None


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_public_sees_only_what_was_approved_and_stands(status):
    extra = {}
    if status == "withdrawn":
        extra = {"withdrawn_by": UserFactory(), "withdrawn_at": timezone.now(), "withdrawn_why": "wrong"}
    project(status=status, slug="hidden", **extra)
    project(status="public", slug="seen")
    assert [each.slug for each in shown(language="en")] == ["seen"]
    assert one_shown("hidden", language="en") is None


def test_public_sees_nothing_before_its_day_whatever_day_is_asked_for():
    tomorrow = timezone.localdate() + DAY
    project(status="public", slug="later", shown_from=tomorrow)
    assert shown(language="en") == shown(language="en", on=tomorrow + DAY) == []
    assert one_shown("later", language="es", on=tomorrow) is None


def test_what_the_public_gets_has_no_hot_spot_and_no_row():
    made = project(status="public", area=rough(), area_addresses=9)
    (seen,) = shown(language="es")
    assert seen.name == "Calle Main"
    assert not any(hasattr(seen, name) for name in ("hot_spot", "hot_spot_id", "boundary", "created_by"))
    assert str(made.hot_spot) not in repr(seen)


def test_shown_projects_are_one_query(django_assert_num_queries):
    for number in (1, 2):
        for _ in range(number):
            project(status="public")
        with django_assert_num_queries(1):
            assert len(shown(language="en")) == (1, 3)[number - 1]


def test_clerk_makes_public_and_commander_approves(client_as):
    clerk, commander = UserFactory(roles=["clerk"]), UserFactory(roles=["commander"])
    spot = HotSpotFactory()
    response = client_as(clerk).post(f"/hotspots/{spot.pk}/public/new/", told())
    draft = PublicProject.objects.get()
    assert response.url == f"/public-projects/{draft.pk}/"
    client_as(clerk).post(f"/public-projects/{draft.pk}/do/approve/")
    draft.refresh_from_db()
    assert draft.status == "draft"
    client_as(commander).post(f"/public-projects/{draft.pk}/do/approve/", {"read": draft.wording})
    draft.refresh_from_db()
    assert (draft.status, draft.approved_by) == ("public", commander)
    assert draft.review_on == timezone.localdate() + timedelta(days=91)
    assert AuditEntry.objects.filter(action="public_changed", details__what="approved").exists()


@pytest.mark.parametrize("kind", ["project", "release"])
def test_approval_of_words_that_were_changed_meanwhile_is_refused(client_as, commander, clerk, kind):
    draft = project() if kind == "project" else ReleaseFactory()
    address = f"/public-projects/{draft.pk}/" if kind == "project" else f"/media/{draft.pk}/"
    page = client_as(commander).get(address).content.decode()
    (read,) = re.findall(r'name="read" value="([^"]+)"', page)
    if kind == "project":
        projects.change(by=clerk, project=draft, name_en="Main")
    else:
        releases.change(by=clerk, release=draft, title_en="Main")
    for stale in ({"read": read}, {}):
        page = client_as(commander).post(f"{address}do/approve/", stale, follow=True).content.decode()
        assert "Somebody changed this since you looked. Read it again." in page
    (read,) = re.findall(r'name="read" value="([^"]+)"', page)
    client_as(commander).post(f"{address}do/approve/", {"read": read})
    draft.refresh_from_db()
    assert draft.status == "public"


def test_approval_is_of_the_words_that_were_handed_in(commander, clerk):
    draft = ReleaseFactory()
    releases.change(by=clerk, release=Release.objects.get(), title_en="Main")
    with pytest.raises(CannotMove, match="Read it again"):
        review.approve(by=commander, public=draft)


def test_writer_and_whoever_changed_it_cannot_approve_and_are_told_why():
    writer, changer, last, third = (UserFactory(roles=["commander"]) for _ in range(4))
    draft = project(created_by=writer)
    for person in (changer, last, last):
        projects.change(by=person, project=draft, name_en="Main")
    draft.refresh_from_db()
    assert draft.editors == [changer.pk, last.pk]
    for person in (writer, changer, last):
        with pytest.raises(CannotMove, match="Somebody else"):
            review.approve(by=person, public=draft)
    assert review.approve(by=third, public=draft).status == "public"
    assert projects.rewrite(by=third, project=draft).editors == []


def test_delay_is_kept_by_form_and_by_approval(client_as, commander):
    spot = HotSpotFactory()
    response = client_as("clerk").post(f"/hotspots/{spot.pk}/public/new/", told(shown_from="2024-05-07"))
    assert response.context["form"].errors.keys() == {"shown_from"}
    early = project(shown_from=date(2024, 5, 7))
    with pytest.raises(CannotMove, match="delay"):
        review.approve(by=commander, public=early)


def redrawn(spot, day):
    """New ground from a day on."""
    old = spot.boundaries.get()
    old.valid = DateRange(old.valid.lower, day)
    old.save()
    return HotSpotBoundary.objects.create(
        hot_spot=spot, geometry=old.geometry, valid=DateRange(day, None), drawn_by=spot.designated_by
    )


def test_delay_counts_from_the_day_the_boundary_was_redrawn(client_as, commander, clerk):
    today = timezone.localdate()
    made = project(status="public")
    redrawn(made.hot_spot, today)
    first = today + 7 * DAY
    response = client_as(clerk).post(f"/hotspots/{made.hot_spot_id}/public/new/", told())
    assert response.context["form"].errors.keys() == {"shown_from"}
    draft = projects.rewrite(by=clerk, project=made)
    assert draft.shown_from == first == projects.prefilled(made.hot_spot)["shown_from"]
    draft = projects.change(by=clerk, project=draft, shown_from=first - DAY)
    assert "delay" in why_not(commander, draft, "approve")
    draft = projects.change(by=clerk, project=draft, shown_from=first)
    assert review.approve(by=commander, public=draft).status == "public"


def test_map_from_before_a_redrawing_needs_no_new_delay(commander):
    made = project()
    PublicProject.objects.update(created_at=timezone.now() - 2 * DAY)
    redrawn(made.hot_spot, timezone.localdate())
    made.refresh_from_db()
    assert why_not(commander, made, "approve") == ""


def test_words_that_name_an_address_are_refused(client_as):
    house = AddressFactory(street="N MAIN ST", number_low=1204, number_high=1204)
    spot = HotSpotFactory(places=[house])
    response = client_as("clerk").post(
        f"/hotspots/{spot.pk}/public/new/", told(summary_en="At 1204 North Main, often.")
    )
    assert response.context["form"].errors.keys() == {"summary_en"}
    assert names_an_address("The 1204 block of Main", spot) == ""
    assert names_an_address("El 1204 Main", spot) == "1204 Main"


def test_change_is_a_new_row_and_the_old_one_gives_way(commander):
    old = project(status="public")
    draft = projects.rewrite(by=UserFactory(roles=["clerk"]), project=old)
    assert [each.number for each in shown(language="en")] == [old.pk]
    review.approve(by=commander, public=draft)
    old.refresh_from_db()
    assert (old.status, draft.replaces) == ("withdrawn", old)
    assert [each.number for each in shown(language="en")] == [draft.pk]


def test_withdrawal_is_at_once_and_comes_back_as_a_draft(client_as, clerk):
    made = project(status="public")
    client = client_as(clerk)
    assert client.post(f"/public-projects/{made.pk}/do/withdraw/", {"why": ""}).status_code == 422
    client.post(f"/public-projects/{made.pk}/do/withdraw/", {"why": "A street is wrong."})
    assert shown(language="en") == []
    client.post(f"/public-projects/{made.pk}/do/rewrite/")
    assert PublicProject.objects.get(status="draft").name_en == made.name_en


def test_second_draft_for_a_hot_spot_is_refused(clerk):
    draft = project()
    with pytest.raises(CannotMove, match="draft"):
        projects.create(by=clerk, hot_spot=draft.hot_spot, **projects.prefilled(draft.hot_spot))


def test_rewriting_judges_what_it_is_now_not_what_was_read(clerk):
    seen = project(status="public")
    PublicProject.objects.update(status="draft", approved_by=None, approved_at=None, review_on=None)
    with pytest.raises(CannotMove, match="It is: Draft"):
        projects.rewrite(by=clerk, project=seen)


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_approves():
    draft = project()
    commanders = [UserFactory(roles=["commander"]) for _ in range(2)]

    def approve(commander):
        try:
            review.approve(by=commander, public=draft)
        except CannotMove:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, commanders)) == [False, True]
    assert AuditEntry.objects.filter(details__what="approved").count() == 1


def evaluated(here: int, elsewhere: int, *, offense=None):
    """A hot spot that lasted 30 days, with the counts before and since alike."""
    block = BlockFactory()
    spot = HotSpotFactory(places=[block], starts_on=date(2025, 2, 1), ended_on=date(2025, 3, 3))
    inside, outside = LocationFactory(block=block), LocationFactory(block=BlockFactory())
    for moment in (datetime(2025, 1, 15, 18, tzinfo=UTC), datetime(2025, 2, 15, 18, tzinfo=UTC)):
        for location, number in ((inside, here), (outside, elsewhere)):
            extra = {"offense": offense} if offense and location is inside else {}
            IncidentFactory.create_batch(number, location=location, occurred_from=moment, **extra)
    IncidentFactory(location=outside, occurred_from=datetime(2024, 9, 1, 18, tzinfo=UTC))
    IncidentFactory(location=outside, occurred_from=datetime(2025, 6, 1, 18, tzinfo=UTC))
    return spot


def test_figures_tell_the_area_and_the_rest_in_tens():
    found = figures(evaluated(12, 34))
    assert found["here"] == {"before": 10, "since": 10}
    assert found["elsewhere"] == {"before": 30, "since": 30}
    assert "about 10 crimes were reported" in figures_in_words(found, "en")[0]
    assert "reportaron unos 10 delitos" in figures_in_words(found, "es")[0]
    assert figures_in_words(found, "en")[-1] == NO_PROOF["en"]


def test_small_counts_are_hidden_and_cannot_be_subtracted():
    nine, four = (figures(evaluated(9, 34)), None)
    assert nine["here"] == {"before": None, "since": None}
    assert FEWER["es"].format(least=10) in figures_in_words(nine, "es")[0]
    assert four is None
    assert [in_tens(number) for number in (0, 9, 10, 14, 1238)] == [None, None, 10, 10, 1240]


def test_figures_of_a_running_project_end_with_a_whole_month():
    spot = evaluated(12, 34)
    spot.ended_on = None
    PlanFactory(hot_spot=spot, status="active", finding="Calmer.")
    assert figures(spot)["since"] == {"first": "2025-02-01", "last": "2025-05-31"}
    assert _end_of_month(date(2025, 5, 31)) == date(2025, 5, 31)


@pytest.mark.parametrize("flag", ["victim_sensitive", "enforcement_generated"])
def test_figures_leave_out_what_must_not_be_mapped(flag):
    offense = OffenseFactory(code="X1", **{flag: True})
    assert figures(evaluated(12, 34, offense=offense))["here"] == {"before": None, "since": None}


def test_no_figures_before_a_project_was_evaluated():
    spot = evaluated(12, 34)
    spot.ended_on = None
    assert figures(spot) is None
    PlanFactory(hot_spot=spot, status="active", finding="Calmer.")
    assert figures(spot) is not None


def test_release_is_written_from_the_plan_in_both_languages(client_as):
    plan = PlanFactory(hot_spot=HotSpotFactory(name="Main and First"))
    PlanTacticFactory(plan=plan, tactic="foot_patrol")
    page = client_as("clerk").get(f"/media/new/?hot_spot={plan.hot_spot_id}")
    initial = page.context["form"].initial
    assert "Main and First" in initial["title_en"]
    assert "Officers walk through" in initial["body_en"]
    assert initial["body_es"].index("911") > 0
    assert max(len(initial[f"post_{code}"]) for code in ("en", "es")) <= 280


def test_facts_with_braces_stay_as_they_are():
    texts = release_texts(Facts({"en": "{phone} {x}", "es": "x"}, date(2025, 3, 5), ()), "en")
    assert "{phone} {x}" in texts["title"]


def test_post_of_281_characters_is_refused(client_as):
    words = {f"{name}_{code}": "x" for name in ("title", "body", "post") for code in ("en", "es")}
    response = client_as("clerk").post("/media/new/", words | {"post_es": "x" * 281})
    assert response.context["form"].errors.keys() == {"post_es"}
    client_as("clerk").post("/media/new/", words | {"post_es": "x" * 280})
    assert Release.objects.get().status == "draft"


def test_release_with_a_map_waits_for_the_delay(commander):
    spot = HotSpotFactory(starts_on=timezone.localdate())
    draft = ReleaseFactory(hot_spot=spot, map_png=b"png", alt_en="A map", alt_es="Un mapa")
    assert "map may be given away" in why_not(commander, draft, "approve")
    assert why_not(commander, ReleaseFactory(hot_spot=spot), "approve") == ""
    old = HotSpotFactory()
    redrawn(old, timezone.localdate())
    draft = ReleaseFactory(hot_spot=old, map_png=b"png", alt_en="A map", alt_es="Un mapa")
    assert "map may be given away" in why_not(commander, draft, "approve")


@pytest.mark.parametrize(("days", "channel", "stands"), [(6, "site", False), (7, "site", True), (6, "press", True)])
def test_release_of_a_hot_spot_comes_onto_the_site_after_the_delay(client_as, days, channel, stands):
    today = timezone.localdate()
    spot = HotSpotFactory(starts_on=today - days * DAY, review_on=today + 90 * DAY)
    made = ReleaseFactory(status="public", hot_spot=spot, approved_at=timezone.now())
    entry = {"channel": channel, "language": "en", "published_on": today.isoformat(), "outlet": "Sun"}
    response = client_as("clerk").post(f"/media/{made.pk}/publish/", entry)
    assert (response.status_code == 302) == made.publications.exists() == stands
    assert ("may be on the public pages from" in response.content.decode()) != stands


def test_map_that_would_betray_somebody_is_refused(clerk):
    lonely = HotSpotFactory(places=[AddressFactory(at=(3, 3))])
    words = {f"{name}_{code}": "x" for name in ("title", "body", "post", "alt") for code in ("en", "es")}
    with pytest.raises(CannotMove, match="no map"):
        releases.create(by=clerk, hot_spot=lonely, with_map=True, **words)


@pytest.mark.parametrize("language", ["en", "es"])
def test_release_is_taken_along_only_when_it_is_public(client_as, language):
    client, made = client_as("clerk"), ReleaseFactory(status="public")
    text = client.get(f"/media/{made.pk}/release-{language}.txt").content.decode()
    assert getattr(made, f"title_{language}") in text
    pdf = pypdf.PdfReader(BytesIO(client.get(f"/media/{made.pk}/release-{language}.pdf").content))
    assert pdf.trailer["/Root"]["/Lang"] == language
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert client.get(f"/media/{ReleaseFactory().pk}/release-{language}.txt").status_code == 404


def test_news_are_what_was_put_on_the_site_and_stands(client_as, clerk):
    made = ReleaseFactory(status="public")
    client = client_as(clerk)
    day = timezone.localdate().isoformat()
    Release.objects.filter(pk=made.pk).update(approved_at=timezone.now())
    for _ in range(2):
        client.post(f"/media/{made.pk}/publish/", {"channel": "site", "language": "es", "published_on": day})
    assert [each.release for each in news("es", timezone.localdate())] == [made]
    assert not news("en", timezone.localdate())
    review.withdraw(by=clerk, public=made, why="Wrong.")
    assert not news("es", timezone.localdate())


def test_publication_is_removed_on_its_day_only(client_as):
    today, old = PublicationFactory(), PublicationFactory()
    Publication.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - 2 * DAY)
    for each in (today, old):
        client_as("clerk").post(f"/media/publications/{each.pk}/remove/")
    assert list(Publication.objects.all()) == [old]
    assert AuditEntry.objects.filter(details__what="publication removed").count() == 1


def test_review_list_has_what_is_due_first(client_as, clerk):
    later, due = project(status="public"), ReleaseFactory(status="public", review_on=timezone.localdate())
    ended = project(status="public", hot_spot=HotSpotFactory(ended_on=date(2025, 1, 1)))
    assert [line.is_due for line in media.up_for_review()] == [True, True, False]
    assert media.up_for_review()[-1].public == later
    page = client_as(clerk).get("/public-review/").content.decode()
    assert "The hot spot has ended" in page
    client_as(clerk).post(f"/media/{due.pk}/do/keep/", {"back": "review"})
    due.refresh_from_db()
    assert due.reviewed_by == clerk
    assert due.review_on > timezone.localdate()
    assert AuditEntry.objects.filter(details__what="reviewed and kept").exists()
    assert ended in [line.public for line in media.up_for_review() if line.is_due]


@pytest.mark.parametrize("address", ["/media/", "/public-projects/", "/public-review/"])
def test_lists_take_as_many_queries_for_three_as_for_one(client_as, django_assert_max_num_queries, address):
    from django.test.utils import CaptureQueriesContext

    client, taken = client_as("clerk"), []
    for number in (1, 2):
        for _ in range(number):
            project(status="public")
            PublicationFactory(release__hot_spot=HotSpotFactory())
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        taken.append(len(queries))
    assert taken[0] == taken[1]
