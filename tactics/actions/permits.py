"""Parking by permit at a complex. Numbers and homes are kept; no plate and no name."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from tactics.actions.measures import audit, check_is_open, locked
from tactics.measure_transitions import CannotMove
from tactics.models import Impound, Measure, PermitProgram, VehiclePermit


@transaction.atomic
def save_program(*, by: User, measure: Measure, **values: Any) -> PermitProgram:
    """Start the program, or change its rules: starts_on, permits_per_home, visitor_spaces, towing_company."""
    measure = locked(measure)
    check_is_open(measure)
    program, is_new = PermitProgram.objects.update_or_create(measure=measure, defaults=values)
    audit(by, measure, "permit program started" if is_new else "permit program changed")
    return program


@transaction.atomic
def issue_permits(
    *, by: User, program: PermitProgram, homes: Sequence[str], each: int, issued_on: date, expires_on: date | None
) -> list[VehiclePermit]:
    """So many permits for each home, numbered on from the last. All or none: the limit of a home is checked first."""
    measure = locked(program.measure)
    check_is_open(measure)
    held = Counter(valid_permits(program, issued_on).values_list("home", flat=True))
    asked = Counter(dict.fromkeys(homes, each))
    over = sorted(home for home in asked if held[home] + asked[home] > program.permits_per_home)
    if over:
        words = _("A home may have %(most)s. These would have more: %(homes)s. Take back a permit first.")
        named = ", ".join(f"{home} ({held[home]} now)" for home in over[:20])
        raise CannotMove(words % {"most": program.permits_per_home, "homes": named})
    numbers = VehiclePermit.objects.filter(program=program).values_list("number", flat=True)
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    to_whom = [home for home in asked for _each in range(each)]
    permits = VehiclePermit.objects.bulk_create(
        VehiclePermit(
            program=program, number=f"{last + place:04}", home=home, issued_on=issued_on, expires_on=expires_on
        )
        for place, home in enumerate(to_whom, 1)
    )
    audit(by, measure, "permits issued", first=permits[0].number, last=permits[-1].number, homes=len(asked))
    return permits


def valid_permits(program: PermitProgram, on: date) -> Any:
    """Neither returned nor expired."""
    return VehiclePermit.objects.filter(Q(expires_on=None) | Q(expires_on__gt=on), program=program, returned_on=None)


@transaction.atomic
def set_returned(*, by: User, permit: VehiclePermit, returned_on: date | None) -> None:
    """A permit came back, or (None) did not after all."""
    measure = locked(permit.program.measure)
    check_is_open(measure)
    if returned_on is None:
        held = valid_permits(permit.program, timezone.localdate()).filter(home=permit.home).count()
        if held >= permit.program.permits_per_home:
            words = _("Home %(home)s has as many permits as it may. Take back another first.")
            raise CannotMove(words % {"home": permit.home})
    permit.returned_on = returned_on
    permit.save(update_fields=["returned_on"])
    audit(by, measure, "permit returned" if returned_on else "permit valid again", number=permit.number)


@transaction.atomic
def record_impound(
    *, by: User, program: PermitProgram, towed_on: date, warned_on: date | None, case_number: str
) -> Impound:
    measure = locked(program.measure)
    check_is_open(measure)
    impound = Impound.objects.create(program=program, towed_on=towed_on, warned_on=warned_on, case_number=case_number)
    audit(by, measure, "vehicle towed", towed_on=towed_on.isoformat(), case_number=case_number)
    return impound


@transaction.atomic
def remove_impound(*, by: User, impound: Impound) -> None:
    """Entered by mistake; the trail keeps it."""
    measure = locked(impound.program.measure)
    audit(by, measure, "towed vehicle removed", towed_on=impound.towed_on.isoformat())
    impound.delete()
