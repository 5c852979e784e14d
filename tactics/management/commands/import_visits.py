import json
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from hotspots.ingest.errors import InputError
from tactics.actions.imports import COUNTS, DWELL, import_visits, start_import
from tactics.models import VisitImport


class Command(BaseCommand):
    help = "Import visits from a CAD export, or make them of vehicles' positions. The last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help="CSV (also .gz), Parquet or GeoJSON")
        parser.add_argument("--kind", choices=VisitImport.Kind.values, required=True)
        parser.add_argument("--source", required=True, help="name of the system that the file comes from")
        parser.add_argument("--dwell", type=float, default=DWELL.total_seconds() / 60, help="shortest stay in minutes")
        parser.add_argument(
            "--column", action="append", default=[], metavar="USE=HEADER", help="such as --column at=ReportTime"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["path"].is_file():
            raise CommandError(f"{options['path']} is not a file.")
        pairs = [text.partition("=") for text in options["column"]]
        bar = tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}<{remaining}", file=self.stderr, leave=False)
        batch = start_import(
            by=None,
            kind=options["kind"],
            source=options["source"],
            file_name=options["path"].name,
            dwell=timedelta(minutes=options["dwell"]),
            columns={use: header for use, _, header in pairs},
        )
        try:
            import_visits(
                batch=batch,
                path=options["path"],
                progress=lambda share: bar.update(round(100 * share) - bar.n) and None,
            )
        except InputError as error:
            raise CommandError(f"Nothing was imported: {error}") from None
        finally:
            bar.close()
        self.stdout.write(json.dumps({name: getattr(batch, name) for name in COUNTS}))
