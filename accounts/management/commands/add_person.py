from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions import add_person
from accounts.roles import Role


class Command(BaseCommand):
    help = "Add a person and print the one-time password; the way to the first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", action="append", choices=Role.values, required=True, dest="roles")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")

    def handle(self, *, username: str, roles: list[str], first_name: str, last_name: str, **options: Any) -> None:
        try:
            person, password = add_person(
                by=None, username=username, roles=roles, first_name=first_name, last_name=last_name
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(f"{person.username} can sign in with the one-time password {password}")
        self.stdout.write("It is shown only now, and has to be replaced at the first sign-in.")
