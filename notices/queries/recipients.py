"""Who gets a letter of a batch, in the order in which they are printed, and who is left out and why."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.agency import current_agency
from accounts.models import AgencyProfile
from hotspots.projection import city_srid
from hotspots.statements import statement
from notices import postal
from notices.models import Batch, Exclusion, Letter, Owner
from notices.queries.areas import core_of, day_of

SQL = Path(__file__).resolve().parent.parent / "sql"
LAST = "~"  # sorts behind every route that there is


@dataclass(frozen=True)
class Recipient:
    place_id: int | None
    owner_id: int | None
    lines: tuple[str, ...]
    about: str
    language: str
    delivery: str
    email: str


@dataclass(frozen=True)
class LeftOut:
    place_id: int | None
    owner_id: int | None
    lines: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Selection:
    letters: list[Recipient]
    left_out: list[LeftOut]


def recipients(batch: Batch) -> Selection:
    """Asked of the area itself; nothing but places, lists of owners and what people asked for goes into it."""
    return _owners(batch) if batch.audience == Batch.Audience.OWNERS else _households(batch)


def _rows(name: str, batch: Batch) -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "area": core_of(batch).ewkb,
        "meters": batch.distance_m or 0,
        "complex": batch.around_id,  # whose addresses count wherever their points lie
        "srid": city_srid(),
        "batch": batch.pk,
        "day": day_of(batch),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, name), values)
        return cursor.fetchall()


# --- households -------------------------------------------------------------------------------------------------------


class Household(NamedTuple):
    id: int
    name: str
    street: str
    number: int | None
    unit: str
    bare_unit: str  # without the word for it: what two sources agree on, and what an opt-out holds for
    zip_code: str
    route: str
    sequence: int | None
    is_vacant: bool
    undeliverable_on: date | None
    has_units: bool
    is_opted_out: bool
    excluded_why: str | None


def _households(batch: Batch) -> Selection:
    agency = current_agency()
    letters: list[tuple[Any, Recipient]] = []
    left_out: list[LeftOut] = []
    rows = map(Household._make, _rows("households", batch))
    for group in _grouped([(row, _lines(row, agency)) for row in rows]):
        house, lines = _representative(group)
        group_of_it = [other for other, _its in group]
        why = _why_no_letter(group_of_it, lines)
        if why:
            left_out.append(LeftOut(house.id, None, lines, why))
        else:
            letter = Recipient(house.id, None, lines, "", batch.language, Letter.Delivery.MAIL.value, "")
            letters.append((_walk(house, lines), letter))
        left_out += [
            LeftOut(other.id, None, lines, _("The same address is listed twice"))
            for other in group_of_it
            if other != house
        ]
    return Selection([letter for _key, letter in sorted(letters, key=lambda each: each[0])], _sorted(left_out))


def _lines(house: Household, agency: AgencyProfile) -> tuple[str, ...]:
    zip_code = house.zip_code or agency.zip_code
    return "RESIDENT", postal.shorten(delivery_of(house)), postal.last_line(agency.city, agency.state, zip_code)


def delivery_of(house: Any) -> str:
    """Of anything with a name, a street, a number and a unit. A place keeps no word for its unit, but its name does."""
    if not house.street or house.number is None:
        return postal.street_line(house.name)
    return postal.delivery_line(house.number, house.street, named_unit(house.name, house.unit))


def named_unit(name: str, unit: str) -> str:
    """`12` of `100 Main St Apt 12` is `APT 12`."""
    words = postal.standard(unit)
    if not words:
        return ""
    found = re.search(rf" ([A-Z]+) (?:# )?{re.escape(words)}$", postal.standard(name))
    return f"{found[1]} {words}" if found and found[1] in postal.UNITS else words


Found = tuple[Household, tuple[str, ...]]


def _grouped(rows: Iterable[Found]) -> Iterable[list[Found]]:
    """One household where two sources know of the same address, however they write its unit and line."""
    by_mark: dict[Any, list[Found]] = {}
    for row in rows:
        met = {id(group): group for mark in _marks(row) if (group := by_mark.get(mark))}
        joined = [*(each for group in met.values() for each in group), row]
        by_mark |= {mark: joined for each in joined for mark in _marks(each)}
    for group in {id(group): group for group in by_mark.values()}.values():
        yield from _by_zip_code(group)


def _marks(row: Found) -> list[Any]:
    house, lines = row
    return [lines[1], (house.street, house.number, house.bare_unit)] if house.street else [lines[1]]


def _by_zip_code(group: list[Found]) -> Iterable[list[Found]]:
    """Two ZIP Codes may have a street of the same name; a source that knows none of its own is of the only one."""
    known = {house.zip_code[:5] for house, _lines in group if house.zip_code}
    if len(known) < 2:
        return [group]
    split: dict[str, list[Found]] = {}
    for house, lines in group:
        split.setdefault(lines[-1].rsplit(" ", 1)[-1][:5], []).append((house, lines))
    return split.values()


def _representative(group: Sequence[Found]) -> Found:
    """The one whose ZIP Code is known and that a list of the carrier has; then the one that says what its unit is."""
    return min(group, key=lambda row: (*_unknown(row[0]), " # " in row[1][1], row[0].id))


def _unknown(house: Household) -> tuple[bool, ...]:
    return not house.zip_code, house.sequence is None, not house.route


def _why_no_letter(group: Sequence[Household], lines: tuple[str, ...]) -> str:
    """The first reason against it, for any of the places that are this address."""
    excluded = next((house.excluded_why for house in group if house.excluded_why), None)
    returned = next((house.undeliverable_on for house in group if house.undeliverable_on), None)
    if any(house.is_opted_out for house in group):
        return _("Asked for no letters")
    if excluded:
        return _("Excluded: %(reason)s") % {"reason": excluded}
    if any(house.has_units for house in group):
        return _("A building whose units get theirs")
    if any(house.is_vacant for house in group):
        return _("Vacant")
    if returned:
        return _("Mail came back")
    return why_not_deliverable(lines)


def why_not_deliverable(lines: tuple[str, ...]) -> str:
    problems = postal.check(lines)
    if problems == [postal.BAD_ZIP]:
        return _("No ZIP Code")
    return _("Address problem: %(what)s") % {"what": ", ".join(problems)} if problems else ""


def _walk(house: Household, lines: tuple[str, ...]) -> tuple[Any, ...]:
    """As the carrier goes: by route and turn; where no list tells them, up the odd side of a street and down the even."""
    number = house.number or 0
    is_even = number % 2 == 0
    return (
        lines[-1].rsplit(" ", 1)[-1][:5],
        house.route or LAST,
        house.sequence is None,
        house.sequence or 0,
        natural(house.street),
        is_even,
        -number if is_even else number,
        natural(house.bare_unit),
        house.id,
    )


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """So that 9 comes before 10, and 2ND ST before 10TH ST."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def _sorted(left_out: Iterable[LeftOut]) -> list[LeftOut]:
    return sorted(left_out, key=lambda each: (each.why, natural(" ".join(each.lines[1:-1])), each.place_id or 0))


