"""A tip leaves the agency: sealed to a partner's certificate, and each time logged (28 CFR 23)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.agency import current_agency
from accounts.models import AuditEntry, PartnerAgency, User
from tips.actions.inbox import end, lock, note_event
from tips.certificates import fingerprint, read_certificate
from tips.exports import contents, make_zip
from tips.models import PartnerKey, Referral, Tip
from tips.reading import OpenedTip
from tips.sealing.envelopes import digest, envelope
from tips.transitions import CannotMove, check_can_move

Status, Outcome = Tip.Status, Tip.Outcome


@transaction.atomic
def set_partner_key(*, by: User, partner: PartnerAgency, certificate: str) -> PartnerKey:
    """After two people compared the fingerprint."""
    read = read_certificate(certificate, timezone.now())
    key, _made = PartnerKey.objects.update_or_create(
        partner=partner, defaults={"certificate": certificate.strip(), "changed_by": by}
    )
    action = AuditEntry.Action.TIP_KEY_CHANGED
    record(by=by, action=action, subject=partner.name, change="certificate", fingerprint=fingerprint(read))
    return key


def check_can_refer(tip: Tip) -> None:
    """To a second partner too; what has ended otherwise is reopened first."""
    if tip.status != Status.REFERRED:
        check_can_move(tip, Status.REFERRED, Outcome.SENT_TO_PARTNER, referred=True)


@transaction.atomic
def refer(
    *,
    by: User,
    opened: OpenedTip,
    key: PartnerKey,
    why: str,
    parts: Sequence[str],
    photos: Sequence[bytes],
    seen: int | None = None,
) -> tuple[Referral, bytes]:
    """The log's row, and the sealed file, which is kept nowhere here. An expired certificate is refused (CannotUse)."""
    tip = lock(opened.tip, seen=seen, by=by)
    check_can_refer(tip)
    if any(part.broken for part in opened.parts):
        raise CannotMove(_("A part of it cannot be opened, so that nobody would know what is sent."))
    certificate = read_certificate(key.certificate, timezone.now())
    sealed = envelope(certificate, make_zip(opened, parts, photos, current_agency().name))
    what = contents(opened, parts)
    referral = Referral.objects.create(
        tip=tip,
        tip_short=tip.short,
        partner=key.partner,
        partner_name=key.partner.name,
        by=by,
        why=why,
        what=what,
        digest=digest(sealed),
    )
    if tip.status == Status.REFERRED:
        note_event(tip, by, "sent to another partner")
    else:
        end(by=by, tip=tip, status=Status.REFERRED, outcome=Outcome.SENT_TO_PARTNER, referred=True)
    action = AuditEntry.Action.TIP_REFERRED
    record(by=by, action=action, subject=tip, partner=key.partner.name, why=why, what=what, sha256=referral.digest)
    return referral, sealed


@transaction.atomic
def exported_log(*, by: User, number: int) -> None:
    record(by=by, action=AuditEntry.Action.EXPORTED, subject="referrals of tips", rows=number)
