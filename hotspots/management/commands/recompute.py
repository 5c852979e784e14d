import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hotspots.actions.concentration import RunInProgress, recompute
from hotspots.models import ConcentrationRun, Offense, Place
from hotspots.queries.concentration import default_as_of, standing_specs
from hotspots.specs import RunSpec


class Command(BaseCommand):
    help = (
        "Compute where crime concentrates and publish it. Without --kind, --days and --category: the nightly set, each "
        f"kind of place for {', '.join(map(str, settings.STANDING_WINDOWS))} days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DATE", help="last day of the window, such as 2018-12-31"
        )
        parser.add_argument("--days", type=int, metavar="N", help="length of the window")
        parser.add_argument("--kind", choices=Place.Kind.values, help="only places of this kind")
        parser.add_argument(
            "--category",
            action="append",
            default=[],
            choices=Offense.Category.values,
            help="only these offenses; repeat for several",
        )
        parser.add_argument("--json", action="store_true", help="print the summaries as JSON, one run a line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            specs = chosen_specs(options)
            for run in recompute(by=None, specs=specs):
                self.stdout.write(json.dumps(as_json(run)) if options["json"] else as_table(run))
        except (RunInProgress, ValueError) as error:
            raise CommandError(str(error)) from error


def chosen_specs(options: dict[str, Any]) -> list[RunSpec]:
    as_of = options["as_of"] or default_as_of()
    nightly = standing_specs(as_of)
    if not nightly:
        raise CommandError("There are no places yet. Load them with: manage.py import_places FILE --kind block")
    kinds = [options["kind"]] if options["kind"] else list(dict.fromkeys(spec.kind for spec in nightly))
    windows = [options["days"]] if options["days"] is not None else settings.STANDING_WINDOWS
    return [RunSpec(kind, as_of, days, tuple(options["category"])) for kind in kinds for days in windows]


def as_json(run: ConcentrationRun) -> dict[str, Any]:
    return {
        "run": run.pk,
        "kind": run.kind,
        "as_of": run.as_of.isoformat(),
        "days": run.days,
        "categories": run.categories,
        **run.summary,
    }


def as_table(run: ConcentrationRun) -> str:
    """What the run found, each share of places with what chance alone would need in brackets."""
    summary = run.summary
    window = summary["window"]
    offenses = ", ".join(run.categories) or "all offenses"
    gi = summary["gi"]
    lines = [
        f"{run.get_kind_display()}, {run.days} days, {window['from']} to {window['to']}, {offenses}",
        f"  run {run.pk}, {summary['seconds']} s",
        f"  {summary['incidents']:,} incidents: {summary['located']:,} on {summary['places']:,} places, "
        f"{summary['elsewhere']:,} located elsewhere, {summary['unlocated']:,} not located",
        f"  {'smallest share of places (by chance)':<38}{'25 %':>18}{'50 %':>18}{'80 %':>18}{'Gini':>16}",
    ]
    for name, label in (("count", "incidents"), ("risk", "without enforcement-generated"), ("harm", "harm")):
        measured = summary[name]
        chance = measured["chance"]["length"] or measured["chance"]["equal"]
        shares = "".join(
            f"{beside_chance(measured['shares'][portion], chance['shares'][portion], percent):>18}"
            for portion in ("25", "50", "80")
        )
        label = f"{label}, {measured['total']:,.0f}"
        lines.append(f"  {label:<38}{shares}{beside_chance(measured['gini'], chance['gini'], decimal):>16}")
    lines.append(
        f"  {gi['significant']:,} places stand out with their neighbors (Gi*, q at most .05; "
        f"{gi['risk_significant']:,} without enforcement-generated), "
        f"{gi['mean_neighbors']:.1f} neighbors within {gi['band_m']} m"
    )
    return "\n".join(lines) + "\n"


def beside_chance(value: float | None, interval: list[float | None], write: Any) -> str:
    return "-" if value is None or interval[1] is None else f"{write(value)} ({write(interval[1])})"


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def decimal(value: float) -> str:
    return f"{value:.3f}"
