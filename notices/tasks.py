"""Work that a page does not wait for: making PDFs, sending mail, reminders."""

from celery import shared_task

from hotspots.tasks import WAIT_FOR_DATABASE
from notices.actions import lists


@shared_task(**WAIT_FOR_DATABASE)
def run_list_import(list_import_id: int, missing: str = lists.ASK) -> None:
    """Take in a list. A task that is delivered again, after its worker was killed, starts it over."""
    lists.run(list_import_id, missing)
