"""How many addresses stand in the cells of the public maps' grid."""

from pathlib import Path

from django.db import connection

from hotspots.statements import statement

SQL = Path(__file__).resolve().parent.parent / "sql"


def addresses_in(box: dict[str, int], *, cell_m: int, srid: int) -> dict[tuple[int, int], int]:
    """By column and row of the cell; `box`: west, south, east and north in meters."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "address_cells"), {"srid": srid, "cell_m": float(cell_m), **box})
        return {(column, row): number for column, row, number in cursor.fetchall()}
