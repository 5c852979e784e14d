from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hotspots.actions.concentration import export_scores
from hotspots.exports import ExportError, format_of
from hotspots.models import ConcentrationRun, Place


class Command(BaseCommand):
    help = "Write the scores of the latest published run: CSV, GeoPackage or GeoParquet by the ending of OUT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT", help="such as scores.csv, scores.gpkg or scores.parquet")
        parser.add_argument("--kind", choices=Place.Kind.values, default=Place.Kind.BLOCK.value)
        parser.add_argument("--days", type=int, default=365, metavar="N", help="length of the window (365)")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="DATE", help="last day of the window; the latest if not given"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            format_of(options["out"])
            run = latest_run(options["kind"], options["days"], options["as_of"])
            export_scores(by=None, run=run, path=options["out"].absolute())
        except ExportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['out']}: {run.summary['places']:,} places, {run}")


def latest_run(kind: str, days: int, as_of: date | None) -> ConcentrationRun:
    runs = ConcentrationRun.objects.published().of_everything().filter(kind=kind, days=days)
    run = (runs.filter(as_of=as_of) if as_of else runs).order_by("-as_of", "-published_at").first()
    if run is None:
        day = f" --as-of {as_of}" if as_of else ""
        raise CommandError(
            f"There is no published run of this kind ({kind}) and window ({days} days{f' to {as_of}' if as_of else ''}). "
            f"Make one with: manage.py recompute --kind {kind} --days {days}{day}"
        )
    return run
