"""2,000 letters with a map as one PDF, against one WeasyPrint call a letter."""

from bench import report, world

LETTERS, PEERS = 2000, 40
MOST_MS, MOST_MB, LEAST = 25, 600, 5


def main() -> list[report.Row]:
    ours = world.measure_letters("ours", LETTERS)
    theirs = world.measure_letters("each", PEERS)
    mine, single = ours.said["seconds"] / LETTERS * 1000, theirs.said["seconds"] / PEERS * 1000
    memory = ours.memory_mb
    size = f"{ours.said['bytes'] / 1e6:.1f} MB"
    note = (
        f"Two pages in English, with the map of a town's streets, each with an address of its own; {size}. Processor time of "
        f"one process after its imports. WeasyPrint made {PEERS} of these letters, a call for each, in the same run; its "
        "time is of those."
    )
    return [
        report.Row(
            "2,000 letters with a map, one PDF",
            "one WeasyPrint call a letter",
            f"{mine:.1f} ms a letter",
            f"{single:.0f} ms a letter",
            single / mine,
            at_least=LEAST,
            note=note,
        ),
        report.Row(
            "the same: processor time of a letter",
            "the target",
            f"{mine:.1f} ms",
            f"{MOST_MS} ms",
            mine / MOST_MS,
            at_most=1,
            note="Addresses are set by WeasyPrint and laid over one body (docs/adr/0008-letters-by-overlay.md).",
        ),
        report.Row(
            "the same: memory",
            "the target",
            f"{memory:.0f} MB",
            f"{MOST_MB} MB",
            memory / MOST_MB,
            at_most=1,
            note=f"Highest resident memory of the whole process; with {PEERS} letters alone WeasyPrint's own held "
            f"{theirs.memory_mb:.0f} MB.",
        ),
    ]


if __name__ == "__main__":
    report.run_one("letters", main)
