"""Sealed notes of the tip form's pages."""

import pytest

from tips.intake import tokens

SECRET, OTHER = "a secret of the form", "another secret"


@pytest.mark.parametrize(
    ("secret", "kind", "seconds"), [(SECRET, "form", 60), (OTHER, "opened", 60), (SECRET, "opened", -1)]
)
def test_note_is_read_as_what_it_is_with_its_secret_and_in_its_time_alone(secret, kind, seconds):
    token = tokens.make_with(SECRET, "opened", {"tip": "x"})
    assert tokens.read_with(SECRET, "opened", token, 60) == {"tip": "x"}
    assert tokens.read_with(secret, kind, token, seconds) is None
    assert tokens.read_with(SECRET, "opened", "", 60) is tokens.read_with(SECRET, "opened", "\ud800", 60) is None
