"""Work for the queue. A task may be delivered twice or to several workers: each is written so that this does no harm."""

from datetime import date

from celery import Task, group, shared_task
from django.db import InterfaceError, OperationalError

from accounts.models import User
from hotspots.actions import concentration
from hotspots.actions import incidents as incident_actions
from hotspots.queries.concentration import default_as_of, standing_specs
from hotspots.specs import RunSpec

# A database that is away is waited for, a few seconds at first and five minutes at most, for two hours.
WAIT_FOR_DATABASE = {
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_backoff": 5,
    "retry_backoff_max": 300,
    "max_retries": 30,
}
LOOK_AGAIN_SECONDS = 30


@shared_task(**WAIT_FOR_DATABASE)
def recompute_standing_runs(by_id: int | None = None, anew: bool = False) -> None:
    """Split the nightly set by kind and window, so that it takes as many workers as there are."""
    concentration.tidy_runs()
    group(
        recompute_run.s(spec.kind, spec.as_of.isoformat(), spec.days, by_id=by_id, anew=anew)
        for spec in standing_specs(default_as_of())
    ).apply_async()


@shared_task(bind=True, **WAIT_FOR_DATABASE)
def recompute_run(self: Task, kind: str, as_of: str, days: int, by_id: int | None = None, anew: bool = False) -> None:
    """Make one standing run. `anew` computes it although nothing has changed, but not again when delivered again."""
    by = User.objects.get(pk=by_id) if by_id else None
    again = self.request.retries > 0 or (self.request.delivery_info or {}).get("redelivered")
    make = concentration.compute_run if anew and not again else concentration.obtain_run
    try:
        make(by=by, spec=RunSpec(kind, date.fromisoformat(as_of), days), standing=True)
    except concentration.RunInProgress as error:
        # Perhaps by a process that has died, but whose last query still runs: look again, instead of trusting in it.
        raise self.retry(exc=error, countdown=LOOK_AGAIN_SECONDS) from error


@shared_task
def run_import(batch_id: int) -> None:
    """Take in an upload. A task that is delivered again, after its worker was killed, starts the import over."""
    incident_actions.run_upload(batch_id)
