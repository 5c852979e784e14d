from celery import shared_task
from django.core.management import call_command

from accounts import reminders, weeks


@shared_task
def clear_expired_sessions() -> None:
    """Ended sessions otherwise stay in their table for good."""
    call_command("clearsessions")


@shared_task
def remind_of_reviews() -> None:
    """Mail how many weeks of the trail wait for a review; a second delivery on a day sends nothing more."""
    reminders.remind(weeks.today())
