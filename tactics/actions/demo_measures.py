"""A place measure of each kind for the demo town; one is overdue, one is done."""

import uuid
from datetime import date, datetime, time, timedelta

from accounts.agency import agency_zone
from accounts.models import User
from hotspots.demo import SOURCE, crime
from hotspots.models import Place
from tactics.catalogue import Tactic
from tactics.models import (
    Camera,
    Impound,
    LeaseCase,
    LeaseStep,
    LightingItem,
    LightingSurvey,
    Measure,
    PermitProgram,
    TrespassAuthorization,
    VehiclePermit,
)

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, SOURCE)
NIGHTFALL = time(20, 30)
PERMITS = 40
Party = Measure.Party


def make_measures(by: User, last_day: date) -> int:
    """How many were made."""
    apartments, shop = (place(source_id) for source_id in (crime.APARTMENTS.complex, crime.SHOP.complex))
    light(by, apartments, last_day)
    lamp(by, apartments, last_day)
    for block, direction in zip(crime.BARS.blocks, (95, 265), strict=True):
        camera(by, place(block), direction, last_day)
    permits(by, apartments, last_day)
    lease(by, apartments, last_day)
    trespass(by, shop, last_day)
    upkeep(by, apartments, last_day)
    return Measure.objects.filter(place__source=SOURCE).count()


def place(source_id: str) -> Place:
    return Place.objects.get(source=SOURCE, source_id=source_id)


def identity(name: str) -> uuid.UUID:
    """The same at every making."""
    return uuid.uuid5(NAMESPACE, name)


def measure(by: User, kind: Tactic, at: Place, title: str, **fields: object) -> Measure:
    return Measure.objects.create(
        id=identity(f"{kind} {title} {at.source_id}"), kind=kind, place=at, title=title, created_by=by, **fields
    )


def light(by: User, at: Place, last_day: date) -> None:
    """A survey of which one lamp is mended and two are not: it is overdue."""
    surveyed, due = last_day - timedelta(days=54), last_day - timedelta(days=12)
    survey = LightingSurvey.objects.create(
        measure=measure(
            by,
            Tactic.LIGHTING,
            at,
            "Mend the lights found out in the survey",
            party=Party.OWNER,
            organization="Railside Apartments, office",
            due_on=due,
        ),
        surveyed_at=datetime.combine(surveyed, NIGHTFALL, agency_zone()),
        with_owner=True,
        with_renters=True,
    )
    kinds, states = LightingItem.Kind, LightingItem.State
    items = [
        (kinds.PARKING, states.OUT, "Northwest corner of the lot", None),
        (kinds.ENTRANCE, states.DIM, "Stairs of building C", None),
        (kinds.ENTRANCE, states.OUT, "Stairs of building A", surveyed + timedelta(days=20)),
        (kinds.WALKWAY, states.WORKS, "Between buildings A and B", None),
        (kinds.PARKING, states.WORKS, "South entrance of the lot", None),
    ]
    for number, (kind, state, where, fixed_on) in enumerate(items):
        broken = state != states.WORKS
        LightingItem.objects.create(
            id=identity(f"light {number}"),
            survey=survey,
            kind=kind,
            state=state,
            where=where,
            party=Party.OWNER if broken else "",
            due_on=due if broken else None,
            fixed_on=fixed_on,
        )


def lamp(by: User, at: Place, last_day: date) -> None:
    """Reported from the street; nobody has taken it up yet."""
    measure(
        by,
        Tactic.LIGHTING,
        at,
        "Street light out at the entrance of the lot",
        party=Party.UTILITY,
        status=Measure.Status.REPORTED,
    )


def camera(by: User, at: Place, direction: int, last_day: date) -> None:
    consent_on = last_day - timedelta(days=110)
    registered = measure(
        by,
        Tactic.CAMERAS,
        at,
        "Camera over the entrance",
        party=Party.OWNER,
        due_on=consent_on + timedelta(days=365),
        note="Ask the owner each year whether the consent still holds.",
    )
    Camera.objects.create(
        measure=registered,
        kind=Camera.Kind.CCTV,
        point=at.geometry.interpolate_normalized(0.4),
        direction=direction,
        angle=100,
        reach_m=35,
        keeps_days=14,
        consent_on=consent_on,
        contact="Office on the ground floor, weekdays",
    )


def permits(by: User, at: Place, last_day: date) -> None:
    starts_on = last_day - timedelta(days=75)
    program = PermitProgram.objects.create(
        measure=measure(
            by,
            Tactic.VEHICLE_PERMITS,
            at,
            "Parking by permit, few spaces for visitors",
            party=Party.MANAGER,
            organization="Railside Apartments, office",
            due_on=last_day + timedelta(days=15),
            note="Count vehicles without a permit after a quarter.",
        ),
        starts_on=starts_on,
        permits_per_home=1,
        visitor_spaces=6,
        towing_company="Towing company of the city's list",
    )
    VehiclePermit.objects.bulk_create(
        VehiclePermit(
            program=program,
            number=f"R{number:03}",
            home=f"{1 + number // 12}{1 + number % 12:02}",
            issued_on=starts_on - timedelta(days=7),
            expires_on=starts_on + timedelta(days=358),
        )
        for number in range(PERMITS)
    )
    Impound.objects.bulk_create(
        Impound(
            program=program, towed_on=last_day - timedelta(days=days), warned_on=last_day - timedelta(days=days + 2)
        )
        for days in (9, 31, 33)
    )


def lease(by: User, at: Place, last_day: date) -> None:
    """Notice was given; the next step has its day. The home's own calls are no part of it."""
    told, noticed = last_day - timedelta(days=41), last_day - timedelta(days=18)
    due = noticed + timedelta(days=30)
    case = LeaseCase.objects.create(
        measure=measure(
            by,
            Tactic.LEASE_ENFORCEMENT,
            at,
            "Repeated disturbance and drug activity at one home",
            party=Party.OWNER,
            organization="Railside Apartments, office",
            due_on=due,
        ),
        home="309",
        violation=LeaseCase.Violation.DRUGS,
        home_called_for_help=False,
        stage=LeaseCase.Stage.NOTICE,
    )
    steps = [(LeaseCase.Stage.VIOLATION, told, noticed), (LeaseCase.Stage.NOTICE, noticed, due)]
    for stage, on, next_due_on in steps:
        LeaseStep.objects.create(case=case, stage=stage, on=on, next_due_on=next_due_on, recorded_by=by)


def trespass(by: User, at: Place, last_day: date) -> None:
    signed_on = last_day - timedelta(days=140)
    expires_on = signed_on + timedelta(days=365)
    TrespassAuthorization.objects.create(
        measure=measure(
            by,
            Tactic.TRESPASS,
            at,
            "Renew the authorization before it expires",
            party=Party.OWNER,
            organization="Crossroads Shopping Center",
            due_on=expires_on,
        ),
        signed_on=signed_on,
        expires_on=expires_on,
    )


def upkeep(by: User, at: Place, last_day: date) -> None:
    measure(
        by,
        Tactic.UPKEEP,
        at,
        "Trim the bushes along the north side of the lot",
        party=Party.MANAGER,
        organization="Railside Apartments, office",
        due_on=last_day + timedelta(days=19),
    )
