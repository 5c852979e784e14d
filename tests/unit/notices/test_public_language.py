import pytest

from notices.middleware import language_of
from notices.views.public import tel


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/es/", "es"),
        ("/en/report/", "en"),
        ("/es", "es"),
        ("/", None),
        ("/estate/", None),
        ("/map/es/", None),
        ("/fr/", None),
    ],
)
def test_language_stands_first_in_the_address(path, language):
    assert language_of(path) == language


@pytest.mark.parametrize(
    ("number", "dialed"),
    [("(620) 421-7060", "+16204217060"), ("911", "911"), ("1-620-421-7060", "16204217060"), ("", "")],
)
def test_phone_number_is_dialed_as_one(number, dialed):
    assert tel(number) == dialed
