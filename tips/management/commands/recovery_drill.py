from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tips.actions.drill import drill
from tips.management.commands import _recovery


class Command(BaseCommand):
    help = "Prove that the recovery key opens every tip. Asks for the key, shows no tip, and notes the day."

    def handle(self, **options: Any) -> None:
        found = drill(unlocked=_recovery.ask())
        self.stdout.write(f"Tips: {found.tips}. Opened with the recovery key: {found.opened}.")
        if found.closed:
            self.stderr.write(
                f"Not sealed to it: {found.closed}. A reviewer opens “Tip keys”, unlocks, and presses “Catch up”."
            )
        if found.damaged:
            listed = ", ".join(found.damaged)
            self.stderr.write(f"Damaged: {len(found.damaged)}: {listed}")
        if not found.passed:
            raise CommandError("The drill did not pass.")
        self.stdout.write("The drill passed.")
