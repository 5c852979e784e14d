import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

from tips.intake import storing


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(storing.time, "sleep", waited.append)
    monkeypatch.setattr(storing.connection, "close", lambda: None)
    return waited


@pytest.mark.parametrize("lost", [OperationalError("gone"), InterfaceError("closed"), DatabaseError("no message")])
def test_lost_connection_is_tried_again(lost: Exception, no_database: list[float]) -> None:
    outcomes = [lost, lost]

    def ask() -> str:
        if outcomes:
            raise outcomes.pop()
        return "there"

    assert storing.patiently(ask) == "there"
    assert no_database == [0.2, 0.5]


def test_refusal_of_the_database_is_not_tried_again(no_database: list[float]) -> None:
    def ask() -> None:
        raise IntegrityError("refused")

    with pytest.raises(IntegrityError):
        storing.patiently(ask)
    assert no_database == []


def test_patience_ends(no_database: list[float]) -> None:
    def ask() -> None:
        raise OperationalError("gone")

    with pytest.raises(storing.Away):
        storing.patiently(ask)
    assert no_database == list(storing.WAITS)


def test_what_is_remembered_outlives_a_lost_connection() -> None:
    answers: list[object] = ["first", InterfaceError("closed")]

    def ask() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    remembered = storing.Remembered(ask, seconds=0)
    assert remembered() == "first"
    assert remembered() == "first"
    assert not answers
