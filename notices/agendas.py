"""An agenda in words: what was kept as codes and numbers, in the language of whoever reads."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from hotspots.models import Offense
from tactics.catalogue import Tactic
from tactics.models import LightingItem, Measure


@dataclass(frozen=True)
class Count:
    """`offense` is the table's own name: the shipped ones are in the catalogs, an agency's own stay as they are."""

    category: str
    offense: str
    now: str
    before: str


@dataclass(frozen=True)
class Table:
    rows: list[Count]
    now: str
    before: str


@dataclass(frozen=True)
class Part:
    name: str
    weekdays: str
    weekend: str


@dataclass(frozen=True)
class Times:
    words: str
    parts: list[Part]


@dataclass(frozen=True)
class Thing:
    """Something that is to be done, or was."""

    title: str
    kind: str
    who: str
    due_on: date | None
    status: str
    outcome: str
    is_overdue: bool
    is_done: bool


@dataclass(frozen=True)
class Agenda:
    made_at: datetime
    first_day: date
    last_day: date
    calls: Table
    found: Table
    times: Times | None
    measures: list[Thing]
    lights: list[Thing]
    last_day_met: date | None
    agreed: list[Thing]


def in_words(agenda: dict[str, Any]) -> Agenda | None:
    """None where no agenda was made."""
    if not agenda:
        return None
    last = agenda["last_meeting"]
    return Agenda(
        made_at=datetime.fromisoformat(agenda["made_at"]),
        first_day=date.fromisoformat(agenda["first_day"]),
        last_day=date.fromisoformat(agenda["last_day"]),
        calls=_table(agenda["calls"]),
        found=_table(agenda["found"]),
        times=_times(agenda["times"]) if agenda["times"] else None,
        measures=[_measure(row) for row in agenda["measures"]],
        lights=[_light(row) for row in agenda["lights"]],
        last_day_met=date.fromisoformat(last["day"]) if last else None,
        agreed=[_measure(row) for row in last["agreements"]] if last else [],
    )


def _table(table: dict[str, Any]) -> Table:
    rows = [
        Count(str(Offense.Category(row["category"]).label), _(row["name"]), _count(row["now"]), _count(row["before"]))
        for row in table["rows"]
    ]
    return Table(rows, _total(table["now"]), _total(table["before"]))


def _count(count: int | None) -> str:
    return _("fewer than 3") if count is None else str(count)


def _total(total: dict[str, Any]) -> str:
    if total["at_least"]:
        return _("at least %(count)s") % {"count": total["count"]}
    return _count(total["count"])


def _times(times: dict[str, Any]) -> Times:
    words = _(
        "%(share)s of 100 calls came between %(from)s and %(to)s; the busiest day was %(day)s, with %(day_share)s of 100."
    ) % {
        "share": times["share"],
        "from": _hour(times["from"]),
        "to": _hour(times["to"]),
        "day": WEEKDAYS[times["day"]],
        "day_share": times["day_share"],
    }
    parts = [
        Part(f"{_hour(row['from'])} – {_hour(row['to'])}", _share(row["weekdays"]), _share(row["weekend"]))
        for row in times["parts"]
    ]
    return Times(words, parts)


def _share(share: int | None) -> str:
    return "–" if share is None else f"{share} %"


def _hour(hour: int) -> str:
    return str(time_format(time(hour % 24), "P"))


def _measure(row: dict[str, Any]) -> Thing:
    kind, status = str(Tactic(row["kind"]).label), Measure.Status(row["status"])
    return Thing(
        title=row["title"],
        kind=kind,
        who=_who(row["party"], row["organization"]),
        due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
        status=_("Overdue") if row["overdue"] else str(status.label),
        outcome=row["outcome"],
        is_overdue=row["overdue"],
        is_done=status == Measure.Status.DONE,
    )


def _light(row: dict[str, Any]) -> Thing:
    kind, state = LightingItem.Kind(row["kind"]).label, LightingItem.State(row["state"]).label
    where = f", {row['where']}" if row["where"] else ""
    due_on = date.fromisoformat(row["due_on"]) if row["due_on"] else None
    return Thing(f"{kind}{where}", str(kind), _who(row["party"], ""), due_on, str(state), "", False, False)


def _who(party: str, organization: str) -> str:
    if not party:
        return _("Nobody yet")
    label = str(Measure.Party(party).label)
    return f"{label}, {organization}" if organization else label
