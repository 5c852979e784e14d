"""Work that a page does not wait for: making PDFs, sending mail, reminders."""

from celery import shared_task
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.tasks import WAIT_FOR_DATABASE
from notices.actions import help_requests, lists, reminders


@shared_task(**WAIT_FOR_DATABASE)
def run_list_import(list_import_id: int, missing: str = lists.ASK) -> None:
    """Take in a list. A task that is delivered again, after its worker was killed, starts it over."""
    lists.run(list_import_id, missing)


@shared_task(**WAIT_FOR_DATABASE)
def remind_of_meetings() -> None:
    """Mail what is tomorrow and what is due; a second delivery on a day sends nothing more."""
    reminders.remind(timezone.localdate(timezone=agency_zone()))


@shared_task(**WAIT_FOR_DATABASE)
def forget_contacts() -> None:
    """Forget who asked for help, once that was given and the time is over."""
    help_requests.forget_contacts(timezone.now())
