"""Minutes and agendas as PDF. Minutes are kept as they were handed out; after a change they are made anew."""

import hashlib
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.agency import agency_zone, current_agency
from accounts.models import User
from notices.actions.meetings import audit, locked
from notices.agendas import in_words
from notices.models import Checkpoint, Meeting
from notices.queries.meetings import agreements_of, seen_on, walk_of
from notices.topics import TOPICS
from notices.transitions_meetings import CannotMove

PHOTO_SIDE, PHOTO_QUALITY = 640, 80  # a small figure on paper


@transaction.atomic
def make_minutes(*, by: User, meeting: Meeting) -> bool:
    """Make the minutes and keep them; False where nothing has changed since they were made, and they stay."""
    meeting = locked(meeting)
    if meeting.status != Meeting.Status.HELD:
        raise CannotMove(_("Minutes are made of a meeting that was held. Mark it as held first."))
    pdf = minutes_pdf(meeting)
    digest = hashlib.sha256(pdf).hexdigest()
    is_new = digest != meeting.minutes_digest
    if is_new:
        if meeting.minutes:
            storage, name = meeting.minutes.storage, str(meeting.minutes.name)
            transaction.on_commit(lambda: storage.delete(name))
        meeting.minutes_digest, meeting.minutes_by = digest, by
        meeting.minutes.save(f"{meeting.pk}-{digest[:16]}.pdf", ContentFile(pdf), save=False)
        audit(by, meeting, "minutes made", digest=digest)
    meeting.minutes_at = timezone.now()
    meeting.save(update_fields=["minutes", "minutes_digest", "minutes_by", "minutes_at"])
    return is_new


def minutes_pdf(meeting: Meeting) -> bytes:
    """The same record gives the same bytes."""
    return _pdf("notices/meetings/minutes.html", meeting)


def agenda_pdf(meeting: Meeting) -> bytes:
    return _pdf("notices/meetings/print_agenda.html", meeting)


def _pdf(template: str, meeting: Meeting) -> bytes:
    """In the agency's time and first language. The owner's name is on neither; who was there is named as they wish."""
    from tactics import pdf  # takes most of a second to load, and only who prints needs it

    agency = current_agency()
    with timezone.override(agency_zone()), translation.override(agency.languages[0] if agency.languages else "en"):
        context: dict[str, Any] = {
            "meeting": meeting,
            "agenda": in_words(meeting.agenda),
            "attendees": meeting.attendees.all(),
            "issues": meeting.issues.all(),
            "tips": [TOPICS[slug] for slug in meeting.tips if slug in TOPICS],
            "agreements": agreements_of(meeting),
            "walk": seen_on(walk_of(meeting)),
            "pictures": f"{pdf.ORIGIN}walk/",
            "next_meeting": Meeting.objects.filter(follows=meeting).exclude(status="cancelled").first(),
            "agency": agency,
            "origin": pdf.ORIGIN,
        }
        taken = [point for point in meeting.checkpoints.all() if point.photo]
        pictures = {f"{context['pictures']}{point.item}.jpg": picture(point) for point in taken}
        return pdf.make(render_to_string(template, context), pictures)


def picture(checkpoint: Checkpoint) -> bytes:
    """The photo, made small for paper. A photo that is gone is an error: minutes without it would not say so."""
    from PIL import Image

    with checkpoint.photo.open() as file, Image.open(file, formats=("JPEG",)) as image:
        image.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
        small = BytesIO()
        image.convert("RGB").save(small, "JPEG", quality=PHOTO_QUALITY)
    return small.getvalue()
