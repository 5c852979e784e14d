"""Making a briefing: its roster is drawn, the page becomes a PDF, and the PDF is kept as it was handed out."""

import logging
from datetime import date, datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.agency import agency_zone, current_agency
from accounts.models import AuditEntry, User
from tactics.actions import rosters
from tactics.models import Briefing, Shift
from tactics.queries import briefings as queries
from tactics.queries.rosters import ShiftOfDay, shift_of_day

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=14)  # how far ahead a roster may be drawn for its briefing
BEFORE_SHIFT = timedelta(hours=1)  # when a briefing that nobody made is made


class CannotBrief(Exception):
    """The briefing cannot be made; the text says why, for the page."""


def make(*, by: User, shift: Shift, day: date) -> Briefing:
    """Make the briefing of a shift that is not over, with the roster that it needs; again makes another one."""
    now = timezone.now()
    check_can_make(shift, day, now)
    rosters.draw(by=by, shift=shift, day=day)
    return store(by=by, shift=shift, day=day, pdf=as_pdf(shift, day, now, by))


def make_due(now: datetime) -> list[Briefing]:
    """Make the briefings of shifts that start within the hour, where nobody has; again, or twice at once, makes none.

    One that fails stops no other; the next round tries it again.
    """
    made = []
    for on_duty in queries.unbriefed(now, BEFORE_SHIFT):
        try:
            briefing = make_once(on_duty, now)
        except (OperationalError, InterfaceError):  # the database is away: for all of them
            raise
        except Exception:
            logger.exception("The briefing of %s on %s cannot be made", on_duty.shift, on_duty.day)
        else:
            made += [briefing] if briefing else []
    return made


def make_once(on_duty: ShiftOfDay, now: datetime) -> Briefing | None:
    """By the system itself; None where somebody has made one meanwhile."""
    rosters.draw(by=None, shift=on_duty.shift, day=on_duty.day)
    pdf = as_pdf(on_duty.shift, on_duty.day, now, None)
    with transaction.atomic():
        Shift.objects.select_for_update().get(pk=on_duty.shift.pk)
        if Briefing.objects.filter(shift=on_duty.shift, day=on_duty.day).exists():
            return None
        return store(by=None, shift=on_duty.shift, day=on_duty.day, pdf=pdf)


@transaction.atomic
def store(*, by: User | None, shift: Shift, day: date, pdf: bytes) -> Briefing:
    """Keep a PDF as it is; `by=None` is the system itself."""
    briefing = Briefing.objects.create(shift=shift, day=day, made_by=by, pdf=pdf)
    record(
        by=by,
        action=AuditEntry.Action.BRIEFING_MADE,
        subject=briefing,
        briefing=briefing.pk,
        shift=shift.name,
        day=day.isoformat(),
    )
    return briefing


def as_pdf(shift: Shift, day: date, now: datetime, by: User | None) -> bytes:
    """The page as it stands now, in the agency's time and first language."""
    from tactics import pdf  # takes most of a second to load, and only who prints needs it

    agency = current_agency()
    with timezone.override(agency_zone()), translation.override(agency.languages[0] if agency.languages else "en"):
        context = {
            "sheet": queries.sheet(shift, day, now),
            "agency": agency,
            "made_at": now,
            "made_by": by,
            "origin": pdf.ORIGIN,
        }
        return pdf.make(render_to_string("tactics/briefings/print.html", context))


def check_can_make(shift: Shift, day: date, now: datetime) -> None:
    if not shift.is_active:
        raise CannotBrief(_("This shift is no longer in use."))
    on_duty = shift_of_day(shift, day)
    if on_duty.ends_at <= now:
        raise CannotBrief(_("This shift is over. What was made for it can be printed again."))
    if on_duty.starts_at > now + AHEAD:
        raise CannotBrief(
            _("This shift is more than %(days)s days ahead. Make its briefing later.") % {"days": AHEAD.days}
        )


def why_not(shift: Shift, day: date, now: datetime) -> str:
    """Empty where the briefing can be made."""
    try:
        check_can_make(shift, day, now)
    except CannotBrief as error:
        return str(error)
    return ""
