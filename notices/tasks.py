"""Work that a page does not wait for: making PDFs, sending mail, reminders."""

from celery import shared_task
from django.utils import timezone

from accounts.agency import agency_zone
from accounts.models import User
from hotspots.tasks import WAIT_FOR_DATABASE
from notices.actions import help_requests, lists, mailing, making, reminders
from notices.models import Batch


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


@shared_task(**WAIT_FOR_DATABASE)
def make_letters(batch_id: int) -> None:
    """Make the PDF of an approved batch. Delivered again, after its worker was killed, it starts over; once made, it rests."""
    making.make(batch_id=batch_id)


@shared_task(**WAIT_FOR_DATABASE)
def send_letters(batch_id: int, by_id: int) -> None:
    """Send the letters that go by e-mail and were not sent yet. Delivered again, it goes on with the rest."""
    batch = Batch.objects.select_related("version").get(pk=batch_id)
    mailing.send_emails(by=User.objects.get(pk=by_id), batch=batch)
