"""The colors of the map and what they mean, computed from the run that they show.

Counts of crime are so skewed that equal steps would paint a city in one color, and steps chosen by hand would hide or
invent concentration. So a class is a share of all places (the top 1 %, 5 %, 10 %, 25 %), and the legend says how many
places are in it and what share of the incidents they hold. Places with equal values are always in the same class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hotspots.templatetags.figures import percent

TOP_SHARES = (0.01, 0.05, 0.10, 0.25)
# Darkness falls steadily and hue runs from violet to amber, so that the order survives color blindness and gray print.
SCALE = ("#3b0f57", "#8c1d5f", "#d1434b", "#f0914a", "#f6cf86")
WIDTHS = (5.0, 4.0, 3.2, 2.4, 1.8)
NOTHING = "#c3c8ce"
UP, DOWN, UNCLEAR = "#b3320e", "#1f63a8", "#9aa1a9"


@dataclass(frozen=True)
class Step:
    """One color of the map: for values from `low` up (or a state, for change and significance), and its words."""

    low: float | str
    color: str
    width: float
    label: str
    words: str


def graduated(values: Sequence[float], places: int, noun: str) -> list[Step]:
    """Classes for counts or harm. `values`: those above zero, greatest first; `places`: all places with zeros among them."""
    total = sum(values)
    steps: list[Step] = []
    done = 0
    for low, color, width in _thresholds(values, places):
        reach = sum(1 for value in values if value >= low)
        held = sum(values[done:reach]) / total
        label = _range(low, steps[-1].low if steps else None)
        words = _("%(places)s (%(share)s), %(held)s of %(noun)s") % {
            "places": _places(reach - done),
            "share": percent((reach - done) / places),
            "held": percent(held),
            "noun": noun,
        }
        steps.append(Step(low, color, width, label, words))
        done = reach
    share = percent((places - done) / places if places else 0)
    empty = f"{_places(places - done)} ({share})"
    return [*steps, Step(0, NOTHING, 1.0, _("None"), empty)]


def _thresholds(values: Sequence[float], places: int) -> list[tuple[float, str, float]]:
    """Least value, color and width of each class that has places in it, greatest first."""
    found: list[tuple[float, str, float]] = []
    if not values:
        return found
    for index, share in enumerate((*TOP_SHARES, 1.0)):
        low = values[min(ceil(share * places), len(values)) - 1]
        if not found or low < found[-1][0]:
            found.append((low, SCALE[index], WIDTHS[index]))
    return found


def _range(low: float, above: float | str | None) -> str:
    if above is None:
        return _("%(low)s or more") % {"low": _number(low)}
    if isinstance(low, int) and isinstance(above, int):
        return _number(low) if above - low == 1 else f"{_number(low)}–{_number(above - 1)}"
    return _("%(low)s to under %(above)s") % {"low": _number(low), "above": _number(float(above))}


def _number(value: float) -> str:
    return intcomma(value if isinstance(value, int) else round(value) if value >= 10 else round(value, 1))


def of_change(up: int, down: int, places: int) -> list[Step]:
    return [
        Step("up", UP, 4.0, _("More than before"), _places(up)),
        Step("down", DOWN, 4.0, _("Fewer than before"), _places(down)),
        Step("unclear", UNCLEAR, 1.6, _("No clear change"), _("Incidents, but chance could explain the difference")),
        Step("none", NOTHING, 1.0, _("No incidents"), ""),
    ]


def of_significance(hot: int, cold: int, places: int) -> list[Step]:
    return [
        Step("hot", UP, 4.0, _("More around here than chance explains"), _places(hot)),
        Step("cold", DOWN, 2.4, _("Fewer around here than chance explains"), _places(cold)),
        Step("unclear", NOTHING, 1.0, _("As chance would have it"), _places(places - hot - cold)),
    ]


def _places(number: int) -> str:
    return ngettext("%(number)s place", "%(number)s places", number) % {"number": intcomma(number)}
