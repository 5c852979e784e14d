"""Finding places by what somebody types."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction

from hotspots.ingest.addresses import parse
from hotspots.models import Place
from hotspots.statements import statement

SQL = Path(__file__).resolve().parent.parent / "sql"
LEAST_LETTERS = 2
NO_NUMBER = -1
LIKENESS = "0.45"  # word similarity: lets two letters change places in a word of five


class Found(NamedTuple):
    id: int
    name: str
    kind: str
    bbox: tuple[float, float, float, float]  # west, south, east, north
    point: tuple[float, float]  # on the place: longitude, latitude


def find_places(text: str, *, kinds: Sequence[str] = (), limit: int = 10) -> list[Found]:
    """Current places by name, the likeliest first: whole words before parts of words before similar spellings."""
    words = text.replace("\x00", "").split()
    text = " ".join(words)
    if len(text) < LEAST_LETTERS:
        return []
    parsed = parse(text)
    street = parsed.street.split()
    standard = ([str(parsed.low)] if parsed.low is not None else []) + street
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [LIKENESS])
        cursor.execute(
            statement(SQL, "place_search"),
            {
                "text": text,
                "words": _starts_of_words(words),
                "standard_words": _starts_of_words(standard or words),
                "street_words": _starts_of_words(street or words),
                "pattern": _containing(words),
                "standard_pattern": _containing(standard or words),
                "street_pattern": _containing(street or words),
                "number": parsed.low if parsed.low is not None else NO_NUMBER,
                "kinds": list(kinds) or list(Place.Kind.values),
                "limit": limit,
            },
        )
        return [Found(row[0], row[1], row[2], row[3:7], row[7:9]) for row in cursor.fetchall()]


class Crossing(NamedTuple):
    first: str
    second: str
    point: tuple[float, float]


def find_crossings(text: str, *, limit: int = 10) -> list[Crossing]:
    """Where the two streets of "5th & Maple" meet; nothing for any other text."""
    parsed = parse(text.replace("\x00", ""))
    if not (parsed.street and parsed.cross):
        return []
    values: dict[str, Any] = {
        "first": _starts_of_words(parsed.street.split()),
        "second": _starts_of_words(parsed.cross.split()),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "crossing_search"), values)
        return [Crossing(row[0], row[1], row[2:4]) for row in cursor.fetchall()]


def _containing(words: Sequence[str]) -> str:
    return "%" + "%".join(re.sub(r"([\\%_])", r"\\\1", word) for word in words) + "%"


def _starts_of_words(words: Sequence[str]) -> str:
    return ".*".join(r"(^|\W)" + re.escape(word) for word in words)
