"""The rejects of a batch as a file that somebody can open, mend and import again."""

from collections.abc import Iterator
from typing import TextIO

from accounts.cells import csv_lines
from hotspots.models import ImportBatch

HEADERS = ("file", "line", "reason", "row")


def reject_rows(batch: ImportBatch) -> Iterator[tuple[object, ...]]:
    """The rejects, under HEADERS."""
    yield HEADERS
    yield from batch.rejects.values_list(*HEADERS).iterator(chunk_size=5_000)


def write_rejects(batch: ImportBatch, out: TextIO) -> None:
    """Write the rejects as CSV."""
    out.writelines(csv_lines(reject_rows(batch)))
