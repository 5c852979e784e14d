from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notices.actions.making import verify
from notices.models import Batch


class Command(BaseCommand):
    help = "Make the PDF of a batch of letters again, and say whether anything differs from what was made."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", help="its number, or its code, such as B12")

    def handle(self, *args: Any, batch: str, **options: Any) -> None:
        number = batch.upper().removeprefix("B")
        found = (
            Batch.objects.select_related("version").filter(pk=int(number))
            if number.isdecimal()
            else Batch.objects.none()
        )
        row = found.first()
        if row is None:
            raise CommandError(f"There is no batch {batch}.")
        if not row.pdf_digest:
            raise CommandError(f"{row.code} was not made yet.")
        findings = verify(batch=row)
        for code in findings.letters:
            self.stderr.write(f"{code}: says something else than when it was submitted.")
        if not findings.stored:
            self.stderr.write(f"{row.code}: the stored file is gone or is not the one that was made.")
        if not findings.again:
            self.stderr.write(f"{row.code}: the PDF comes out otherwise than it was made.")
        if not findings.clean:
            raise CommandError("The letters are not as they were.")
        self.stdout.write(f"{row.code}: {row.letters.count()} letters, as they were. SHA-256 {row.pdf_digest}")
