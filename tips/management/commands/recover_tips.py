import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.signing_in import find_user
from tips.actions.keys import Refused, recover
from tips.management.commands import _recovery
from tips.queries.keys import key_of


class Command(BaseCommand):
    help = "With the recovery key, let a reviewer's waiting key in and let it open all tips."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reviewer", required=True, help="the username")
        parser.add_argument("--digits", help="as the reviewer reads them out; a key with others is not let in")

    def handle(self, *, reviewer: str, digits: str | None, **options: Any) -> None:
        person = find_user(reviewer)
        if person is None:
            raise CommandError(f"There is nobody with the username {reviewer}.")
        if waiting := key_of(person):
            self.stdout.write(f"{person}: {waiting.fingerprint}")
            if digits is not None and "".join(digits.split()) != waiting.fingerprint.replace(" ", ""):
                raise CommandError("These are not the digits of the key. Do not let it in.")
            if digits is None and sys.stdin.isatty() and input("Does the reviewer read out the same? yes/no ") != "yes":
                raise CommandError("Nothing was changed.")
        try:
            copied = recover(unlocked=_recovery.ask(), person=person)
        except Refused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{person} can open tips now. Copied for it: {copied.number} that were there.")
        if copied.damaged:
            self.stderr.write(f"Damaged, so that the recovery key does not open them: {copied.damaged}.")
