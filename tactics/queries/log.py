"""What the phone knows of the town, so that it finds places without signal."""

from datetime import date
from pathlib import Path

from django.db import connection

from hotspots.statements import statement

SQL = Path(__file__).resolve().parent.parent / "sql"


def phone_places(on: date) -> str:
    """Current blocks and complexes as JSON text: [[id, kind, name, lon, lat, hot spot or null, outline], …].

    Made whole in the database, for a city has tens of thousands. The outline is an encoded polyline (five decimals,
    about a metre): the line of a block, the edge of a complex.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "phone_places"), {"on": on})
        return str(cursor.fetchone()[0])
