"""The rejects of a batch as a file that somebody can open, mend and import again."""

import csv
from typing import TextIO

from hotspots.models import ImportBatch

HEADERS = ("file", "line", "reason", "row")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """A cell that a spreadsheet shows instead of running."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def write_rejects(batch: ImportBatch, out: TextIO) -> int:
    """Write the rejects as CSV. How many."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADERS)
    count = 0
    for file, line, reason, row in batch.rejects.values_list("file", "line", "reason", "row").iterator(chunk_size=5_000):
        writer.writerow([neutral(file), line, neutral(reason), neutral(row)])
        count += 1
    return count
