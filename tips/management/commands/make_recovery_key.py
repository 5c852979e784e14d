from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tips.actions.keys import Refused, make_recovery_key
from tips.models import Tip
from tips.sealing.keys import private_bytes
from tips.sealing.paper import write_key

HOW_TO_KEEP_IT = """
This is shown only now and is stored nowhere. Whoever has it opens every tip.
- Write it on paper, or print it on a printer without memory. Two people are there, and read it back to each other.
- Put it into an envelope, both sign across the flap, and lock it into a safe that no administrator opens alone.
- Clear this screen. Keep no photo and no file.
- Then try it: manage.py recovery_drill. Try it again each quarter.
"""


class Command(BaseCommand):
    help = "Make the recovery key, which opens tips when passphrases are lost, and print it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--replace", action="store_true", help="retire the recovery key that there is")

    def handle(self, *, replace: bool, **options: Any) -> None:
        try:
            made = make_recovery_key(replace=replace)
        except Refused as error:
            more = "" if replace else " --replace makes another and retires this one."
            raise CommandError(f"{error}{more}") from None
        self.stdout.write(f"\n{write_key(private_bytes(made.key))}\n")
        self.stdout.write(f"\nIts digits, which the page “Tip keys” shows too: {made.reader.fingerprint}")
        self.stdout.write(HOW_TO_KEEP_IT)
        if tips := Tip.objects.count():
            self.stdout.write(
                f"Tips that are there, {tips}, are not sealed to it yet: a reviewer opens “Tip keys”, unlocks, and presses"
                " “Catch up” beside the recovery key."
            )
