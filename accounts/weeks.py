"""The trail by weeks, Monday to Sunday in the agency's zone: which wait for a review, and what stands out in one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import ExtractHour, TruncWeek
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.agency import agency_zone
from accounts.models import AuditEntry, AuditReview, User

Action = AuditEntry.Action
WEEK, LAST_DAY = timedelta(days=7), timedelta(days=6)
NIGHT = Q(hour__gte=22) | Q(hour__lt=6)
REMOVED = "removed"  # how the details of every removed factor begin
# Nobody is signed in yet, or somebody else did it: whom it is about says more than who did it.
ABOUT_SOMEBODY = [Action.SIGN_IN_FAILED, Action.SIGN_IN_LOCKED, Action.SECOND_FACTOR_CHANGED]
# What a reviewer looks at first: its title, the action, and which of the flags of `_grouped` it must have, if any.
LOOKS: list[tuple[str | Promise, Action, str]] = [
    (_("Lock-outs"), Action.SIGN_IN_LOCKED, ""),
    (_("Failed sign-ins"), Action.SIGN_IN_FAILED, ""),
    (_("Second factors removed"), Action.SECOND_FACTOR_CHANGED, "removed"),
    (_("People added"), Action.PERSON_ADDED, ""),
    (_("People changed"), Action.PERSON_CHANGED, ""),
    (_("Exports"), Action.EXPORTED, ""),
    (_("Tips sent to a partner"), Action.TIP_REFERRED, ""),
    (_("Tips opened"), Action.TIP_OPENED, ""),
    (_("Searches in tips"), Action.TIPS_SEARCHED, ""),
    (_("Changes of who can open tips"), Action.TIP_KEY_CHANGED, ""),
    (_("Sign-ins between 22:00 and 6:00"), Action.SIGNED_IN, "night"),
    (_("Reading the audit trail"), Action.AUDIT_READ, ""),
]
COMING_AND_GOING = {Action.SIGNED_IN, Action.SIGNED_OUT, Action.AUDIT_READ, Action.AUDIT_REVIEWED}


def today() -> date:
    return timezone.localdate(timezone=agency_zone())


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def starts_at(day: date) -> datetime:
    return datetime.combine(day, time.min, agency_zone())


def weeks(on: date) -> tuple[list[date], set[date]]:
    """Of each week that is over, from that of the first entry on, its Monday, newest first; and those reviewed."""
    reviewed = ArraySubquery(AuditReview.objects.order_by().values("week"))
    row = AuditEntry.objects.order_by("at").values_list("at", reviewed).first()
    if row is None:
        return [], set()
    first = monday_of(timezone.localdate(row[0], agency_zone()))
    over = (monday_of(on) - first).days // 7
    return [monday_of(on) - WEEK * (ago + 1) for ago in range(over)], set(row[1])


def waiting(on: date) -> list[date]:
    """The weeks that are over and that nobody reviewed."""
    over, reviewed = weeks(on)
    return [week for week in over if week not in reviewed]


def is_overdue(week: date, on: date) -> bool:
    """A week is to be reviewed within the next."""
    return week + 2 * WEEK <= on


def number_waiting(user: User) -> int:
    return len(waiting(today()))


def entries_of(week: date) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(at__gte=starts_at(week), at__lt=starts_at(week + WEEK))


def numbers_of(some: Iterable[date]) -> dict[date, int]:
    """How many entries each of some weeks has, which lie near each other."""
    listed = sorted(some)
    if not listed:
        return {}
    found = AuditEntry.objects.filter(at__gte=starts_at(listed[0]), at__lt=starts_at(listed[-1] + WEEK)).order_by()
    by_week = found.values(week=TruncWeek("at", tzinfo=agency_zone(), output_field=DateField()))
    return dict(by_week.annotate(number=Count("pk")).values_list("week", "number"))


@dataclass(frozen=True)
class Tally:
    """A number of entries, of whom, and the query that shows them on the page of the trail."""

    title: str | Promise
    number: int
    query: str
    whose: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Summary:
    """`notable`: what a reviewer looks at first; `absent`: the titles of what there was none of."""

    number: int
    notable: list[Tally]
    absent: list[str | Promise]
    by_action: list[Tally]
    by_person: list[Tally]
    own: int


def query_of(week: date, **more: Any) -> str:
    """A week on the page of the trail."""
    return urlencode({"first": week.isoformat(), "last": (week + LAST_DAY).isoformat(), **more})


def summary(week: date, reader: User) -> Summary:
    """What a week of the trail holds, in two queries however long it is. `own`: how much of it the reader changed."""
    rows = list(_grouped(week))
    people = User.objects.in_bulk({row["actor"] for row in rows} - {None})
    notable, absent = [], []
    for title, action, flag in LOOKS:
        whose = Counter[Any]()
        for row in rows:
            if row["action"] == action and (not flag or row[flag]):
                whose[row["concerning"] or people.get(row["actor"], _("System"))] += row["number"]
        if whose:
            tallied = tuple(sorted(((str(who), n) for who, n in whose.items()), key=lambda each: (-each[1], each[0])))
            notable.append(Tally(title, whose.total(), query_of(week, action=action), tallied))
        else:
            absent.append(title)
    by_action, by_person = Counter[str](), Counter[int | None]()
    for row in rows:
        by_action[row["action"]] += row["number"]
        by_person[row["actor"]] += row["number"]
    labels = dict(Action.choices)
    return Summary(
        number=by_action.total(),
        notable=notable,
        absent=absent,
        by_action=[
            Tally(labels.get(name, name), n, query_of(week, action=name)) for name, n in by_action.most_common()
        ],
        by_person=[
            Tally(str(people[pk]), n, query_of(week, person=pk)) if pk else Tally(_("System"), n, "")
            for pk, n in by_person.most_common()
        ],
        own=sum(row["number"] for row in rows if row["actor"] == reader.pk and row["action"] not in COMING_AND_GOING),
    )


def _grouped(week: date) -> Any:
    """Numbers by action, person, day or night, and whom it was about where that says more."""
    timed = entries_of(week).order_by().annotate(hour=ExtractHour("at", tzinfo=agency_zone()))
    told = timed.annotate(
        night=Case(When(NIGHT, then=True), default=False),
        removed=Case(When(details__change__startswith=REMOVED, then=True), default=False),
        concerning=Case(When(action__in=ABOUT_SOMEBODY, then=F("subject")), default=Value("")),
    )
    return told.values("action", "actor", "night", "removed", "concerning").annotate(number=Count("pk"))
