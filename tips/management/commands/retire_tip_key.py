from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.signing_in import find_user
from tips.actions.keys import Refused, Why, retire
from tips.queries.keys import key_of, opened_alone


class Command(BaseCommand):
    help = "Retire a reviewer's key: it opens nothing any more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--why", choices=[each.name.lower() for each in Why], default="left")
        parser.add_argument("--give-up-tips", action="store_true", help="even if nobody can open some tips any more")

    def handle(self, *, username: str, why: str, give_up_tips: bool, **options: Any) -> None:
        person = find_user(username)
        reader = key_of(person) if person else None
        if reader is None:
            raise CommandError(f"Nobody with the username {username} has a key.")
        alone = opened_alone(reader)
        try:
            retire(by=None, reader=reader, why=Why[why.upper()], give_up=give_up_tips)
        except Refused as error:
            more = " --give-up-tips retires it all the same, and these tips stay shut for ever." if alone else ""
            raise CommandError(f"{error}{more}") from None
        self.stdout.write(f"The key of {person} is retired.")
        if alone:
            self.stderr.write(f"Given up, for nobody can open them: {alone}.")
