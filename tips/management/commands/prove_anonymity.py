from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tips.proof.proving import Places, prove
from tips.proof.sending import ProofError


class Command(BaseCommand):
    help = "Send tips that carry made-up traces of a sender, and search this whole installation for the traces."
    requires_system_checks: list[str] = []  # it looks at what runs, and serves no page

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default=settings.TIP_FORM_URL, help="the tip form (default: TIP_FORM_URL)")
        parser.add_argument(
            "--logs", nargs="+", type=Path, default=[], metavar="PATH", help="more logs: files or folders"
        )
        parser.add_argument(
            "--logs-of",
            action="append",
            default=[],
            metavar="COMMAND",
            help='a command that prints logs, run after sending, such as "journalctl --since -1h"',
        )
        parser.add_argument(
            "--temporary", nargs="+", type=Path, metavar="PATH", help="instead of the usual folders of temporary files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        places = replace(Places.usual(), logs=options["logs"], outputs=options["logs_of"])
        if options["temporary"]:
            places = replace(places, temporary=options["temporary"])
        if missing := [str(path) for path in (*places.logs, *places.temporary) if not path.exists()]:
            raise CommandError(f"There is no {', '.join(missing)}.")
        try:
            proof = prove(url=options["url"], places=places, say=self.progress)
        except ProofError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(proof.report)
        if not proof.passed:
            raise CommandError("The proof did not pass.")

    def progress(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()