# --- owners -----------------------------------------------------------------------------------------------------------


class Property(NamedTuple):
    id: int
    kind: str
    name: str
    street: str
    number: int | None
    unit: str
    owner_id: int | None
    is_owned: bool
    excluded_why: str | None


@dataclass
class Mail:
    """An owner as they get one letter, with all that is theirs in the area."""

    owner: Owner
    lines: tuple[str, ...]
    properties: list[Property]
    why: str = ""
    refused: str = ""  # what holds for the owner under every list that names them: "all", or "mail" but not email


def _owners(batch: Batch) -> Selection:
    rows = [Property._make(row) for row in _rows("properties", batch)]
    excluded = {row.id: row.excluded_why for row in rows if row.excluded_why}
    owned: dict[int, list[Property]] = {}
    for row in rows:
        if row.owner_id is not None:
            owned.setdefault(row.owner_id, []).append(row)
    left_out = [_unowned(row) for row in rows if not row.is_owned and row.kind == "address"]
    one_each: list[Mail] = []
    for group in _one_per_address(_mails(batch, owned, excluded)):
        mail, doubled = _joined(group)
        if mail.why:
            left_out.append(LeftOut(mail.properties[0].id, mail.owner.pk, mail.lines, mail.why))
        else:
            one_each.append(mail)
        left_out += [
            LeftOut(each.properties[0].id, each.owner.pk, each.lines, _("The same owner is listed twice"))
            for each in doubled
        ]
    one_each.sort(
        key=lambda mail: (mail.lines[-1].rsplit(" ", 1)[-1][:5], natural(mail.lines[-2]), mail.lines, mail.owner.pk)
    )
    return Selection([_to_owner(batch, mail) for mail in one_each], _sorted(left_out))


