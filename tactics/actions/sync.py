"""What phones send. An entry is stored once, whatever happens on the way; a repeat gets the answer it got before.

Requests of one officer are taken one after the other: the first holds the officer's row until it has stored entries and
answers in one transaction. What cannot be stored as sent is kept for a supervisor, so that a phone may forget it.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from hotspots.models import HotSpot, Place
from tactics.actions import measures
from tactics.actions.activities import (
    flag,
    is_somewhere,
    locate,
    lock_officers,
    mark_overlaps,
    set_flag,
    store_details,
)
from tactics.actions.entries import Entry, as_instant, entry_key, own_offset, storable
from tactics.catalogue import ASSIGNABLE, MEASURES
from tactics.forms.activities import DETAILS, DetailsForm, errors_in_words
from tactics.measure_transitions import CannotMove
from tactics.models import Activity, Assignment, Measure, Operation, SyncEntry, Unit
from tactics.queries.activities import Known
from tactics.queries.rosters import assignments_met_by

Flag = Activity.Flag
logger = logging.getLogger(__name__)
MOST_ENTRIES = 100
CLOCK_TOLERANCE = timedelta(seconds=120)
AROUND_SHIFT = timedelta(hours=1)  # early to come, late to go
# What others refer to comes first, whatever the order in which a phone has it.
ORDER = {"operation": 0, "start": 1, "log": 2, "end": 3, "cancel": 4, "measure": 5}
STORED, KEPT, OTHER_OFFICER = "stored", "kept", "other_officer"
TITLE_LENGTH, NOTE_LENGTH = Measure._meta.get_field("title").max_length, 2000
# What an entry changes about an activity that is there.
WHERE = ("hot_spot", "place", "point", "accuracy_m", "unit", "assignment", "operation")
BEGUN = (*WHERE, "started_at", "clock_offset_s")
ENDED = ("kind", "ended_at", "note")
VOIDED = ("voided_by", "voided_at", "void_reason")


ENDS_FIRST = gettext_lazy("It ends before it starts.")


class Refused(Exception):
    """Why an entry cannot be stored as sent, in words for a supervisor."""


@dataclass
class Answer:
    state: str = STORED
    words: list[str] = field(default_factory=list)
    activity: Activity | None = None

    def as_data(self, sent_id: Any) -> dict[str, Any]:
        flags = sorted(self.activity.flags) if self.activity else []
        return {"id": sent_id, "state": self.state, "flags": flags, "message": " ".join(self.words)}


def receive(
    *, by: User, device: UUID, sent_at: datetime, entries: Sequence[Any], now: datetime
) -> list[dict[str, Any]]:
    """Store what is new and return an answer for each entry, in their order. `sent_at`: by the phone's clock."""
    entries = [storable(entry) for entry in entries]
    mine = {i: entry for i, entry in enumerate(entries) if not _is_anothers(entry, by)}
    answers = [_not_theirs() | {"id": _id_of(entry)} for entry in entries]
    with transaction.atomic():
        lock_officers([by.pk])
        stored = _answers(by, device, now - sent_at, list(mine.values()), now)
    for i, entry in mine.items():
        answers[i] = stored[entry_key(by.pk, entry)] | {"id": _id_of(entry)}
    return answers


def _is_anothers(entry: Any, by: User) -> bool:
    officer = entry.get("officer") if isinstance(entry, dict) else None
    return isinstance(officer, int) and officer != by.pk


def _id_of(entry: Any) -> Any:
    return entry.get("id") if isinstance(entry, dict) else None


def _answers(by: User, device: UUID, offset: timedelta, sent: Sequence[Any], now: datetime) -> dict[UUID, dict]:
    """Answers by entry: those given before, and those to what is new."""
    by_key = {entry_key(by.pk, entry): entry for entry in reversed(sent)}
    known = {entry.pk: entry for entry in SyncEntry.objects.filter(pk__in=by_key)}
    answers = {key: entry.answer if entry.officer_id == by.pk else _not_theirs() for key, entry in known.items()}
    fresh = [
        _read(entry if isinstance(entry, dict) else {"sent": entry}, key, offset)
        for key, entry in reversed(by_key.items())
        if key not in known
    ]
    return answers | (_store(Source(by, device, offset, now), fresh) if fresh else {})


