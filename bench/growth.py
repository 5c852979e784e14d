"""57 thousand, 570 thousand, 5.7 million incidents: the same window computed, the import's pace and memory.

The city is repeated into its own past, eleven years at a time and jittered, so that the window that is computed holds
the same incidents at every size.
"""

import statistics
from pathlib import Path

import numpy as np
import pandas as pd

from bench import report, world
from bench.measure import Measured

COPIES, DAYS_APART, JITTER_MINUTES = 9, 4018, 3 * 1440
NEWEST = 13  # monthly files, about a tenth
TIMES = 3
MONTHS = "January February March April May June July August September October November December".split()
WINDOWS = ("28", "365")


def main() -> list[report.Row]:
    world.new_database(world.GROWING)
    stages = []
    for name, folder in stage_folders():
        imported = world.measure_manage(world.GROWING, "import_incidents", folder, "--mapping", "st_louis")
        world.sql(world.GROWING, "VACUUM ANALYZE")
        runs = {days: [recompute(days) for _ in range(TIMES)] for days in WINDOWS}
        stages.append((name, imported, {days: statistics.median(seconds) for days, seconds in runs.items()}))
        print(f"bench: growth: {name} {imported.said} {stages[-1][2]}", flush=True)
    return rows(stages)


def recompute(days: str) -> float:
    arguments = ("recompute", "--kind", "block", "--as-of", world.AS_OF, "--days", days, "--json")
    return float(world.measure_manage(world.GROWING, *arguments).said["seconds"])


def rows(stages: list[tuple[str, Measured, dict[str, float]]]) -> list[report.Row]:
    first, middle, last = stages
    pace = [1000 * imported.seconds / (imported.said["read"] / 1000) for _, imported, _ in stages]
    memory = [imported.memory_mb for _, imported, _ in stages]
    sizes = " → ".join(name for name, _, _ in stages)
    return [
        report.Row(
            f"nightly run of a fixed window of 28 days, {sizes}",
            "itself at the smallest size",
            f"{last[2]['28']:.2f} s",
            f"{first[2]['28']:.2f} s",
            last[2]["28"] / first[2]["28"],
            at_most=1.5,
            note=f"Median of {TIMES}; in between {middle[2]['28']:.2f} s. The 28 days, those before and those a year ago are "
            "all there at each size.",
        ),
        report.Row(
            f"the same of 365 days, {middle[0]} → {last[0]}",
            "itself at the smaller size",
            f"{last[2]['365']:.2f} s",
            f"{middle[2]['365']:.2f} s",
            last[2]["365"] / middle[2]["365"],
            at_most=1.5,
            note=f"At {first[0]}, where the earlier windows are mostly empty: {first[2]['365']:.2f} s.",
        ),
        report.Row(
            f"import, milliseconds for a thousand rows, {sizes}",
            "itself at the middle size",
            f"{pace[2]:.0f} ms",
            f"{pace[1]:.0f} ms",
            pace[2] / pace[1],
            at_most=1.5,
            note=f"Each stage goes into the table that holds the ones before. {first[0]}: {pace[0]:.0f} ms.",
        ),
        report.Row(
            f"import, peak memory, {sizes}",
            "itself at the middle size",
            f"{memory[2]:.0f} MB",
            f"{memory[1]:.0f} MB",
            memory[2] / memory[1],
            at_most=1.25,
            note=f"{first[0]}: {memory[0]:.0f} MB. The database's processes: "
            + ", ".join(f"{imported.server_mb:.0f}" for _, imported, _ in stages)
            + " MB.",
        ),
    ]


def stage_folders() -> list[tuple[str, Path]]:
    files = sorted(world.crime_files().iterdir(), key=month_of)
    newest, older = world.WORK / "newest", world.WORK / "older"
    for folder, chosen in ((newest, files[-NEWEST:]), (older, files[:-NEWEST])):
        folder.mkdir(exist_ok=True)
        for path in chosen:
            if not (folder / path.name).exists():
                (folder / path.name).symlink_to(path.resolve())
    return [("57 k", newest), ("570 k", older), ("5.7 M", repeated(files))]


def month_of(path: Path) -> tuple[str, int]:
    name = path.name.split(".")[0]
    return name[-4:], MONTHS.index(name[:-4])


def repeated(files: list[Path]) -> Path:
    """Nine more cities, each eleven years before the last."""
    folder = world.WORK / "repeated"
    folder.mkdir(exist_ok=True)
    for path in files:
        wanted = {copy: folder / f"{copy}-{path.name.split('.')[0]}.csv" for copy in range(1, COPIES + 1)}
        if all(each.exists() for each in wanted.values()):
            continue
        table = pd.read_csv(
            path, dtype=str, encoding="cp1252", encoding_errors="replace", on_bad_lines="skip", keep_default_na=False
        )
        table.columns = [name.removeprefix("ï»¿") for name in table.columns]
        when = next(name for name in ("DateOccur", "DateOccured", "Date Occur") if name in table)
        occurred = pd.to_datetime(table[when], format="%m/%d/%Y %H:%M", errors="coerce")
        # Rows of one instant move together, so that what takes a row back still finds it.
        jitter = pd.util.hash_array(table[when].to_numpy(dtype=object)) % (2 * JITTER_MINUTES)
        for copy, target in wanted.items():
            minutes = copy * DAYS_APART * 1440 + (jitter * np.uint64(copy) % (2 * JITTER_MINUTES)).astype(np.int64)
            moved = (occurred - pd.to_timedelta(minutes, unit="min")).dt.strftime("%m/%d/%Y %H:%M")
            new = target.with_suffix(".new")
            table.assign(**{when: moved.fillna(table[when])}).to_csv(new, index=False)
            new.rename(target)
    return folder


if __name__ == "__main__":
    report.run_one("growth", main)
