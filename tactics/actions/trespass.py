"""Trespass authorizations: they end after twelve months or with the owner, and are renewed by a new signature."""

from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from tactics.actions.measures import audit, check_is_open, close, locked
from tactics.clocks import trespass_expiry
from tactics.measure_transitions import CannotMove
from tactics.models import Measure, TrespassAuthorization


@transaction.atomic
def record_signature(*, by: User, measure: Measure, signed_on: date) -> TrespassAuthorization:
    """The owner signed, for the first time or anew; the clock starts on that day."""
    measure = locked(measure)
    check_is_open(measure)
    before = TrespassAuthorization.objects.filter(measure=measure).first()
    if before and signed_on <= before.signed_on:
        words = _("The authorization now was signed on %(day)s. A renewal is signed after that.")
        raise CannotMove(words % {"day": date_format(before.signed_on, "M j, Y")})
    expires_on = trespass_expiry(signed_on)
    authorization, is_new = TrespassAuthorization.objects.update_or_create(
        measure=measure,
        defaults={"signed_on": signed_on, "expires_on": expires_on, "ended_on": None, "owner_changed": False},
    )
    measure.due_on, measure.party = expires_on, Measure.Party.OWNER
    measure.save(update_fields=["due_on", "party"])
    audit(by, measure, "authorization signed" if is_new else "authorization renewed", expires_on=expires_on.isoformat())
    return authorization


@transaction.atomic
def end_authorization(*, by: User, authorization: TrespassAuthorization, ended_on: date, owner_changed: bool) -> None:
    """The owner took it back, or the property has a new owner, who has to sign one of their own."""
    measure = locked(authorization.measure)
    check_is_open(measure)
    if ended_on < authorization.signed_on:
        raise CannotMove(_("This is before the authorization was signed."))
    authorization.ended_on, authorization.owner_changed = ended_on, owner_changed
    authorization.save(update_fields=["ended_on", "owner_changed"])
    outcome = _("Ended: the property has a new owner") if owner_changed else _("Ended by the owner")
    close(by, measure, Measure.Status.DONE, outcome)
    audit(by, measure, "authorization ended", owner_changed=owner_changed, ended_on=ended_on.isoformat())
