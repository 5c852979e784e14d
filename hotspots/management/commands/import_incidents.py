import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from hotspots.actions.incidents import COUNTS, fail_abandoned, import_incidents
from hotspots.ingest import mapping as mappings
from hotspots.ingest.errors import InputError


class Command(BaseCommand):
    requires_system_checks = ()  # half of the time that a small import takes
    help = "Import incidents from CSV (also .gz), Parquet and GeoJSON files and folders. The last line is JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="FILE", help="file or folder")
        parser.add_argument("--mapping", help=f"a .toml file, or one of: {', '.join(mappings.shipped())}")
        parser.add_argument("--source", default="", help="name of the source; that of the mapping by default")
        parser.add_argument("--rejects", type=Path, help="CSV file to write rejected rows to")

    def handle(self, *args: Any, **options: Any) -> None:
        from hotspots.ingest.suggest import guess_mapping

        started = time.monotonic()
        fail_abandoned()
        bar = tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}<{remaining}", file=self.stderr, leave=False)

        def show(share: float) -> None:
            if (percent := round(100 * share)) > bar.n:
                bar.update(percent - bar.n)

        try:
            batch = import_incidents(
                by=None,
                paths=options["paths"],
                mapping=options["mapping"] or guess_mapping(options["paths"]),
                source=options["source"],
                rejects=options["rejects"],
                progress=show,
                say=lambda text: bar.write(text, file=self.stderr),
            )
        except InputError as error:
            raise CommandError(f"Nothing was imported: {error}") from None
        finally:
            bar.close()
        counts: dict[str, float] = {name: getattr(batch, name) for name in COUNTS}
        self.stdout.write(json.dumps(counts | {"seconds": round(time.monotonic() - started, 2)}))
