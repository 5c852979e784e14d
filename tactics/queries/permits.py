"""What is asked of a permit program."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tactics.models import PermitProgram, VehiclePermit

MOST_HOMES = 200  # on the page; the file has all


@dataclass
class Home:
    name: str
    valid: list[VehiclePermit]
    others: list[VehiclePermit]  # returned or expired


def homes_and_permits(program: PermitProgram, on: date, asked: str = "") -> list[Home]:
    """Each home with its permits; `asked` narrows it down to homes that begin so."""
    permits = program.permits.order_by("home", "number")
    if asked:
        permits = permits.filter(home__istartswith=asked.strip())
    homes: dict[str, Home] = defaultdict(lambda: Home("", [], []))
    for permit in permits:
        if permit.home not in homes and len(homes) == MOST_HOMES:
            break
        home = homes[permit.home]
        home.name = permit.home
        is_valid = permit.returned_on is None and (permit.expires_on is None or permit.expires_on > on)
        (home.valid if is_valid else home.others).append(permit)
    return list(homes.values())


PRINTED = ["number", "complex", "home", "issued_on", "expires_on"]


def permits_to_print(program: PermitProgram) -> Iterator[list[str]]:
    """Those that are out, as rows of PRINTED. No plate and no name: neither is kept."""
    place = program.measure.place.name
    for permit in program.permits.filter(returned_on=None).order_by("number"):
        expires = permit.expires_on.isoformat() if permit.expires_on else ""
        yield [permit.number, place, permit.home, permit.issued_on.isoformat(), expires]
