"""Workers and commands that are really killed, at moments chosen by a lock on the table they want to write next."""

import os
import signal
from pathlib import Path

import pytest
from django.db import connection

from hotspots import tasks
from hotspots.actions.concentration import compute_run, lock_name
from hotspots.models import ConcentrationRun, Score
from hotspots.queries.concentration import held_locks
from hotspots.specs import RunSpec
from tests.factories.hotspots import BlockFactory, IncidentFactory, LocationFactory
from tests.integration.hotspots.cities import AS_OF
from tests.integration.hotspots.processes import Holder, child_of, ended, kill, manage, send, wait_until, worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

SPEC = RunSpec("block", AS_OF, 28)
ASK = (SPEC.kind, AS_OF.isoformat(), SPEC.days)
Status = ConcentrationRun.Status


@pytest.fixture
def whole_run() -> ConcentrationRun:
    """What readers have before anything goes wrong."""
    IncidentFactory.create_batch(3, location=LocationFactory(block=BlockFactory()))
    return compute_run(by=None, spec=SPEC, standing=True)


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    """Processes that work on the test database."""
    return {**os.environ, "DB_NAME": connection.settings_dict["NAME"], "REDIS_URL": redis_url}


def claimed() -> ConcentrationRun:
    return wait_until("a run is claimed", lambda: ConcentrationRun.objects.filter(status=Status.RUNNING).first())


def nobody_computes() -> bool:
    return not held_locks([lock_name(SPEC)])


@pytest.mark.parametrize(
    "table", ["hotspots_score", "accounts_auditentry"], ids=["before its scores are in", "with all scores in"]
)
def test_worker_killed_while_it_publishes_leaves_the_last_whole_run(
    whole_run: ConcentrationRun,
    environment: dict[str, str],
    redis_url: str,
    holder: Holder,
    tmp_path: Path,
    table: str,
) -> None:
    with worker(environment, tmp_path / "worker.log") as process:
        holder.hold(table)
        send(redis_url, tasks.recompute_run, *ASK, anew=True)
        wait_until("the worker is about to write", holder.is_in_the_way)
        left_behind = claimed()
        kill(process)
    holder.let_go()
    wait_until("the database has noticed", nobody_computes)

    assert ConcentrationRun.objects.published().matching(SPEC).get() == whole_run
    assert not Score.objects.exclude(run=whole_run).exists()
    left_behind.refresh_from_db()
    assert left_behind.status == Status.RUNNING

    following = compute_run(by=None, spec=SPEC, standing=True)

    left_behind.refresh_from_db()
    assert left_behind.status == Status.ABANDONED
    assert ConcentrationRun.objects.published().matching(SPEC).first() == following
    assert following.scores.count() == whole_run.scores.count() == 1


def test_task_whose_process_is_killed_is_delivered_again(
    whole_run: ConcentrationRun, environment: dict[str, str], redis_url: str, holder: Holder, tmp_path: Path
) -> None:
    with worker(environment, tmp_path / "worker.log") as process:
        holder.hold("hotspots_score")
        IncidentFactory()  # so that there is something new to compute
        whole_run.summary = {}
        whole_run.save()
        send(redis_url, tasks.recompute_run, *ASK)
        wait_until("the worker is about to write", holder.is_in_the_way)
        left_behind = claimed()
        os.kill(child_of(process), signal.SIGKILL)
        holder.let_go()

        wait_until(
            "the run is made after all",
            lambda: ConcentrationRun.objects.published().exclude(pk=whole_run.pk).first(),
        )

    left_behind.refresh_from_db()
    assert left_behind.status == Status.ABANDONED


def test_second_command_at_the_same_time_says_so_and_leaves_the_first_alone(
    whole_run: ConcentrationRun, environment: dict[str, str], holder: Holder
) -> None:
    command = ("recompute", "--kind", SPEC.kind, "--days", str(SPEC.days), "--as-of", AS_OF.isoformat())
    holder.hold("hotspots_score")
    with manage(environment, *command) as first:
        wait_until("the first is about to write", holder.is_in_the_way)
        with manage(environment, *command) as second:
            code, said = ended(second)
        assert code != 0
        assert "being computed already" in said
        assert "Traceback" not in said
        holder.let_go()
        assert ended(first)[0] == 0

    assert ConcentrationRun.objects.published().matching(SPEC).count() == 2
    assert not ConcentrationRun.objects.exclude(status=Status.PUBLISHED).exists()
