"""`manage.py recompute` and `manage.py export_scores`."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEntry
from hotspots.actions import concentration as actions
from hotspots.actions.concentration import RunInProgress
from hotspots.models import ConcentrationRun
from hotspots.specs import RunSpec
from tests.factories.hotspots import BlockFactory, ComplexFactory, PublishedRunFactory, ScoreFactory
from tests.integration.hotspots.cities import AS_OF, random_city

pytestmark = pytest.mark.django_db


def run_command(name: str, *arguments: object) -> str:
    out = StringIO()
    call_command(name, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_recompute_alone_makes_the_nightly_set() -> None:
    BlockFactory()
    ComplexFactory()

    run_command("recompute")

    runs = ConcentrationRun.objects.published().filter(standing=True)
    assert {(run.kind, run.days) for run in runs} == {(k, d) for k in ("block", "complex") for d in (28, 91, 365)}


def test_recompute_of_one_window_prints_a_table() -> None:
    random_city(seed=21)

    printed = run_command("recompute", "--kind", "block", "--days", 365, "--as-of", AS_OF)

    run = ConcentrationRun.objects.get()
    shares, chance = run.summary["count"]["shares"], run.summary["count"]["chance"]["length"]["shares"]
    assert f"{run.summary['located']:,} on 30 places" in printed
    assert f"{100 * shares['50']:.1f} % ({100 * chance['50'][1]:.1f} %)" in printed
    assert "2023-07-02 to 2024-06-30" in printed


def test_recompute_prints_the_summaries_as_json() -> None:
    random_city(seed=22)

    lines = run_command("recompute", "--kind", "block", "--as-of", AS_OF, "--json").splitlines()

    summaries = [json.loads(line) for line in lines]
    assert [summary["days"] for summary in summaries] == [28, 91, 365]
    assert summaries[2]["count"] == ConcentrationRun.objects.get(days=365).summary["count"]


def test_recompute_of_some_offenses_is_not_of_the_nightly_set() -> None:
    random_city(seed=23)

    run_command("recompute", "--kind", "block", "--days", 28, "--category", "violent", "--category", "drugs")

    run = ConcentrationRun.objects.get()
    assert (run.categories, run.standing) == (["drugs", "violent"], False)


def test_recompute_without_places_says_how_to_load_them() -> None:
    with pytest.raises(CommandError, match="import_places"):
        run_command("recompute")


def test_recompute_without_incidents_prints_what_there_is() -> None:
    BlockFactory()

    assert "0 incidents" in run_command("recompute", "--kind", "block", "--days", 28)


def test_recompute_while_another_does_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    BlockFactory()

    def refuse(*, spec: RunSpec, **others: object) -> None:
        raise RunInProgress(spec)

    monkeypatch.setattr(actions, "compute_run", refuse)

    with pytest.raises(CommandError, match="being computed already"):
        run_command("recompute", "--kind", "block", "--days", 28)


@pytest.mark.parametrize("days", [0, 4000])
def test_recompute_of_a_senseless_window_says_so(days: int) -> None:
    BlockFactory()

    with pytest.raises(CommandError, match="1 to 3,660 days"):
        run_command("recompute", "--days", days)


@pytest.mark.parametrize("arguments", [["--as-of", "yesterday"], ["--kind", "beat"], ["--category", "murder"]])
def test_recompute_of_what_there_is_not_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run_command("recompute", *arguments)


def test_export_takes_the_latest_run_of_the_window(tmp_path: Path) -> None:
    for as_of, count in (("2024-06-29", 1), ("2024-06-30", 2)):
        ScoreFactory(run=PublishedRunFactory(as_of=as_of), count=count, risk_count=0)
    ScoreFactory(run=PublishedRunFactory(as_of="2024-07-01", categories=["drugs"]), count=3, risk_count=0)

    run_command("export_scores", tmp_path / "scores.csv")
    run_command("export_scores", tmp_path / "older.csv", "--as-of", "2024-06-29")

    assert [row["count"] for row in csv.DictReader((tmp_path / "scores.csv").read_text().splitlines())] == ["2"]
    assert [row["count"] for row in csv.DictReader((tmp_path / "older.csv").read_text().splitlines())] == ["1"]
    assert AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED, actor=None).count() == 2


def test_export_without_a_run_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="recompute --kind block --days 365"):
        run_command("export_scores", tmp_path / "scores.csv")


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("scores.xlsx", r"must be one of \.csv, \.gpkg, \.parquet"),
        ("scores", "must be one of"),
        ("missing/scores.csv", "does not exist"),
        ("folder.csv", "is a folder"),
    ],
)
def test_export_to_where_it_cannot_go_says_why(tmp_path: Path, out: str, says: str) -> None:
    PublishedRunFactory()
    (tmp_path / "folder.csv").mkdir()

    with pytest.raises(CommandError, match=says):
        run_command("export_scores", tmp_path / out)

    assert not AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).exists()


def test_export_that_fails_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ScoreFactory()
    out = tmp_path / "scores.csv"
    out.write_text("from yesterday")

    def disk_full(table: object, path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.csv.write_csv", disk_full)
    with pytest.raises(CommandError, match="No space left on device"):
        run_command("export_scores", out)

    assert out.read_text() == "from yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]
