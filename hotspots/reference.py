"""Tables that ship with the product."""

import csv
from pathlib import Path
from typing import Any

OFFENSES = Path(__file__).resolve().parent / "data" / "offenses.csv"


def load_offenses(offenses: Any) -> int:
    """Add the NIBRS offenses that are not there yet; an agency's own weights and flags stay. How many were added.

    `offenses` is a queryset of Offense, as it is today or as a migration knows it.
    """
    with OFFENSES.open(encoding="utf-8", newline="") as file:
        rows = [
            offenses.model(
                code=row["code"],
                name=row["name"],
                category=row["category"],
                harm_weight=float(row["harm_weight"]),
                enforcement_generated=row["enforcement_generated"] == "yes",
                victim_sensitive=row["victim_sensitive"] == "yes",
            )
            for row in csv.DictReader(file)
        ]
    before = offenses.count()
    offenses.bulk_create(rows, ignore_conflicts=True)
    return int(offenses.count() - before)
