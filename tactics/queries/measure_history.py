"""What became of a place measure, in words, out of the trail that the database keeps."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tactics.catalogue import Tactic
from tactics.models import Camera, Impound, LeaseStep, LightingItem, Measure, TrespassAuthorization, VehiclePermit

MOST = 500  # events of one kind; a large permit program has no end of them


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    words: str


Told = tuple[Any, str]  # an event and what it tells


def history(measure: Measure) -> list[Line]:
    """Newest first; what was done in one transaction is one line."""
    told = [*of_measure(measure), *of_details(measure)]
    together: dict[tuple[datetime, int | None], list[str]] = defaultdict(list)
    for event, words in told:
        together[event.pgh_created_at, (event.pgh_context or {}).get("user")].append(words)
    people = User.objects.in_bulk({who for _at, who in together if who})
    lines = [
        Line(at, str(people.get(who) or "") if who else "", "; ".join(words)) for (at, who), words in together.items()
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def of_measure(measure: Measure) -> Iterator[Told]:
    events = list(_events(Measure).filter(pgh_obj=measure.pk).order_by("pgh_id")[:MOST])
    for event in events[:1]:
        yield event, _("Reported from the street") if event.status == Measure.Status.REPORTED else _("Begun")
    for before, after in pairwise(events):
        if words := "; ".join(_changes(before, after)):
            yield after, words


def _changes(before: Any, after: Any) -> Iterator[str]:
    if before.status != after.status:
        if after.status in {Measure.Status.DONE, Measure.Status.DROPPED}:
            yield f"{after.get_status_display()}{f': {after.outcome}' if after.outcome else ''}"
        else:
            yield _("Taken up") if before.status == Measure.Status.REPORTED else _("Reopened")
    if before.due_on != after.due_on and after.due_on:
        yield _("due %(day)s") % {"day": _day(after.due_on)}
    if before.party != after.party:
        yield _("with %(party)s") % {"party": after.get_party_display()}
    if (before.title, before.organization, before.note) != (after.title, after.organization, after.note):
        yield _("wording changed")


def of_details(measure: Measure) -> Iterable[Told]:
    tell = {
        Tactic.LIGHTING: _lights,
        Tactic.CAMERAS: _camera,
        Tactic.VEHICLE_PERMITS: _permits,
        Tactic.LEASE_ENFORCEMENT: _lease_steps,
        Tactic.TRESPASS: _authorization,
    }
    tells = tell.get(Tactic(measure.kind))
    return tells(measure) if tells else ()


def _lights(measure: Measure) -> Iterator[Told]:
    events = _events(LightingItem).filter(survey=measure.pk).order_by("pgh_obj_id", "pgh_id")[:MOST]
    there = set(LightingItem.objects.filter(survey=measure.pk).values_list("pk", flat=True))
    before: Any = None
    for event in events:
        name = " ".join(part for part in (event.get_kind_display(), event.where) if part)
        if before is None or before.pgh_obj_id != event.pgh_obj_id:
            gone = "" if event.pgh_obj_id in there else _(" (removed later)")
            yield event, f"{name}: {event.get_state_display()}{gone}"
        elif before.fixed_on != event.fixed_on:
            yield (
                event,
                _("%(light)s fixed") % {"light": name}
                if event.fixed_on
                else _("%(light)s not fixed") % {"light": name},
            )
        else:
            yield event, _("%(light)s changed") % {"light": name}
        before = event


def _camera(measure: Measure) -> Iterator[Told]:
    for number, event in enumerate(_events(Camera).filter(pgh_obj=measure.pk).order_by("pgh_id")[:MOST]):
        if event.withdrawn_on:
            yield event, _("Consent withdrawn, contact deleted")
        else:
            yield event, _("Camera changed") if number else _("Camera registered")


def _permits(measure: Measure) -> Iterator[Told]:
    together: dict[tuple[datetime, bool], list[Any]] = defaultdict(list)
    for event in _events(VehiclePermit).filter(program=measure.pk).order_by("pgh_id")[:MOST]:
        together[event.pgh_created_at, event.pgh_label == "insert"].append(event)
    for (_at, is_new), events in together.items():
        numbers = events[0].number if len(events) == 1 else f"{events[0].number}–{events[-1].number}"
        if is_new:
            words = ngettext("Permit %(numbers)s issued", "Permits %(numbers)s issued", len(events))
        elif events[0].returned_on:
            words = _("Permit %(numbers)s returned")
        else:
            words = _("Permit %(numbers)s valid again")
        yield events[0], words % {"numbers": numbers}
    there = set(Impound.objects.filter(program=measure.pk).values_list("pk", flat=True))
    for event in _events(Impound).filter(program=measure.pk).order_by("pgh_id")[:MOST]:
        gone = "" if event.pgh_obj_id in there else _(" (removed later)")
        yield event, _("Vehicle towed on %(day)s") % {"day": _day(event.towed_on)} + gone


def _lease_steps(measure: Measure) -> Iterator[Told]:
    there = set(LeaseStep.objects.filter(case=measure.pk).values_list("pk", flat=True))
    for event in _events(LeaseStep).filter(case=measure.pk).order_by("pgh_id")[:MOST]:
        gone = "" if event.pgh_obj_id in there else _(" (taken back later)")
        yield event, f"{event.get_stage_display()}, {_day(event.on)}{gone}"


def _authorization(measure: Measure) -> Iterator[Told]:
    for number, event in enumerate(_events(TrespassAuthorization).filter(pgh_obj=measure.pk).order_by("pgh_id")[:MOST]):
        if event.ended_on:
            yield event, _("Authorization ended")
        else:
            words = _("Renewed, signed %(day)s") if number else _("Signed %(day)s")
            yield event, words % {"day": _day(event.signed_on)}


def _events(model: Any) -> Any:
    """The trail's rows of a model."""
    return model._meta.get_field("events").related_model._default_manager.all()


def _day(value: date) -> str:
    return date_format(value, "M j, Y")
