"""Sheets of labels: everything inside its label, sheets in order."""

import pytest

from notices.press import Addressee, DoesNotFit, labels
from tests.pdf_text import runs

LONGEST = (
    "SOUTHEASTERN KANSAS PROPERTY HOLDINGS CO",
    "C/O MANAGEMENT OFFICE OF THE COMPLEX, QQ",
    "12345 NORTHWEST WASHINGTON BLVD APT 1204",
    "NORTH KANSAS CITY MO 64116-4321",
)
CLEAR = 1 / 16  # inches to the edges of a label


def addressees(number: int) -> list[Addressee]:
    return [
        Addressee(n, LONGEST if n % 2 else ("OCCUPANT", f"{n} MAIN ST", "PARSONS KS 67357"), "", "en")
        for n in range(1, number + 1)
    ]


@pytest.mark.parametrize(("number", "sheets"), [(1, 1), (30, 1), (31, 2)])
def test_every_line_stands_inside_its_label(number, sheets):
    pages = runs(labels(addressees(number)))
    assert len(pages) == sheets
    written = 0
    for sheet, page in enumerate(pages):
        waiting = list(page)
        for place, addressee in enumerate(addressees(number)[sheet * 30 : sheet * 30 + 30]):
            row, column = divmod(place, 3)
            left, top = 0.1875 + column * 2.75, 0.5 + row
            own, waiting = waiting[: len(addressee.lines)], waiting[len(addressee.lines) :]
            assert [run.text.strip() for run in own] == list(addressee.lines)
            for run in own:
                assert left + CLEAR <= run.left < run.right <= left + 2.625 - CLEAR
                assert top + CLEAR <= run.top < run.bottom <= top + 1 - CLEAR
                assert run.size >= 6
            written += 1
        assert not waiting
    assert written == number


def test_same_addressees_give_the_same_bytes():
    assert labels(addressees(4)) == labels(addressees(4))


def test_line_that_is_too_long_for_a_label_is_refused():
    with pytest.raises(DoesNotFit, match=r"Letter 7: “W+” is too long"):
        labels([Addressee(7, ("W" * 60,), "", "en")])