def _unowned(row: Property) -> LeftOut:
    return LeftOut(row.id, None, (delivery_of(row),), _("No owner known"))


def _mails(batch: Batch, owned: dict[int, list[Property]], excluded: dict[int, str]) -> Iterable[Mail]:
    owners = Owner.objects.in_bulk(list(owned))
    said = Owner.objects.filter(pk__in=owned, opt_outs__isnull=False, opt_outs__ended_at=None)
    opted_out = set(said.values_list("pk", flat=True))
    exclusions = Exclusion.objects.filter(batch=batch, owner__in=owned)
    reasons: dict[int, str] = dict(exclusions.values_list("owner_id", "reason"))
    for owner_id, properties in owned.items():
        owner = owners[owner_id]
        lines = lines_of(owner)
        left = [each for each in properties if each.id not in excluded]
        why = reasons.get(owner_id) or ("" if left else excluded[properties[0].id])
        mail = Mail(owner, lines, left or properties)
        if owner_id in opted_out:
            mail.why, mail.refused = _("Asked for no letters"), "all"
        elif why:
            mail.why = _("Excluded: %(reason)s") % {"reason": why}
            mail.refused = "all" if owner_id in reasons else ""
        elif not gets_email(owner) and owner.undeliverable_on:
            mail.why, mail.refused = _("Mail came back"), "mail"
        elif not gets_email(owner):
            mail.why = why_not_deliverable(lines)
        yield mail


def lines_of(owner: Owner) -> tuple[str, ...]:
    return postal.owner_lines(owner.name, owner.care_of, owner.street, owner.city, owner.state, owner.zip_code)


def gets_email(owner: Owner) -> bool:
    return bool(owner.email and owner.email_asked_on)


def _one_per_address(mails: Iterable[Mail]) -> Iterable[list[Mail]]:
    """Two lists may know one owner: the same name at the same address. Without an address, an email tells who it is."""
    by_lines: dict[tuple[str, ...], list[Mail]] = {}
    for mail in mails:
        key = mail.lines if mail.owner.street else (*mail.lines, mail.owner.email.lower())
        by_lines.setdefault(key, []).append(mail)
    return by_lines.values()


def _joined(group: list[Mail]) -> tuple[Mail, list[Mail]]:
    """One letter on all that is theirs, or none if any of the lists says so of them; and the rest of the group."""
    group = sorted(group, key=lambda each: (not gets_email(each.owner), each.owner.pk))
    letters = [each for each in group if not each.why]
    by_email = bool(letters) and gets_email(letters[0].owner)
    refused = [each for each in group if each.refused == "all" or (each.refused and not by_email)]
    first = [*refused, *letters, *group][0]
    if not first.why:
        theirs = {each.id: each for mail in letters for each in mail.properties}
        first.properties = list(theirs.values())
    return first, [each for each in group if each is not first]


def _to_owner(batch: Batch, mail: Mail) -> Recipient:
    language = mail.owner.language if batch.language == Batch.Language.OWNERS else batch.language
    by_email = gets_email(mail.owner)
    delivery = Letter.Delivery.EMAIL if by_email else Letter.Delivery.MAIL
    return Recipient(
        mail.properties[0].id,
        mail.owner.pk,
        mail.lines,
        about(mail.properties, language),
        language,
        delivery.value,
        mail.owner.email if by_email else "",
    )


def about(properties: Sequence[Any], language: str) -> str:
    """What the letter is about, in its language: the one property, or how many with the first of them."""
    first = properties[0].name if properties[0].kind == "complex" else delivery_of(properties[0])
    if len(properties) == 1:
        return first[:200]
    with override("es" if language == "es" else "en"):
        words = ngettext("%(n)s property: %(first)s", "%(n)s properties, the first of them %(first)s", len(properties))
        return (words % {"n": len(properties), "first": first})[:200]
