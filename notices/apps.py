from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from accounts.navigation import Entry, register
        from hotspots import panels
        from hotspots.demo import registry
        from notices.permissions import HANDLE_REQUESTS, MANAGE_OWNERS, SEE_LETTERS, SEE_MEETINGS, WRITE_PUBLIC

        registry.register("notices", make=_make_demo, remove=_remove_demo)
        register(Entry(_("Letters"), "batches", SEE_LETTERS, 50, _("Notices")))
        register(Entry(_("Templates"), "letter_templates", SEE_LETTERS, 51, _("Notices")))
        register(Entry(_("Owners and lists"), "owners", MANAGE_OWNERS, 52, _("Notices")))
        register(Entry(_("Meetings"), "meetings", SEE_MEETINGS, 53, _("Notices")))
        register(Entry(_("Requests for help"), "help_requests", HANDLE_REQUESTS, 54, _("Notices"), count=_new_requests))
        register(Entry(_("Media releases"), "releases", WRITE_PUBLIC, 55, _("Notices")))
        register(Entry(_("Public projects"), "shown_projects", WRITE_PUBLIC, 56, _("Notices")))
        register(Entry(_("To review"), "public_review", WRITE_PUBLIC, 57, _("Notices"), count=_due_for_review))
        panels.register(panels.Panel(_("Meetings"), SEE_MEETINGS, "meetings_panel", 72))
        panels.register_for_places(panels.Panel(_("Meetings"), SEE_MEETINGS, "place_meetings_panel", 70))
        panels.register(panels.Panel(_("Public"), WRITE_PUBLIC, "public_panel", 75))
        panels.register(panels.Panel(_("Letters"), SEE_LETTERS, "letters_panel", 70))


# Models are there only once all apps are ready.
def _new_requests(user: Any) -> int:
    from notices.queries.meetings import new_requests

    return new_requests()


def _due_for_review(user: Any) -> int:
    from notices.queries.media import due_for_review

    return due_for_review()


# Imported when called: what makes the demo prints letters too, and commands that have nothing to do with it stay light.
def _make_demo(*args: Any, **options: Any) -> Any:
    from notices.actions.demo import make_demo

    return make_demo(*args, **options)


def _remove_demo(*args: Any, **options: Any) -> Any:
    from notices.actions.demo import remove_demo

    return remove_demo(*args, **options)
