"""A published run in the map's words and colors."""

from math import floor
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hotspots import legend
from hotspots.forms.map import MapRequest
from hotspots.models import ConcentrationRun, Offense
from hotspots.queries import map as queries
from hotspots.tiles import MAX_ZOOM, MIN_ZOOM

NOUNS = {"block": gettext_lazy("blocks"), "address": gettext_lazy("addresses"), "complex": gettext_lazy("complexes")}
LAYERS = {"block": "blocks", "address": "addresses", "complex": "complexes"}


def describe(run: ConcentrationRun, asked: MapRequest) -> dict[str, Any]:
    """What results.html and the map's script need, beside the list."""
    steps = legend_of(run, asked)
    return {
        "headline": headline(run, asked),
        "steps": steps,
        "legend_title": legend_title(asked),
        "map_state": state_for(run, asked.color, asked.measure, steps),
    }


def state_for(run: ConcentrationRun, color: str, measure: str, steps: list[legend.Step]) -> dict[str, Any]:
    return {
        "run": run.pk,
        "kind": run.kind,
        "layer": LAYERS[run.kind],
        "tiles": f"/tiles/{run.pk}/{{z}}/{{x}}/{{y}}.mvt",
        "zooms": [MIN_ZOOM, MAX_ZOOM],
        "color": color,
        "measure": measure,
        "field": "harm" if color == "harm" else queries.fields_for(measure).count,
        "steps": [[_as_in_tiles(step.low), step.color, step.width] for step in steps],
    }


def streets_state() -> dict[str, Any] | None:
    """The streets and their names in gray, to draw other things on; None before a standing run has made tiles of them."""
    standing = ConcentrationRun.objects.published().filter(standing=True, kind="block", categories=[], beat=None)
    run = standing.order_by("-days", "-as_of", "-published_at").first()
    return state_for(run, "count", "all", []) | {"steps": [["none", legend.NOTHING, 1]], "plain": True} if run else None


def _as_in_tiles(low: float | str) -> float | str:
    """Tiles round harm down to a tenth; so must the steps that it is compared with."""
    return floor(low * 10) / 10 if isinstance(low, float) else low


def field_of(asked: MapRequest) -> str:
    return "harm" if asked.color == "harm" else queries.fields_for(asked.measure).count


def legend_of(run: ConcentrationRun, asked: MapRequest) -> list[legend.Step]:
    fields = queries.fields_for(asked.measure)
    places = run.summary["places"]
    if asked.color == "change":
        return legend.of_change(*queries.changed_places(run, fields), places)
    if asked.color == "significance":
        return legend.of_significance(*queries.clustered_places(run, fields), places)
    noun = _("harm") if asked.color == "harm" else _("incidents")
    return legend.graduated(queries.values_above_zero(run, field_of(asked)), places, noun)


def legend_title(asked: MapRequest) -> str:
    place = {"block": _("block"), "address": _("address"), "complex": _("complex")}[asked.spec.kind]
    return {
        "count": _("Incidents on each %(place)s"),
        "harm": _("Harm on each %(place)s, in months of custody"),
        "change": _("Change of each %(place)s against the window before"),
        "significance": _("Where incidents cluster beyond chance"),
    }[asked.color] % {"place": place}


def headline(run: ConcentrationRun, asked: MapRequest) -> dict[str, Any]:
    """The figures that every result carries: the window, the offenses, how many could not be located, and chance."""
    summary = run.summary
    key = "harm" if asked.color == "harm" else ("risk" if asked.measure == "risk" else "count")
    part = summary[key]
    chance = part["chance"]["equal"]["shares"]["50"][1] if part.get("chance") else None
    labels = dict(Offense.Category.choices)
    return {
        "incidents": summary["count"]["total"],
        "risk_incidents": summary["risk"]["total"],
        "first_day": run.spec.first_day,
        "last_day": run.as_of,
        "half": part["shares"]["50"] if part["total"] else None,
        "chance": chance,
        "what": _("harm") if key == "harm" else _("incidents"),
        "places": summary["places"],
        "noun": NOUNS[run.kind],
        "offenses": ", ".join(str(labels[category]) for category in run.categories) or _("All offenses"),
        "area": run.beat.name if run.beat else _("the whole city"),
        "unlocated": summary["unlocated"],
        "elsewhere": summary["elsewhere"],
        "found": summary["incidents"],
    }