def _read(sent: dict[str, Any], key: UUID, at_sending: timedelta) -> Entry:
    """By the clock that the phone had when the entry was made, which may not be the one that it has now."""
    own = own_offset(sent, at_sending)
    wrong = abs(own) > CLOCK_TOLERANCE
    return Entry(
        sent,
        key,
        offset=own,
        shift=own if wrong else timedelta(0),
        clock_wrong=wrong or abs(own - at_sending) > CLOCK_TOLERANCE,
    )


def _not_theirs() -> dict[str, Any]:
    words = _("Another officer logged this on this device. It is sent when they sign in.")
    return Answer(OTHER_OFFICER, [words]).as_data(None)


@dataclass(frozen=True)
class Source:
    """Who sent the entries, from which device, by which clock, and when they came."""

    officer: User
    device: UUID
    offset: timedelta
    now: datetime


def _store(source: Source, entries: Sequence[Entry]) -> dict[UUID, dict]:
    """All in a few statements. If one cannot be taken for any reason, each by itself, so that only that one is kept
    aside. Only where the database is away, all wait on the phone."""
    try:
        with transaction.atomic():
            return Batch(source, entries).take()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(entries) > 1:
            return {key: answer for entry in entries for key, answer in _store(source, [entry]).items()}
        answer = Answer(KEPT, [_cannot_be_stored(entries[0], error)])
        _record(source, {entries[0].id: answer}, entries)
        return {entries[0].id: answer.as_data(None)}


def _cannot_be_stored(entry: Entry, error: Exception) -> str:
    if isinstance(error, DatabaseError):
        why = str(error).splitlines()[0]  # without the row itself, which the next line shows
        logger.error("Entry %s cannot be stored: %s", entry.id, why)
        return _("It cannot be stored as it is: %(why)s") % {"why": why}
    logger.exception("Entry %s cannot be read", entry.id)
    return _("It cannot be read.")


def _record(source: Source, answers: dict[UUID, Answer], entries: Sequence[Entry]) -> None:
    SyncEntry.objects.bulk_create(
        SyncEntry(
            id=entry.id,
            officer=source.officer,
            device=source.device,
            activity=entry.uuid("activity"),
            payload=entry.sent,
            made_at=as_instant(entry.sent.get("made_at")) or source.now - source.offset,
            answer=answers[entry.id].as_data(None),
            refused=answers[entry.id].state == KEPT,
        )
        for entry in entries
    )


