"""What a concentration run is asked for."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class RunSpec:
    """A window of `days` local days of which `as_of` is the last, over places of one kind.

    `categories` empty means all offenses; `beat_id` None means the whole city.
    """

    kind: str
    as_of: date
    days: int
    categories: tuple[str, ...] = ()
    beat_id: int | None = None

    @property
    def first_day(self) -> date:
        return self.as_of - timedelta(days=self.days - 1)
