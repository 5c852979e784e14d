"""What a concentration run is asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

MOST_DAYS = 3660


@dataclass(frozen=True)
class RunSpec:
    """A window of `days` local days of which `as_of` is the last, over places of one kind.

    `categories` empty means all offenses; `beat_id` None means the whole city. Kind and categories are kept as
    plain text, categories sorted and each once, so that equal questions are equal specs and read the same.
    """

    kind: str
    as_of: date
    days: int
    categories: tuple[str, ...] = ()
    beat_id: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"A window has 1 to {MOST_DAYS:,} days, not {self.days:,}.")
        if not date(1900, 1, 1) <= self.as_of <= date(2999, 12, 31):
            raise ValueError(f"The last day of a window lies between 1900 and 2999, not on {self.as_of}.")
        object.__setattr__(self, "kind", str(self.kind))
        object.__setattr__(self, "categories", tuple(sorted({str(category) for category in self.categories})))

    @property
    def first_day(self) -> date:
        return self.as_of - timedelta(days=self.days - 1)

    @property
    def seed(self) -> int:
        """The same for the same question on every machine, so that a run can be repeated to the last digit."""
        question = f"{self.kind} {self.as_of} {self.days} {','.join(self.categories)} {self.beat_id or ''}"
        return int.from_bytes(blake2b(question.encode(), digest_size=8).digest(), "big") >> 1
