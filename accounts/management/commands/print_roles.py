from typing import Any

from django.core.management.base import BaseCommand

from accounts.role_table import role_table


class Command(BaseCommand):
    help = "Print docs/roles.md: which role may do what, and which pages ask for it."

    def handle(self, **options: Any) -> None:
        self.stdout.write(role_table(), ending="")
