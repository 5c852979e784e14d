"""What the clerk of the demo town did: owners, letters out and waiting, meetings, and what the public may read."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pgtrigger
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone

from accounts.agency import agency_zone
from accounts.models import User
from accounts.roles import Role
from hotspots.demo import SOURCE, crime
from hotspots.demo.registry import Say
from hotspots.models import HotSpot, Place
from notices.actions import (
    batches,
    help_requests,
    making,
    meetings,
    minutes,
    projects,
    releases,
    returns,
    review,
    walks,
)
from notices.models import (
    Batch,
    HelpRequest,
    LetterTemplate,
    Mailbox,
    Meeting,
    OptOut,
    Owner,
    Ownership,
    PublicProject,
    Release,
)
from notices.topics import CHECKLIST
from notices.wording import Facts, release_texts
from tactics.actions.demo_measures import place as place_of
from tactics.catalogue import Tactic

STREET, CITY, STATE, ZIP_CODE = "1 EXAMPLE PLZ", "PARSONS", "KS", "67357"
LANDLORD_HOMES = 6
AREA = {
    "en": {"area": "the blocks around the Railside Apartments"},
    "es": {"area": "las cuadras alrededor de los apartamentos Railside"},
}
APARTMENTS = {"en": "the Railside Apartments", "es": "los apartamentos Railside"}
NIGHTS_ES = "La calle Main, noches de fin de semana"
CONTACT = {"contact_name": "Clara Clerk", "contact_phone": "620-555-0100"}
WALK = ("needs_work", "good", "good", "needs_work", "good", "not_seen")


@transaction.atomic
def make_demo(*, last_day: date, say: Say) -> None:
    """Nothing changes where it is there."""
    if Owner.objects.filter(source=SOURCE).exists():
        say("letters: there already")
        return
    clerk = User.objects.get(username=Role.CLERK.value)
    commander = User.objects.get(username=Role.COMMANDER.value)
    apartments = HotSpot.objects.get(name=crime.APARTMENTS.name)
    owner = make_owners(apartments)
    number = make_letters(clerk, commander, apartments)
    make_meetings(clerk, apartments, owner, last_day)
    make_public(clerk, commander, apartments)
    say(f"letters: {number} mailed, a batch waits for the commander; 2 meetings, a public project and a release")


def make_owners(apartments: HotSpot) -> Owner:
    """A company with the apartments, another with the shop, and a landlord who asked for e-mail."""
    held = DateRange(apartments.starts_on - timedelta(days=900), None)
    company = make_owner("1", "RAILSIDE RENTALS LLC", care_of="C/O EXAMPLE MANAGEMENT", street=f"{STREET} STE 200")
    shop = make_owner("2", "CORNER SHOP HOLDINGS INC")
    landlord = make_owner(
        "3", "LEE LANDLORD", language="es", email="landlord@example.com", email_asked_on=apartments.starts_on
    )
    homes = Place.objects.filter(source=SOURCE, kind=Place.Kind.ADDRESS, complex=None, unit="").order_by("pk")
    owned = [(company, place_of(crime.APARTMENTS.complex)), (shop, place_of(crime.SHOP.complex))]
    owned += [(landlord, home) for home in homes[:LANDLORD_HOMES]]
    Ownership.objects.bulk_create(
        Ownership(owner=owner, place=place, source=SOURCE, valid=held, parcel=f"P-{place.pk}") for owner, place in owned
    )
    return company


def make_owner(source_id: str, name: str, **values: Any) -> Owner:
    address = {"street": STREET, "city": CITY, "state": STATE, "zip_code": ZIP_CODE}
    return Owner.objects.create(source=SOURCE, source_id=source_id, name=name, **address | values)


def make_letters(clerk: User, commander: User, hot_spot: HotSpot) -> int:
    """An announcement that was mailed, of which two came back, and one to owners that waits for approval."""
    complex_ = place_of(crime.APARTMENTS.complex)
    home = complex_.complex_addresses.order_by("pk").last()
    OptOut.objects.create(place=home, note="Asked at the door", recorded_by=clerk)
    announced = batches.create(
        by=clerk,
        name="Announcement around the Railside Apartments",
        hot_spot=hot_spot,
        version=LetterTemplate.objects.get(slug="neighborhood-announcement").latest(),
        dated=timezone.localdate(),
        fields={language: AREA[language] | CONTACT for language in AREA},
        scope=Batch.Scope.DISTANCE,
        distance_m=120,
    )
    batches.submit(by=clerk, batch=announced)
    batches.approve(by=commander, batch=announced, queue=lambda batch_id: None)
    making.make(batch_id=announced.pk)
    announced.refresh_from_db()
    batches.mark_mailed(by=clerk, batch=announced, on=timezone.localdate())
    back = [f"{announced.code}-{number}" for number in (3, 11)]
    returns.record_return(by=clerk, codes=back, why="vacant", on=timezone.localdate())
    to_owners = batches.copy(by=clerk, batch=announced)
    batches.change(
        by=clerk,
        batch=to_owners,
        name="Owners around the Railside Apartments",
        version=LetterTemplate.objects.get(slug="owner-letter").latest(),
        audience=Batch.Audience.OWNERS,
        language=Batch.Language.OWNERS,
        with_map=False,
    )
    batches.submit(by=clerk, batch=to_owners)
    return announced.letters.count()


def make_meetings(clerk: User, hot_spot: HotSpot, owner: Owner, last_day: date) -> None:
    """One held, with minutes and what was agreed; the next one planned; a request that nobody has looked at."""
    complex_ = place_of(crime.APARTMENTS.complex)
    at: dict[str, Any] = {"by": clerk, "place": complex_, "hot_spot": hot_spot, "owner": owner}
    first = meetings.plan(
        **at, asked_by=Meeting.AskedBy.OWNER, starts_at=noon(last_day - timedelta(days=20)), where="At the office"
    )
    meetings.hold(by=clerk, meeting=first)
    meetings.add_attendee(by=clerk, meeting=first, role="manager", organization="Example Management")
    meetings.add_attendee(by=clerk, meeting=first, role="police", name="Cody Commander")
    meetings.add_issue(by=clerk, meeting=first, what="Cars of nobody who lives here, at night", raised_by="manager")
    meetings.add_issue(by=clerk, meeting=first, what="The parking lot behind building C is dark", raised_by="resident")
    meetings.record_talk(
        by=clerk,
        meeting=first,
        summary="The manager will ask the owner for permits and lights, and walk the lot with us in the evening.",
        tips=["lighting", "permits", "landscaping"],
    )
    for check, finding in zip(CHECKLIST, WALK, strict=False):
        walks.save_checkpoint(by=clerk, meeting=first, item=check, finding=finding, note="", photo=None)
    meetings.agree(
        by=clerk,
        meeting=first,
        kind=Tactic.UPKEEP,
        title="Trim the bushes along building C",
        party="manager",
        due_on=last_day + timedelta(days=10),
    )
    minutes.make_minutes(by=clerk, meeting=first)
    meetings.plan(
        **at, asked_by=Meeting.AskedBy.POLICE, starts_at=noon(last_day + timedelta(days=12)), where="At the office",
        follows=first,
    )  # fmt: skip
    help_requests.receive(
        role=HelpRequest.Role.NEIGHBOR,
        name="",
        contact="620-555-0123",
        where="4th St and Main St",
        message="The street light has been out for weeks, and people are afraid to walk home.",
        language="en",
    )


def make_public(clerk: User, commander: User, hot_spot: HotSpot) -> None:
    """One project that was approved, a draft of another, and a release that is on the public pages."""
    texts = {"name_en": "Railside Apartments", "name_es": "Apartamentos Railside"}
    project = projects.create(by=clerk, hot_spot=hot_spot, **projects.prefilled(hot_spot) | texts)
    review.approve(by=commander, public=project)
    other = HotSpot.objects.exclude(pk=hot_spot.pk).order_by("pk").filter(commander=commander).first()
    if other:
        projects.create(by=clerk, hot_spot=other, **projects.prefilled(other) | {"name_es": NIGHTS_ES})
    facts = Facts(APARTMENTS, hot_spot.starts_on, tuple(project.tactics))
    words = {f"{name}_{language}": text for language in AREA for name, text in release_texts(facts, language).items()}
    release = releases.create(by=clerk, hot_spot=hot_spot, with_map=project.area is not None, facts=facts, **words)
    review.approve(by=commander, public=release)
    for language in AREA:
        releases.publish(
            by=clerk, release=release, channel="site", language=language, published_on=timezone.localdate()
        )


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=agency_zone())


@transaction.atomic
def remove_demo() -> None:
    """Take out all that stands on the town's hot spots and places. What was approved is otherwise never deleted."""
    spots = HotSpot.objects.filter(boundaries__places__source=SOURCE)
    here = Q(hot_spot__in=spots)
    stored = Batch.objects.filter(here | Q(around__source=SOURCE) | Q(letters__place__source=SOURCE))
    doomed = Batch.objects.filter(pk__in=list(stored.values_list("pk", flat=True)))
    files: list[Any] = [batch.pdf for batch in doomed if batch.pdf]
    held = Meeting.objects.filter(Q(place__source=SOURCE) | here)
    files += [meeting.minutes for meeting in held if meeting.minutes]
    files += [point.photo for meeting in held for point in meeting.checkpoints.all() if point.photo]
    with pgtrigger.ignore("notices.Batch:approved_batch_stays", "notices.Letter:approved_letter_is_kept"):
        doomed.delete()
    Release.objects.filter(here).delete()
    PublicProject.objects.filter(here).delete()
    held.delete()
    HelpRequest.objects.all().delete()  # somebody wrote them to the town
    Owner.objects.filter(source=SOURCE).delete()
    Mailbox.objects.filter(place__source=SOURCE).delete()
    OptOut.objects.filter(place__source=SOURCE).delete()
    Ownership.objects.filter(place__source=SOURCE).delete()
    transaction.on_commit(lambda: forget(files))


def forget(files: list[Any]) -> None:
    for file in files:
        file.storage.delete(file.name)
