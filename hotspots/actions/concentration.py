"""Making concentration runs: claim, compute aside, publish whole."""

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import Error, transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots.exports import write_scores
from hotspots.frames import write_columns
from hotspots.models import ConcentrationRun, Score
from hotspots.queries.concentration import data_version, held_locks, session_lock
from hotspots.scoring import Scored, score
from hotspots.specs import RunSpec

log = logging.getLogger(__name__)

WAIT_SECONDS = 10
LOOK_AGAIN_SECONDS = 0.1
Status = ConcentrationRun.Status


class RunInProgress(Exception):
    """Somebody else is computing the same run right now."""

    def __init__(self, spec: RunSpec) -> None:
        super().__init__(f"The run of {spec} is being computed already. Wait for it to end, then look at its result.")


class RunSuperseded(Exception):
    """This process lost its claim while it computed, and another took the run over: its result is dropped."""


def compute_run(*, by: User | None, spec: RunSpec, standing: bool = False) -> ConcentrationRun:
    """Compute the run anew and publish it with all its scores, or raise and leave what readers see as it was.

    Raises RunInProgress while another process computes the same spec. The claim is a lock of the database session
    beside a row that says so: a process that dies leaves the row but not the lock, and the next one sees it.
    """
    started = time.monotonic()
    with session_lock(lock_name(spec)) as held:
        if not held:
            raise RunInProgress(spec)
        run = claim(by=by, spec=spec, standing=standing)
        try:
            scored = score(spec)
            return publish(by=by, run=run, scored=scored, started=started)
        except BaseException as error:
            give_up(run, error)
            raise


def obtain_run(*, by: User | None, spec: RunSpec, standing: bool = False) -> ConcentrationRun:
    """The latest published run of this spec if it was made from the data as it is now; else one computed on the spot.

    Where another process is at it, wait for its result; raises RunInProgress when that takes too long.
    """
    give_up_at = time.monotonic() + WAIT_SECONDS
    while True:
        if run := up_to_date_run(spec):
            if standing and not run.standing:
                ConcentrationRun.objects.filter(pk=run.pk).update(standing=True)
                run.standing = True
            return run
        try:
            return compute_run(by=by, spec=spec, standing=standing)
        except RunInProgress:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(LOOK_AGAIN_SECONDS)


def recompute(*, by: User | None, specs: Iterable[RunSpec]) -> Iterator[ConcentrationRun]:
    """Compute one run after the other, each published before the next starts; those of the nightly set as such."""
    for spec in specs:
        yield compute_run(by=by, spec=spec, standing=is_standing(spec))


def is_standing(spec: RunSpec) -> bool:
    return spec.days in settings.STANDING_WINDOWS and not spec.categories and spec.beat_id is None


def up_to_date_run(spec: RunSpec) -> ConcentrationRun | None:
    run = ConcentrationRun.objects.published().matching(spec).first()
    return run if run and run.summary.get("data_version") == data_version() else None


@transaction.atomic
def claim(*, by: User | None, spec: RunSpec, standing: bool) -> ConcentrationRun:
    """Only for the holder of the lock: any row that still says running was left behind by a process that is gone."""
    ConcentrationRun.objects.matching(spec).filter(status=Status.RUNNING).abandon()
    return ConcentrationRun.objects.create(
        kind=spec.kind,
        as_of=spec.as_of,
        days=spec.days,
        categories=list(spec.categories),
        beat_id=spec.beat_id,
        standing=standing,
        started_by=by,
        seed=spec.seed,
    )


@transaction.atomic
def publish(*, by: User | None, run: ConcentrationRun, scored: Scored, started: float) -> ConcentrationRun:
    """Scores, summary, status and trail become visible together."""
    locked = ConcentrationRun.objects.select_for_update().filter(pk=run.pk, status=Status.RUNNING).first()
    if locked is None:
        raise RunSuperseded(f"Run {run.pk} was taken over by another process.")
    write_columns(Score, {"run_id": np.full(len(scored.columns["place_id"]), run.pk), **scored.columns})
    run.status = Status.PUBLISHED
    run.published_at = timezone.now()
    run.summary = {**scored.summary(), "seconds": round(time.monotonic() - started, 3)}
    run.save(update_fields=["status", "published_at", "summary"])
    record(
        by=by,
        action=AuditEntry.Action.RUN_PUBLISHED,
        subject=run,
        run=run.pk,
        kind=run.kind,
        as_of=run.as_of.isoformat(),
        days=run.days,
        categories=run.categories,
        beat=run.beat_id,
    )
    return run


def give_up(run: ConcentrationRun, error: BaseException) -> None:
    """Say on the row why there is no result. Where the database itself is away, the next run of this spec will."""
    try:
        ConcentrationRun.objects.filter(pk=run.pk, status=Status.RUNNING).fail(f"{type(error).__name__}: {error}")
    except Error:
        log.warning("Run %s failed and could not be marked so: %s", run.pk, error)


def tidy_runs() -> None:
    """Nightly: mark what dead processes left behind, and drop the old answers to questions asked on the map."""
    for run in ConcentrationRun.objects.filter(status=Status.RUNNING):
        with session_lock(lock_name(run.spec)) as held:
            if held:
                ConcentrationRun.objects.filter(pk=run.pk, status=Status.RUNNING).abandon()
    long_ago = timezone.now() - timedelta(days=settings.ASKED_RUNS_KEPT_DAYS)
    ConcentrationRun.objects.filter(standing=False, started_at__lt=long_ago).exclude(status=Status.RUNNING).delete()


def running_now(runs: Iterable[ConcentrationRun]) -> set[int]:
    """Those that a living process computes; a row may say running and have been left behind."""
    names = {lock_name(run.spec): run.pk for run in runs if run.status == Status.RUNNING}
    return {names[name] for name in held_locks(names)} if names else set()


def lock_name(spec: RunSpec) -> str:
    return f"concentration {spec}"


def export_scores(*, by: User | None, run: ConcentrationRun, path: Path) -> None:
    """Write a published run's scores to a file; the trail says who took what. Raises ExportError."""
    rows = write_scores(run, path)
    record(by=by, action=AuditEntry.Action.EXPORTED, subject=run, what="scores", run=run.pk, file=path.name, rows=rows)
