from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hotspots.ingest.errors import InputError
from hotspots.ingest.suggest import as_toml, suggest


class Command(BaseCommand):
    help = "Propose a mapping for a file of incidents: TOML with comments on what is uncertain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"{options['file']} is not a file")
        try:
            self.stdout.write(as_toml(suggest(options["file"])), ending="")
        except InputError as error:
            raise CommandError(str(error)) from None
