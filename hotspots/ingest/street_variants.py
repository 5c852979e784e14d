"""Which of a city's streets a written street name may mean, and how surely."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from hotspots.ingest.street_names import DIRECTIONALS, DIRECTIONS, SUFFIXES

MOVED_DIRECTION = 0.97  # EMMET ST N for N EMMET ST
MISSING_DIRECTION = 0.85
MISSING_SUFFIX = 0.9
OTHER_SUFFIX = 0.75
SPACING = 0.97  # MC DONALD for MCDONALD
SPELLED_DIRECTION = 0.9  # N ST for NORTH ST
CUT_SHORT = 0.7  # S GRAND BLVD / KEOKU
SPELLING = {1: 0.85, 2: 0.7}  # by how many letters
LEAST_LETTERS = {5: 1, 8: 2}  # from this length on, so many letters may be wrong
OF_A_KNOWN_STREET = 0.65  # where the city has the street as written, another one is meant less often
LEAST_FACTOR = 0.5

_HIGHWAY = re.compile(r"^(INTERSTATE|COUNTY ROAD|(?:[A-Z]+ )?HIGHWAY) (\d+[A-Z]?)\b ?(.*)$")
_LONG_DIRECTIONS = {short: long for long, short in DIRECTIONS.items() if len(long) in (4, 5, 9) and "BOUND" not in long}


@dataclass(frozen=True, slots=True)
class StreetParts:
    name: str
    suffix: str
    directions: tuple[str, ...]  # before and after the name, in this order
    direction_is_first: bool


def take_apart(street: str) -> StreetParts:
    """The parts of a normalised street. A highway's kind counts as its suffix, its number as its name."""
    words = street.split()
    before, after = [], []
    if len(words) > 1 and words[0] in DIRECTIONALS and not (len(words) == 2 and words[1] in SUFFIXES):
        before = [words.pop(0)]
    if len(words) > 1 and words[-1] in DIRECTIONALS and words[0] != "AVENUE":
        after = [words.pop()]
    directions = tuple(before + after)
    if highway := _HIGHWAY.match(" ".join(words)):
        kind, number, rest = highway.groups()
        return StreetParts(
            " ".join(filter(None, ["HIGHWAY", number, rest])),
            kind.replace("HIGHWAY", "").strip(),
            directions,
            bool(before),
        )
    suffix = words.pop() if len(words) > 1 and words[-1] in SUFFIXES else ""
    return StreetParts(" ".join(words), suffix, directions, bool(before))


class StreetVariants:
    """Finds streets of the city that are written a little differently."""

    def __init__(self, streets: Iterable[str]) -> None:
        self.parts = {street: take_apart(street) for street in streets}
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for street, parts in self.parts.items():
            self.by_name[parts.name].append(street)
        self._cache: dict[str, list[tuple[float, str]]] = {}

    def like(self, street: str) -> list[tuple[float, str]]:
        """Streets with their factors (1 is the very name), the surest first.

        Spelling is questioned only where the city has no street of the name at all.
        """
        if street not in self._cache:
            written = take_apart(street)
            names = {**self._other_forms(written.name), written.name: 1.0}
            found = self._streets_of(names, written) or self._streets_of(self._spellings(written.name), written)
            if street in self.parts:
                found = [(factor if other == street else factor * OF_A_KNOWN_STREET, other) for factor, other in found]
            self._cache[street] = sorted(found, key=lambda pair: (-pair[0], pair[1]))
        return self._cache[street]

    def _streets_of(self, names: dict[str, float], written: StreetParts) -> list[tuple[float, str]]:
        pairs = [
            (factor * _likeness(written, self.parts[street]), street)
            for name, factor in names.items()
            for street in self.by_name.get(name, ())
        ]
        return [pair for pair in pairs if pair[0] >= LEAST_FACTOR]

    def _other_forms(self, name: str) -> dict[str, float]:
        forms = dict.fromkeys(self._by_joined_name.get(name.replace(" ", ""), ()), SPACING)
        turned = _LONG_DIRECTIONS.get(name) or DIRECTIONS.get(name)
        return forms | ({turned: SPELLED_DIRECTION} if turned else {})

    def _spellings(self, name: str) -> dict[str, float]:
        if any(character.isdigit() for character in name):
            return {}  # 5TH is not 6TH
        allowed = max((letters for length, letters in LEAST_LETTERS.items() if len(name) >= length), default=0)
        near = (
            process.extract(name, self._names, scorer=OSA.distance, score_cutoff=allowed, limit=None) if allowed else []
        )
        found = {
            other: SPELLING[int(letters)]
            for other, letters, _ in near
            if letters and (letters == 1 or other[0] == name[0]) and not any(c.isdigit() for c in other)
        }
        if not found and len(name) >= 4:
            found = {other: CUT_SHORT for other in self._names if other.startswith(name)}
        return found

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self.by_name)

    @cached_property
    def _by_joined_name(self) -> dict[str, list[str]]:
        joined = defaultdict(list)
        for name in self.by_name:
            joined[name.replace(" ", "")].append(name)
        return joined


def _likeness(written: StreetParts, street: StreetParts) -> float:
    factor = 1.0
    if written.directions != street.directions or written.direction_is_first != street.direction_is_first:
        shared = sorted(written.directions), sorted(street.directions)
        if shared[0] == shared[1]:
            factor *= MOVED_DIRECTION
        elif set(shared[0]) <= set(shared[1]) or set(shared[1]) <= set(shared[0]):
            factor *= MISSING_DIRECTION
        else:
            return 0.0  # N MAIN is not S MAIN
    if written.suffix != street.suffix:
        factor *= OTHER_SUFFIX if written.suffix and street.suffix else MISSING_SUFFIX
    return factor
