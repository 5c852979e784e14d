import pytest

from tactics.words import amount_in_words, hours_in_words


def on(days: object, first: int, last: int) -> list[int]:
    return [(day * 24 + hour) % 168 for day in days for hour in range(first, last)]


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ([], ""),
        (on([0], 18, 24), "Mon 18:00–24:00"),
        (on(range(4), 18, 24) + on([4, 5], 20, 26), "Mon–Thu 18:00–24:00; Fri, Sat 20:00–2:00"),
        (on(range(7), 6, 8), "Every day 6:00–8:00"),
        (on([6], 22, 26), "Sun 22:00–2:00"),
        (on([0, 1, 3, 4, 5], 9, 10), "Mon, Tue, Thu–Sat 9:00–10:00"),
        (on([4], 20, 24 + 30), "Fri 20:00–6:00 (+2)"),
        (range(168), "Around the clock"),
    ],
)
def test_hours_are_told_by_days(hours, words):
    assert hours_in_words(hours) == words


def test_amount_is_told_with_its_period():
    assert amount_in_words(4, "shift", 15) == "4 visits of 15 minutes per shift"
    assert amount_in_words(1, "week", 120) == "1 visit of 120 minutes per week"
    assert amount_in_words(None, "", None) == ""
