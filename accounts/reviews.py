"""The weekly review of the trail. Itself an entry of the trail; like that it is added and never changed."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from accounts import weeks
from accounts.actions import record
from accounts.models import AuditEntry, AuditReview, AuditReviewNote, User


class CannotReview(Exception):
    """With a sentence for the page."""


def check_can_review(week: date, on: date) -> None:
    over, reviewed = weeks.weeks(on)
    if week in reviewed:
        raise CannotReview(_("This week was reviewed already."))
    if week not in over:
        raise CannotReview(_("This week is not over yet."))


def can_review(week: date, on: date) -> bool:
    try:
        check_can_review(week, on)
    except CannotReview:
        return False
    return True


@transaction.atomic
def review_week(*, by: User, week: date, note: str = "") -> AuditReview:
    """Say that somebody looked through a week, with the range of entries that were there."""
    check_can_review(week, weeks.today())
    there = weeks.entries_of(week).aggregate(entries=Count("pk"), first_entry=Min("pk"), last_entry=Max("pk"))
    try:
        with transaction.atomic():
            review = AuditReview.objects.create(week=week, reviewed_by=by, **there)
    except IntegrityError:  # somebody else did, between the check and here
        raise CannotReview(_("This week was reviewed already.")) from None
    record(by=by, action=AuditEntry.Action.AUDIT_REVIEWED, subject=review, **there)
    if note:
        AuditReviewNote.objects.create(review=review, text=note, written_by=by)
    return review


@transaction.atomic
def add_note(*, by: User, review: AuditReview, note: str) -> AuditReviewNote:
    """Another note to a week that was reviewed, by whoever may read the trail."""
    added = AuditReviewNote.objects.create(review=review, text=note, written_by=by)
    record(by=by, action=AuditEntry.Action.AUDIT_REVIEWED, subject=review, change="added a note")
    return added
