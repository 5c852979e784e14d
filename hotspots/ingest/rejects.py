"""The rejects of a batch as a file that somebody can open, mend and import again."""

import csv
from collections.abc import Iterator
from typing import TextIO

from hotspots.models import ImportBatch

HEADERS = ("file", "line", "reason", "row")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """A cell that a spreadsheet shows instead of running."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def reject_rows(batch: ImportBatch) -> Iterator[tuple[object, ...]]:
    """The rejects under HEADERS, harmless in a spreadsheet."""
    rows = batch.rejects.values_list("file", "line", "reason", "row")
    for file, line, reason, row in rows.iterator(chunk_size=5_000):
        yield neutral(file), line, neutral(reason), neutral(row)


def write_rejects(batch: ImportBatch, out: TextIO) -> None:
    """Write the rejects as CSV."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADERS)
    writer.writerows(reject_rows(batch))
