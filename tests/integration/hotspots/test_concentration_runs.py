"""How runs are claimed, published, given up, reused and tidied."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, User
from hotspots import tasks
from hotspots.actions import concentration as actions
from hotspots.actions.concentration import RunInProgress, RunSuperseded, compute_run, obtain_run, tidy_runs
from hotspots.models import ConcentrationRun, Offense, Score
from hotspots.queries.concentration import lock_key
from hotspots.specs import RunSpec
from tests.factories.hotspots import (
    BlockFactory,
    ComplexFactory,
    ImportBatchFactory,
    IncidentFactory,
    LocationFactory,
    OffenseFactory,
    PublishedRunFactory,
    RunFactory,
    ScoreFactory,
)
from tests.integration.hotspots.cities import AS_OF, random_city

pytestmark = pytest.mark.django_db

SPEC = RunSpec("block", AS_OF, 28)
Status = ConcentrationRun.Status


@pytest.fixture
def town() -> None:
    location = LocationFactory(block=BlockFactory())
    BlockFactory()
    IncidentFactory.create_batch(3, location=location)


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], None]]:
    """Another database session, as another worker has one; call it to hold a lock there."""
    settings = connection.settings_dict
    session = psycopg2.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
    )

    def hold(name: str) -> None:
        with session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lock_key(name)])

    yield hold
    session.close()


def test_run_is_published_with_its_scores_and_trail(town: None, commander: User) -> None:
    run = compute_run(by=commander, spec=SPEC, standing=True)

    stored = ConcentrationRun.objects.get()
    assert stored.status == Status.PUBLISHED
    assert stored.published_at is not None
    assert (stored.spec, stored.seed, stored.standing, stored.started_by) == (SPEC, SPEC.seed, True, commander)
    assert stored.summary["places"] == stored.scores.count() == 2
    entry = AuditEntry.objects.get(action=AuditEntry.Action.RUN_PUBLISHED)
    assert (entry.actor, entry.details["run"], entry.details["kind"]) == (commander, run.pk, "block")


def test_second_run_at_the_same_time_is_refused(town: None, elsewhere: Callable[[str], None]) -> None:
    elsewhere(actions.lock_name(SPEC))

    with pytest.raises(RunInProgress, match="being computed already"):
        compute_run(by=None, spec=SPEC)

    assert not ConcentrationRun.objects.exists()


def test_run_of_another_spec_goes_on_beside_it(town: None, elsewhere: Callable[[str], None]) -> None:
    elsewhere(actions.lock_name(SPEC))

    assert compute_run(by=None, spec=RunSpec("block", AS_OF, 91)).status == Status.PUBLISHED


def test_row_that_says_running_without_a_lock_is_abandoned(town: None) -> None:
    left_behind = RunFactory(as_of=AS_OF, days=28)

    run = compute_run(by=None, spec=SPEC)

    left_behind.refresh_from_db()
    assert left_behind.status == Status.ABANDONED
    assert left_behind.error
    assert run.status == Status.PUBLISHED


def test_run_that_fails_says_why_and_shows_no_scores(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = compute_run(by=None, spec=SPEC)
    monkeypatch.setattr(actions, "score", lambda spec: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        compute_run(by=None, spec=SPEC)

    failed = ConcentrationRun.objects.get(status=Status.FAILED)
    assert "ZeroDivisionError" in failed.error
    assert ConcentrationRun.objects.published().matching(SPEC).get() == whole
    assert not failed.scores.exists()


def test_run_that_fails_after_its_scores_were_copied_shows_none(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**details: Any) -> None:
        assert Score.objects.exists()
        raise OperationalError("the trail cannot be written")

    monkeypatch.setattr(actions, "record", fail)

    with pytest.raises(OperationalError):
        compute_run(by=None, spec=SPEC)

    assert not Score.objects.exists()
    assert ConcentrationRun.objects.get().status == Status.FAILED


def test_lock_is_free_after_a_failure(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "score", lambda spec: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compute_run(by=None, spec=SPEC)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_result_of_a_run_that_was_taken_over_is_dropped(town: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection broke, so its lock fell to another; when it wants to publish, its row says abandoned."""
    scored = actions.score

    def while_it_computes(spec: RunSpec) -> Any:
        ConcentrationRun.objects.all().abandon()
        return scored(spec)

    monkeypatch.setattr(actions, "score", while_it_computes)

    with pytest.raises(RunSuperseded):
        compute_run(by=None, spec=SPEC)

    assert ConcentrationRun.objects.get().status == Status.ABANDONED
    assert not Score.objects.exists()


def test_obtain_reuses_a_run_of_the_same_data(town: None) -> None:
    run = compute_run(by=None, spec=SPEC)

    assert obtain_run(by=None, spec=SPEC) == run
    assert obtain_run(by=None, spec=RunSpec("block", AS_OF, 28, ("drugs",))) != run


@pytest.mark.parametrize(
    "change",
    [
        lambda: ImportBatchFactory(finished_at=datetime(2030, 1, 1, tzinfo=UTC)),
        lambda: record(by=None, action=AuditEntry.Action.PLACES_IMPORTED),
        lambda: record(by=None, action=AuditEntry.Action.LOCATION_PLACED),
        lambda: Offense.objects.filter(code="TEST").update(harm_weight=7),
    ],
    ids=["incidents", "places", "location", "offense"],
)
def test_obtain_computes_anew_after_a_change(town: None, change: Callable[[], object]) -> None:
    run = compute_run(by=None, spec=SPEC)

    change()

    assert obtain_run(by=None, spec=SPEC) != run


