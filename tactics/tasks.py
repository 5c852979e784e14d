from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.agency import agency_zone
from hotspots.tasks import WAIT_FOR_DATABASE
from tactics.actions import briefings
from tactics.actions import imports as import_actions
from tactics.actions import rosters as roster_actions


@shared_task(**WAIT_FOR_DATABASE)
def run_visit_import(batch_id: int) -> None:
    """Take in an upload. A task that is delivered again, after its worker was killed, starts the import over."""
    import_actions.run_upload(batch_id)


@shared_task(**WAIT_FOR_DATABASE)
def make_briefings() -> None:
    """Make the briefings of the shifts that start within the hour. Runs often, since shifts start at any time."""
    briefings.make_due(timezone.now())


@shared_task(**WAIT_FOR_DATABASE)
def draw_rosters() -> None:
    """Draw the rosters of the coming day, and what is missing of today's; a second delivery draws nothing."""
    today = timezone.localdate(timezone=agency_zone())
    for day in (today, today + timedelta(days=1)):
        roster_actions.draw_coming(day)
