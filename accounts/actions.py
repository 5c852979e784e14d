import secrets
from collections.abc import Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.agency import forget_agency
from accounts.models import AgencyProfile, AuditEntry, PartnerAgency, User
from accounts.roles import Role

Action = AuditEntry.Action
UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # no l, o, i, 0, 1: passwords are read out and typed


def record(*, by: User | None, action: AuditEntry.Action, subject: object = "", **details: Any) -> AuditEntry:
    """Add a row to the audit trail; called inside the transaction of what it records.

    `by=None` is the system itself."""
    return AuditEntry.objects.create(actor=by, action=action, subject=str(subject)[:200], details=details)


def one_time_password() -> str:
    """Sixteen characters in groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(UNMISTAKABLE) for _ in range(4)) for _ in range(4))


@transaction.atomic
def add_person(*, by: User | None, username: str, roles: Sequence[str], **names: str) -> tuple[User, str]:
    """Make a sign-in; returns the person and the one-time password, which is kept nowhere."""
    password = one_time_password()
    person = User(username=username, roles=sorted(roles), password_is_temporary=True, **names)
    person.set_password(password)
    person.full_clean(exclude=["password"])
    person.save()
    record(by=by, action=Action.PERSON_ADDED, subject=person.username, roles=person.roles)
    return person, password


@transaction.atomic
def change_person(*, by: User, person: User, roles: Sequence[str], **names: str) -> User:
    person = User.objects.select_for_update().get(pk=person.pk)
    before = {"roles": person.roles, **{name: getattr(person, name) for name in names}}
    after = {"roles": sorted(roles), **names}
    changed = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    if changed:
        if Role.ADMINISTRATOR not in after["roles"]:
            _check_an_administrator_remains(person)
        for name, value in after.items():
            setattr(person, name, value)
        person.save(update_fields=list(after))
        record(by=by, action=Action.PERSON_CHANGED, subject=person.username, changed=changed)
    return person


@transaction.atomic
def set_active(*, by: User, person: User, active: bool) -> None:
    """Switch a sign-in off, which ends its sessions at once, or on again."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if not active:
        _check_an_administrator_remains(person)
    person.is_active = active
    if active:
        person.enabled_at = timezone.now()
    person.save(update_fields=["is_active", "enabled_at"])
    record(by=by, action=Action.PERSON_CHANGED, subject=person.username, changed={"active": [not active, active]})


@transaction.atomic
def release_lock(*, by: User | None, person: User) -> None:
    """Let a person sign in again after failed attempts or long disuse."""
    User.objects.filter(pk=person.pk).update(locked_at=None, enabled_at=timezone.now())
    record(by=by, action=Action.PERSON_CHANGED, subject=person.username, changed={"locked": [True, False]})


@transaction.atomic
def reset_sign_in(*, by: User | None, person: User, second_factor: bool) -> str:
    """A new one-time password, which ends the person's sessions; with `second_factor`, that is to be set up anew too.

    A second factor is never removed by itself: who knows the password could then set up one of their own.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    password = one_time_password()
    person.set_password(password)
    person.password_is_temporary, person.locked_at, person.enabled_at = True, None, timezone.now()
    person.save(update_fields=["password", "password_is_temporary", "locked_at", "enabled_at"])
    record(by=by, action=Action.PASSWORD_CHANGED, subject=person.username, change="one-time password")
    if second_factor:
        Authenticator.objects.filter(user=person).delete()
        record(by=by, action=Action.SECOND_FACTOR_CHANGED, subject=person.username, change="removed all")
    return password


def _check_an_administrator_remains(person: User) -> None:
    administrators = User.objects.select_for_update().filter(is_active=True, roles__contains=[Role.ADMINISTRATOR])
    if not any(other.pk != person.pk for other in administrators):
        raise ValidationError(_("This is the last administrator. Make somebody else administrator first."))


@transaction.atomic
def change_agency(*, by: User, agency: AgencyProfile, changed: Sequence[str]) -> AgencyProfile:
    agency.pk = 1
    agency.save()
    record(by=by, action=Action.AGENCY_CHANGED, subject=agency.name, changed=list(changed))
    transaction.on_commit(forget_agency)
    return agency


@transaction.atomic
def save_partner(*, by: User, partner: PartnerAgency) -> PartnerAgency:
    change = "changed partner" if partner.pk else "added partner"
    partner.save()
    record(by=by, action=Action.AGENCY_CHANGED, subject=partner.name, change=change)
    return partner


@transaction.atomic
def remove_partner(*, by: User, partner: PartnerAgency) -> None:
    record(by=by, action=Action.AGENCY_CHANGED, subject=partner.name, change="removed partner")
    partner.delete()