def test_obtain_waits_for_the_one_that_computes(
    town: None, elsewhere: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(actions.lock_name(SPEC))
    published: list[ConcentrationRun] = []

    def meanwhile(seconds: float) -> None:
        version = actions.data_version()
        published.append(PublishedRunFactory(as_of=AS_OF, days=28, summary={"data_version": version}))

    monkeypatch.setattr(actions.time, "sleep", meanwhile)

    assert [obtain_run(by=None, spec=SPEC)] == published


def test_obtain_says_so_when_the_other_takes_too_long(
    town: None, elsewhere: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(actions.lock_name(SPEC))
    monkeypatch.setattr(actions, "WAIT_SECONDS", 0)

    with pytest.raises(RunInProgress):
        obtain_run(by=None, spec=SPEC)


def test_obtain_for_the_nightly_set_keeps_what_was_asked_on_the_map(town: None) -> None:
    asked = obtain_run(by=None, spec=SPEC)
    assert not asked.standing

    assert obtain_run(by=None, spec=SPEC, standing=True) == asked

    asked.refresh_from_db()
    assert asked.standing


def test_tidy_drops_old_answers_and_keeps_the_nightly_ones() -> None:
    old, recent = timezone.now() - timedelta(days=8), timezone.now() - timedelta(days=6)
    kept = [PublishedRunFactory(standing=True), PublishedRunFactory(standing=False)]
    dropped = PublishedRunFactory(standing=False)
    ScoreFactory(run=dropped)
    ConcentrationRun.objects.filter(pk__in=[kept[0].pk, dropped.pk]).update(started_at=old)
    ConcentrationRun.objects.filter(pk=kept[1].pk).update(started_at=recent)

    tidy_runs()

    assert set(ConcentrationRun.objects.all()) == set(kept)
    assert not Score.objects.filter(run_id=dropped.pk).exists()


def test_tidy_abandons_what_dead_processes_left_and_leaves_the_living(elsewhere: Callable[[str], None]) -> None:
    dead, living = RunFactory(days=28), RunFactory(days=91)
    elsewhere(actions.lock_name(living.spec))

    tidy_runs()

    dead.refresh_from_db()
    living.refresh_from_db()
    assert (dead.status, living.status) == (Status.ABANDONED, Status.RUNNING)


def test_nightly_set_covers_the_kinds_that_the_city_has(town: None, settings: Any) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    ComplexFactory()

    tasks.recompute_standing_runs.apply()

    runs = ConcentrationRun.objects.published()
    assert {(run.kind, run.days) for run in runs} == {(k, d) for k in ("block", "complex") for d in (28, 91, 365)}
    assert all(run.standing and run.as_of == date(2024, 6, 15) for run in runs)


def test_nightly_set_does_not_repeat_what_has_not_changed(town: None) -> None:
    for _ in range(2):
        tasks.recompute_run.apply(["block", AS_OF.isoformat(), 28], throw=True)

    assert ConcentrationRun.objects.count() == 1


def test_compute_now_repeats_it_but_not_when_delivered_again(town: None, commander: User) -> None:
    ask = {"by_id": commander.pk, "anew": True}
    for _ in range(2):
        tasks.recompute_run.apply(["block", AS_OF.isoformat(), 28], ask, throw=True)
    assert ConcentrationRun.objects.count() == 2

    tasks.recompute_run.apply(["block", AS_OF.isoformat(), 28], ask, throw=True, retries=1)

    assert ConcentrationRun.objects.count() == 2
    assert ConcentrationRun.objects.first().started_by == commander


def test_task_looks_again_while_another_computes(
    town: None, elsewhere: Callable[[str], None], monkeypatch: Any
) -> None:
    elsewhere(actions.lock_name(SPEC))
    monkeypatch.setattr(actions, "WAIT_SECONDS", 0)

    asked: dict[str, Any] = {}

    def retry(**options: Any) -> Exception:
        asked.update(options)
        return RuntimeError("asked for another try")

    monkeypatch.setattr(tasks.recompute_run, "retry", retry)
    with pytest.raises(RuntimeError, match="another try"):
        tasks.recompute_run("block", AS_OF.isoformat(), 28)

    assert asked["countdown"] == tasks.LOOK_AGAIN_SECONDS
    assert isinstance(asked["exc"], RunInProgress)


def test_result_does_not_depend_on_how_the_work_was_split(settings: Any) -> None:
    random_city(seed=11)
    OffenseFactory(code="Z9")
    specs = [RunSpec(kind, AS_OF, days) for kind in ("block", "address", "complex") for days in (28, 91, 365)]
    inline = {run.spec: run for run in actions.recompute(by=None, specs=specs)}

    for spec in reversed(specs):
        tasks.recompute_run.apply([spec.kind, spec.as_of.isoformat(), spec.days], {"anew": True}, throw=True)

    for spec, one in inline.items():
        other = ConcentrationRun.objects.published().matching(spec).first()
        assert other != one
        assert {**other.summary, "seconds": 0} == {**one.summary, "seconds": 0}
        fields = [f.attname for f in Score._meta.concrete_fields if f.attname != "run_id"]
        rows = [list(run.scores.order_by("place_id").values_list(*fields)) for run in (one, other)]
        assert rows[0] == rows[1]
