"""Arrays into a table and back."""

import numpy as np
import pyarrow as pa
import pytest

from hotspots.frames import read_columns, write_columns
from hotspots.models import Score
from tests.factories.hotspots import BlockFactory, PublishedRunFactory

pytestmark = pytest.mark.django_db

COUNTS = {
    **{f"{when}{risk}count": 0 for when in ("", "before_", "year_ago_") for risk in ("", "risk_")},
    **dict.fromkeys(("rank", "risk_rank"), 1),
}
NUMBERS = dict.fromkeys(("harm", "change_p", "risk_change_p", "share", "risk_share"), 0.25)


def columns(places: int, **given: object) -> dict[str, np.ndarray]:
    """Of Score, the same in every row where nothing else is given."""
    whole = {"run_id": PublishedRunFactory().pk, **COUNTS, **NUMBERS}
    ids = [BlockFactory().pk for _ in range(places)]
    return {
        **{name: np.full(places, value) for name, value in whole.items()},
        "place_id": np.array(ids, dtype=np.int64),
        **{name: np.asarray(value) for name, value in given.items()},
    }


def test_numbers_are_stored_to_the_last_digit_and_nan_as_null() -> None:
    z, q = [1 / 3, np.nan, -1e-300, np.nan], [0.1, np.nan, np.nan, 1.0]
    written = columns(4, count=[2**31 - 1, 0, 7, 1], z=z, q=q, risk_z=[np.nan] * 4)

    write_columns(Score, written)

    types = {name: pa.float64() if written[name].dtype.kind == "f" else pa.int64() for name in written}
    read = read_columns(f"SELECT {', '.join(types)} FROM hotspots_score ORDER BY place_id", {}, types)
    for name, column in written.items():
        np.testing.assert_array_equal(read[name], column, err_msg=name)
    assert Score.objects.filter(z=None).count() == 2
    assert Score.objects.filter(risk_z=None, risk_q=None).count() == 4


@pytest.mark.parametrize("count", [2**31, 0.5])
def test_number_that_a_column_cannot_hold_is_refused(count: float) -> None:
    with pytest.raises(ValueError, match="no whole one, or too large"):
        write_columns(Score, columns(1, count=[count]))


def test_no_rows_are_written_where_there_are_none() -> None:
    write_columns(Score, columns(0))

    assert not Score.objects.exists()
