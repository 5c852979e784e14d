from datetime import date

import pytest

from hotspots.models import Offense, Place
from hotspots.specs import RunSpec

DAY = date(2024, 6, 30)


def test_equal_questions_are_equal_specs() -> None:
    one = RunSpec(Place.Kind.BLOCK, DAY, 28, (Offense.Category.VIOLENT, "drugs", "violent"))
    other = RunSpec("block", DAY, 28, ("drugs", "violent"))

    assert one == other
    assert repr(one) == repr(other)
    assert one.seed == other.seed


def test_seed_is_the_same_on_every_machine() -> None:
    assert RunSpec("block", DAY, 28).seed == 8059904153363338122


def test_different_questions_have_different_seeds() -> None:
    specs = [
        RunSpec("block", DAY, 28),
        RunSpec("block", DAY, 91),
        RunSpec("address", DAY, 28),
        RunSpec("block", date(2024, 6, 29), 28),
        RunSpec("block", DAY, 28, ("drugs",)),
        RunSpec("block", DAY, 28, (), 7),
    ]

    assert len({spec.seed for spec in specs}) == len(specs)
    assert all(0 <= spec.seed < 2**63 for spec in specs)


@pytest.mark.parametrize("days", [0, -1, 3661])
def test_window_without_a_sensible_length_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match=r"1 to 3,660 days"):
        RunSpec("block", DAY, days)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_window_outside_of_history_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="between 1900 and 2999"):
        RunSpec("block", day, 28)
