from typing import Any

from django.core.management.base import BaseCommand

from tactics.transitions import diagram


class Command(BaseCommand):
    help = "Print docs/plan-states.md: what a plan may become, as a diagram and a table."

    def handle(self, **options: Any) -> None:
        self.stdout.write(diagram(), ending="")