class Batch:
    """New entries of one officer, taken in memory and stored together.

    What they name is looked up first, in a number of queries that does not grow with the entries."""

    def __init__(self, source: Source, entries: Sequence[Entry]) -> None:
        self.source, self.entries = source, entries
        self.officer, self.now = source.officer, source.now
        self.answers: dict[UUID, Answer] = {}
        self.created: dict[UUID, Activity] = {}
        self.changed: dict[UUID, set[str]] = {}
        self.placed: list[Activity] = []
        self.details: list[tuple[Activity, DetailsForm]] = []
        self.saved_operations: dict[UUID, Operation] = {}
        self.new_operations: set[UUID] = set()
        self.look_up()

    def look_up(self) -> None:
        named = self.named("activity")
        locked = Activity.objects.select_for_update().filter(pk__in=named).order_by("pk")
        self.activities = {activity.pk: activity for activity in locked}
        self.hot_spots = set(self.existing(HotSpot, "hot_spot").values_list("pk", flat=True))
        self.places = set(self.existing(Place, "place").values_list("pk", flat=True))
        self.units = set(self.existing(Unit, "unit").values_list("pk", flat=True))
        self.assignments = {each.pk: each for each in self.existing(Assignment, "assignment").select_related("roster")}
        self.operations = Operation.objects.select_for_update().order_by("pk").in_bulk(self.named("operation"))
        cancels = SyncEntry.objects.filter(activity__in=named - self.activities.keys(), officer=self.officer)
        self.cancelled = {each.activity: each.payload for each in cancels.filter(refused=False, payload__type="cancel")}
        self.known = Known()
        self.ends: dict[UUID | None, list[Any]] = defaultdict(list)
        ended = [activity.pk for activity in self.activities.values() if activity.ended_at]
        earlier = SyncEntry.objects.filter(activity__in=ended, payload__type__in=["end", "log"])
        for each in earlier:
            self.ends[each.activity].append(_said(each.payload))

    def named(self, name: str) -> set[UUID]:
        return {number for entry in self.entries if (number := entry.uuid(name))}

    def existing(self, model: Any, name: str) -> Any:
        return model.objects.filter(pk__in={entry.number(name) for entry in self.entries} - {None})

    def take(self) -> dict[UUID, dict]:
        takers = {
            "operation": self.operation,
            "start": self.start,
            "log": self.log,
            "end": self.end,
            "cancel": self.cancel,
            "measure": self.measure,
        }
        for entry in sorted(self.entries, key=lambda entry: ORDER.get(entry.type, 9)):
            answer = self.answers[entry.id] = Answer()
            try:
                if entry.number("officer") != self.officer.pk:
                    raise Refused(_("It does not say whose it is."))
                if entry.type not in takers:
                    raise Refused(_("There is no such kind of entry."))
                takers[entry.type](entry, answer)
            except Refused as refusal:
                answer.state = KEPT
                answer.words.append(str(refusal))
        self.save()
        _record(self.source, self.answers, self.entries)
        return {key: answer.as_data(None) for key, answer in self.answers.items()}

    def start(self, entry: Entry, answer: Answer) -> None:
        activity = answer.activity = self.mine(entry)
        if activity is None:
            answer.activity = self.begin(entry, answer)
            return
        if Flag.NO_START not in activity.flags:
            answer.words.append(_("It was started before; the first start stands."))
            return
        begun = self.read(entry, answer)
        if activity.ended_at and begun.started_at > activity.ended_at:
            raise Refused(_("It starts after its end, which came before."))
        for name in BEGUN:
            column = getattr(Activity._meta.get_field(name), "attname", name)
            setattr(activity, column, getattr(begun, column))
        activity.flags = [each for each in {*activity.flags, *begun.flags} if each != Flag.NO_START]
        self.placed.append(activity)
        self.touch(activity, *BEGUN)

    def end(self, entry: Entry, answer: Answer) -> None:
        """Complete in itself, so that it can come before its start, which is then filled in when it comes."""
        activity = answer.activity = self.mine(entry)
        ended_at = self.instant(entry, "ended_at", _("It does not say when it ended."))
        if activity is None:
            activity = answer.activity = self.begin(entry, answer, ended_at)
            set_flag(activity, Flag.NO_START, True)
        self.finish(entry, answer, activity, ended_at)

    def log(self, entry: Entry, answer: Answer) -> None:
        """Whole: typed afterwards, or of a moment."""
        activity = answer.activity = self.mine(entry)
        ended_at = self.instant(entry, "ended_at", _("It does not say when it ended."))
        if activity is None:
            activity = answer.activity = self.begin(entry, answer, ended_at)
            if entry.sent.get("recorded") != Activity.Recorded.TIMED:
                activity.recorded = Activity.Recorded.TYPED
        self.finish(entry, answer, activity, ended_at)

    def cancel(self, entry: Entry, answer: Answer) -> None:
        """Started by mistake. One that comes before its start waits for it."""
        activity = answer.activity = self.mine(entry)
        if activity is None:
            self.cancelled[UUID(entry.sent["activity"])] = entry.sent
        elif activity.approved_at:
            raise Refused(_("It is approved. A supervisor can void it."))
        elif activity.voided_at is None:
            self.void(activity, entry.sent)
            self.touch(activity, *VOIDED)

    def operation(self, entry: Entry, answer: Answer) -> None:
        number, hot_spot = entry.uuid("operation"), entry.number("hot_spot")
        if number is None:
            raise Refused(_("It does not say which operation it is."))
        operation = self.operations.get(number)
        ended_at = entry.instant("ended_at")
        if operation is None:
            if hot_spot is None or hot_spot not in self.hot_spots:
                raise Refused(_("An operation needs a hot spot, and this one is not known."))
            operation = Operation(
                id=number,
                hot_spot_id=hot_spot,
                name=entry.text("name", 80),
                coordinator=self.officer,
                started_at=self.instant(entry, "started_at", _("It does not say when it began.")),
            )
            self.new_operations.add(number)
        elif operation.coordinator_id != self.officer.pk:
            raise Refused(_("Somebody else coordinates this operation."))
        if ended_at and ended_at < operation.started_at:
            raise Refused(ENDS_FIRST)
        operation.ended_at = operation.ended_at or ended_at
        self.operations[number] = operation
        self.saved_operations[number] = operation

    def measure(self, entry: Entry, answer: Answer) -> None:
        number, kind, title = entry.uuid("measure"), entry.sent.get("kind"), entry.text("title", TITLE_LENGTH)
        if number is None or kind not in list(MEASURES) or not title:
            raise Refused(_("It does not say what is to be done."))
        place = Place.objects.filter(pk=entry.number("place") or 0).first()
        try:
            measures.report(
                by=self.officer,
                id=number,
                kind=kind,
                place=place,
                point=entry.point(),
                title=title,
                note=entry.text("note", NOTE_LENGTH),
            )
        except CannotMove as refusal:
            raise Refused(str(refusal)) from None

    def mine(self, entry: Entry) -> Activity | None:
        number = entry.uuid("activity")
        if number is None:
            raise Refused(_("It does not say which activity it belongs to."))
        activity = self.activities.get(number)
        if activity is not None and activity.officer_id != self.officer.pk:
            raise Refused(_("This activity is another officer's."))
        return activity

    def instant(self, entry: Entry, name: str, otherwise: str) -> datetime:
        moment = entry.instant(name)
        if moment is None:
            raise Refused(otherwise)
        return moment

    def begin(self, entry: Entry, answer: Answer, ended_at: datetime | None = None) -> Activity:
        activity = self.read(entry, answer)
        if ended_at and ended_at < activity.started_at:
            raise Refused(ENDS_FIRST)
        if activity.pk in self.cancelled:
            self.void(activity, self.cancelled[activity.pk])
        self.activities[activity.pk] = self.created[activity.pk] = activity
        self.placed.append(activity)
        return activity

    def read(self, entry: Entry, answer: Answer) -> Activity:
        """Who, what, where and from when. What an old list of the phone names and is gone, is left out."""
        kind = entry.sent.get("kind")
        if kind not in list(DETAILS):
            raise Refused(_("There is no such kind of activity."))
        hot_spot, place, unit = entry.number("hot_spot"), entry.number("place"), entry.number("unit")
        operation = entry.uuid("operation")
        activity = Activity(
            id=UUID(entry.sent["activity"]),
            kind=kind,
            hot_spot_id=hot_spot if hot_spot in self.hot_spots else None,
            place_id=place if place in self.places else None,
            point=entry.point(),
            accuracy_m=entry.accuracy_m(),
            officer=self.officer,
            unit_id=unit if unit in self.units else None,
            operation_id=operation if operation in self.operations else None,
            started_at=self.instant(entry, "started_at", _("It does not say when it began.")),
            recorded=Activity.Recorded.TIMED,
            clock_offset_s=entry.offset.total_seconds(),
        )
        if not is_somewhere(activity):
            raise Refused(_("It does not say where it was, or only by a number that is not known."))
        set_flag(activity, Flag.HOT_SPOT_CLOSED, bool(hot_spot) and activity.hot_spot_id is None)
        assignment = self.assignments.get(entry.number("assignment") or 0)
        if assignment and _is_visit_of(activity, assignment):
            activity.assignment = assignment
            if assignment.dropped_at:
                answer.words.append(_("This visit had been dropped from the list; it counts all the same."))
        self.check_clock(activity, entry, activity.started_at)
        return activity

    def finish(self, entry: Entry, answer: Answer, activity: Activity, ended_at: datetime) -> None:
        said = _said(entry.sent)
        if activity.ended_at is not None:
            set_flag(activity, Flag.ENDED_TWICE, True)
            self.touch(activity)
            if said not in self.ends[activity.pk]:
                raise Refused(_("It was ended before; the first end stands. This one says something else."))
            return
        self.ends[activity.pk].append(said)
        if ended_at < activity.started_at:
            raise Refused(ENDS_FIRST)
        kind = entry.sent.get("kind", activity.kind)
        if kind not in list(DETAILS):
            raise Refused(_("There is no such kind of activity."))
        activity.kind, activity.ended_at = kind, ended_at
        activity.note = entry.text("note", Activity._meta.get_field("note").max_length)
        self.check_clock(activity, entry, ended_at)
        self.touch(activity, *ENDED)
        details = entry.sent.get("details")
        form = DETAILS[kind](details if details is not None else {}, known=self.known, officer=self.officer.pk)
        if not form.is_valid():
            raise Refused(_("The times are logged; the details were not understood: ") + errors_in_words(form))
        self.details.append((activity, form))

    def check_clock(self, activity: Activity, entry: Entry, moment: datetime) -> None:
        if entry.clock_wrong or moment > self.now + CLOCK_TOLERANCE:
            set_flag(activity, Flag.CLOCK_WRONG, True)

    def void(self, activity: Activity, sent: dict[str, Any]) -> None:
        why = sent.get("why")
        activity.voided_by, activity.voided_at = self.officer, self.now
        activity.void_reason = (why.strip()[:200] if isinstance(why, str) else "") or _("Started by mistake")

    def touch(self, activity: Activity, *fields: str) -> None:
        if activity.pk not in self.created:
            self.changed[activity.pk] = self.changed.get(activity.pk, {"flags"}) | set(fields)

    def save(self) -> None:
        for operation in self.saved_operations.values():
            operation.save()
        touched = [*self.created.values(), *(self.activities[number] for number in self.changed)]
        if touched:
            locate(self.placed)
            flag(touched)
            Activity.objects.bulk_create(self.created.values())
            self.save_changed()
            store_details(self.details)
            self.assign()
            mark_overlaps(touched, before=[self.now] if self.changed else [])
            flags = dict(Activity.objects.filter(pk__in=[each.pk for each in touched]).values_list("pk", "flags"))
            for activity in touched:
                activity.flags = flags[activity.pk]
        for number, operation in self.saved_operations.items():
            if number in self.new_operations:
                self.join(operation)

    def save_changed(self) -> None:
        """One statement for all of which the same fields changed."""
        alike: dict[frozenset[str], list[Activity]] = defaultdict(list)
        for number, fields in self.changed.items():
            alike[frozenset(fields)].append(self.activities[number])
        for same, activities in alike.items():
            Activity.objects.bulk_update(activities, sorted(same))

    def assign(self) -> None:
        """A visit that was not chosen from the list counts as the one on the list that it is."""
        free = [each for each in self.placed if each.hot_spot_id and not each.assignment_id and each.kind in ASSIGNABLE]
        free = [each for each in free if each.voided_at is None]
        if met := assignments_met_by(free, self.officer):
            for activity, assignment in met:
                activity.assignment = assignment
            Activity.objects.bulk_update([activity for activity, _assignment in met], ["assignment"])

    def join(self, operation: Operation) -> None:
        """Activities that named the operation before it came. Only then: later it is a supervisor who took one out."""
        waiting = SyncEntry.objects.filter(officer=self.officer, payload__operation=str(operation.pk))
        Activity.objects.filter(pk__in=waiting.values("activity"), operation=None).update(operation=operation)


def _said(sent: dict[str, Any]) -> tuple[Any, ...]:
    """What an end says of an activity, to tell a repetition from a contradiction."""
    return sent.get("ended_at"), sent.get("kind"), sent.get("note") or "", sent.get("details") or {}


def _is_visit_of(activity: Activity, assignment: Assignment) -> bool:
    """Whether it is what was on the list: a phone may have the list of yesterday."""
    roster = assignment.roster
    in_time = roster.starts_at - AROUND_SHIFT <= activity.started_at <= roster.ends_at + AROUND_SHIFT
    return in_time and (activity.hot_spot_id, activity.kind) == (assignment.hot_spot_id, assignment.tactic)
