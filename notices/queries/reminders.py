"""Whom to remind of what, on a day."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.agency import agency_zone
from accounts.models import User
from hotspots.windows import midnight
from notices.models import Agreement, Meeting

SOON = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass
class Digest:
    person: User
    tomorrow: list[Meeting] = field(default_factory=list)
    overdue: list[Agreement] = field(default_factory=list)
    soon: list[Agreement] = field(default_factory=list)


def digests(today: date) -> list[Digest]:
    """For each active person who planned a meeting that is tomorrow, or at which something late or due was agreed."""
    by_person: dict[User, Digest] = {}
    meetings: dict[User, list[Meeting]] = defaultdict(list)
    for meeting in tomorrows(today):
        meetings[meeting.created_by].append(meeting)
    for person, found in meetings.items():
        by_person.setdefault(person, Digest(person)).tomorrow = found
    for agreement in due(today):
        digest = by_person.setdefault(agreement.meeting.created_by, Digest(agreement.meeting.created_by))
        late = agreement.measure.due_on and agreement.measure.due_on < today
        (digest.overdue if late else digest.soon).append(agreement)
    return [digest for person, digest in by_person.items() if person.is_active]


def tomorrows(today: date) -> list[Meeting]:
    zone = agency_zone()
    first, after = midnight(today + DAY, zone), midnight(today + 2 * DAY, zone)
    found = Meeting.objects.planned().filter(starts_at__gte=first, starts_at__lt=after)
    return list(found.select_related("place", "created_by").order_by("starts_at", "pk"))


def due(today: date) -> list[Agreement]:
    """Open, and late or due within a week, the earliest first."""
    found = Agreement.objects.filter(measure__status="open", measure__due_on__lte=today + SOON)
    related = found.select_related("measure__place", "meeting__created_by")
    return list(related.order_by("measure__due_on", "pk"))
