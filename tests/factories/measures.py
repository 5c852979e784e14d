"""Place measures with their details, made as the pages make them: through the actions."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

from django.contrib.gis.geos import Point
from PIL import Image

from tactics.actions import cameras, leases, lighting, permits, trespass
from tactics.catalogue import Tactic
from tactics.models import Impound, LightingItem, Measure, VehiclePermit
from tactics.photos import clean_photo
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import SOUTH, WEST, ComplexFactory
from tests.factories.tactics import MeasureFactory


def clerk() -> Any:
    return UserFactory(roles=["clerk"])


def make_survey(**values: Any) -> Measure:
    measure = MeasureFactory(kind=Tactic.LIGHTING, title="Survey the lights", **values)
    lighting.start_survey(
        by=measure.created_by,
        measure=measure,
        surveyed_at=datetime(2025, 3, 5, 2, tzinfo=UTC),
        with_owner=True,
        with_renters=False,
    )
    measure.refresh_from_db()
    return measure


def make_light(measure: Measure | None = None, photo: Any = None, **values: Any) -> LightingItem:
    measure = measure or make_survey()
    given = {"kind": "parking", "state": "out", "where": "pole 3", "party": "owner", "due_on": date(2025, 3, 20)}
    item = LightingItem(**given | values)
    lighting.save_item(by=measure.created_by, survey=measure.lighting_survey, item=item, photo=photo)
    return item


def make_camera(contact: str = "", **values: Any) -> Measure:
    """At the south-west corner of the made-up town, looking east along Main St."""
    camera = {"kind": "doorbell", "direction": 90, "angle": 90, "reach_m": 30, "keeps_days": 14}
    camera |= {"point": Point(WEST, SOUTH, srid=4326), "consent_on": date(2025, 3, 5)}
    given = {name: values.pop(name) for name in list(values) if name in camera}
    measure = MeasureFactory(kind=Tactic.CAMERAS, title="Ask the owner about the camera", **values)
    made = cameras.register_camera(by=measure.created_by, measure=measure, **camera | given)
    if contact:
        cameras.change_contact(by=measure.created_by, camera=made, contact=contact)
    measure.refresh_from_db()
    return measure


def make_program(**values: Any) -> Measure:
    measure = MeasureFactory(kind=Tactic.VEHICLE_PERMITS, place=ComplexFactory(), title="Parking by permit")
    given = {"starts_on": date(2025, 3, 1), "permits_per_home": 2, "visitor_spaces": 4, "towing_company": ""}
    permits.save_program(by=measure.created_by, measure=measure, **given | values)
    return measure


def make_case(**values: Any) -> Measure:
    by = clerk()
    given = {
        "place": values.pop("place", None) or ComplexFactory(),
        "violation": "disturbance",
        "home_called_for_help": False,
        "on": date(2025, 3, 1),
        "title": "Lease violation: Repeated disturbance",
        "party": "owner",
        "organization": "",
        "note": "",
    }
    return leases.open_case(by=by, measure=None, **given | values)


def make_authorization(signed_on: date = date(2025, 3, 1), **values: Any) -> Measure:
    measure = MeasureFactory(kind=Tactic.TRESPASS, title="Get the authorization signed", **values)
    trespass.record_signature(by=measure.created_by, measure=measure, signed_on=signed_on)
    measure.refresh_from_db()
    return measure


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "orange").save(file, kind, **options)
    return file.getvalue()


def clean_picture() -> Any:
    return clean_photo(BytesIO(picture()))


def make_permit(**values: Any) -> VehiclePermit:
    program = make_program().permit_program
    given = {"homes": ["4B"], "each": 1, "issued_on": date(2025, 3, 2), "expires_on": None}
    return permits.issue_permits(by=program.measure.created_by, program=program, **given | values)[0]


def make_impound() -> Impound:
    program = make_program().permit_program
    by = program.measure.created_by
    return permits.record_impound(by=by, program=program, towed_on=date(2025, 3, 9), warned_on=None, case_number="25-1")
