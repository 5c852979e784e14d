"""The camera registry. Who to ask for a recording is for detectives alone, and each look at it is recorded."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from tactics.actions.measures import audit, check_is_open, close, locked
from tactics.clocks import consent_due
from tactics.measure_transitions import CannotMove
from tactics.models import Camera, Measure


@transaction.atomic
def register_camera(*, by: User, measure: Measure, **values: Any) -> Camera:
    """Enter a camera with its owner's consent, or correct what was entered. The consent is asked for again in time.

    `values`: kind, point, direction, angle, reach_m, keeps_days, consent_on. The contact has its own action."""
    measure = locked(measure)
    check_is_open(measure)
    camera, is_new = Camera.objects.update_or_create(measure=measure, defaults=values)
    if is_new or measure.due_on is None or measure.due_on < consent_due(camera.consent_on):
        measure.due_on, measure.party = consent_due(camera.consent_on), Measure.Party.OWNER
        measure.save(update_fields=["due_on", "party"])
    audit(by, measure, "camera registered" if is_new else "camera changed")
    return camera


@transaction.atomic
def confirm_consent(*, by: User, camera: Camera, confirmed_on: date) -> None:
    """The owner was asked again and still agrees."""
    measure = locked(camera.measure)
    check_is_open(measure)
    if confirmed_on < camera.consent_on:
        raise CannotMove(_("This is before the consent was given."))
    measure.due_on = consent_due(confirmed_on)
    measure.save(update_fields=["due_on"])
    audit(by, measure, "consent confirmed", confirmed_on=confirmed_on.isoformat())


@transaction.atomic
def withdraw_consent(*, by: User, camera: Camera, withdrawn_on: date) -> None:
    """The owner no longer agrees: the contact is deleted at once, and the camera is off the map."""
    measure = locked(camera.measure)
    check_is_open(measure)
    if withdrawn_on < camera.consent_on:
        raise CannotMove(_("This is before the consent was given."))
    Camera.objects.filter(pk=camera.pk).update(withdrawn_on=withdrawn_on, contact="")
    close(by, measure, Measure.Status.DROPPED, _("Consent withdrawn"))
    audit(by, measure, "consent withdrawn", withdrawn_on=withdrawn_on.isoformat())


@transaction.atomic
def read_contact(*, by: User, camera: Camera, reason: str) -> str:
    """The contact of a camera's owner, against an entry in the trail."""
    contact = Camera.objects.values_list("contact", flat=True).get(pk=camera.pk)
    action = AuditEntry.Action.CAMERA_CONTACT_READ
    record(by=by, action=action, subject=camera, measure=str(camera.pk), reason=reason)
    return contact


@transaction.atomic
def change_contact(*, by: User, camera: Camera, contact: str) -> None:
    """Enter who to ask, or delete it, which is possible at any time."""
    measure = locked(camera.measure)
    if Camera.objects.get(pk=camera.pk).withdrawn_on:
        raise CannotMove(_("The owner withdrew the consent. No contact is kept."))
    if contact:
        check_is_open(measure)
    Camera.objects.filter(pk=camera.pk).update(contact=contact)
    audit(by, measure, "contact changed" if contact else "contact deleted")
