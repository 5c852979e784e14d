from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.demo import make_demo_people
from hotspots.actions.demo import OtherDataPresent, make_additions, make_demo, remove_demo
from hotspots.demo.registry import CannotRemove, additions


class Command(BaseCommand):
    help = (
        "Put in the made-up demo town with two years of incidents, compute what the map shows, let its police have worked "
        "by plans for half a year, and print the sign-ins. "
        "Again, it changes nothing but the sign-ins' password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            metavar="DATE",
            help="last day of the incidents (default: yesterday, once)",
        )
        parser.add_argument("--remove", action="store_true", help="take the demo town out again, for a real city")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            try:
                remove_demo()
            except CannotRemove as refusal:
                raise CommandError(str(refusal)) from None
            self.stdout.write("The demo town is gone.")
            return
        try:
            make_demo(until=options["until"], say=self.stdout.write)
        except OtherDataPresent:
            raise CommandError(
                "This database holds places or incidents of a real city; the made-up town would mix with them. "
                "Set HOTSPOTS_STATE to another folder to try the demo."
            ) from None
        if not settings.DEMO:
            self.stdout.write("DEMO is not on, so no demo sign-ins were made, and nothing that they would have done.")
            return
        people = make_demo_people()
        make_additions(say=self.stdout.write)
        self.stdout.write("Sign in as:")
        for username, password, role in people:
            self.stdout.write(f"  {username:<14} {password}  ({role.label})")
        for addition in additions():
            if addition.note:
                self.stdout.write(addition.note())
