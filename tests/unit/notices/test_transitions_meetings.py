"""What may follow what: of meetings, and of requests for help."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from notices.models import HelpRequest, Meeting
from notices.transitions_meetings import (
    MEETING_MOVES,
    REQUEST_MOVES,
    CannotMove,
    can_move,
    can_move_request,
    can_record,
    check_can_change,
    check_can_move,
    check_can_move_request,
)

NOW = datetime(2025, 3, 4, 18, tzinfo=UTC)
MOVES = {("planned", "held"), ("planned", "cancelled"), ("held", "planned"), ("cancelled", "planned")}
REQUESTS = {("new", "taken"), ("new", "closed"), ("taken", "new"), ("taken", "closed"), ("closed", "taken")}


def past(status: str, **values: object) -> Meeting:
    return Meeting(status=status, starts_at=NOW - timedelta(hours=2), **values)


@pytest.mark.parametrize(("source", "target"), list(product(Meeting.Status.values, repeat=2)))
def test_meeting_moves_by_the_table_alone(source: str, target: str) -> None:
    assert can_move(past(source), target, NOW) == ((source, target) in MOVES)


@pytest.mark.parametrize(("source", "target"), sorted(set(product(HelpRequest.Status.values, repeat=2)) - REQUESTS))
def test_request_off_the_table_is_refused_and_says_where_it_stands(source: str, target: str) -> None:
    request = HelpRequest(status=source)
    assert not can_move_request(request, target)
    with pytest.raises(CannotMove, match=f"is {request.get_status_display().lower()} and cannot become"):
        check_can_move_request(request, target)


@pytest.mark.parametrize(("source", "target"), sorted(pair for pair in REQUESTS if pair[1] != "new"))
def test_request_moves_by_the_table(source: str, target: str) -> None:
    assert can_move_request(HelpRequest(status=source), target)


def test_tables_name_every_state() -> None:
    assert set(MEETING_MOVES) == set(Meeting.Status)
    assert {(source, target) for source, targets in REQUEST_MOVES.items() for target in targets} == REQUESTS


def test_meeting_to_come_is_not_held_yet() -> None:
    meeting = Meeting(status="planned", starts_at=NOW + timedelta(minutes=1))
    with pytest.raises(CannotMove, match="still to come"):
        check_can_move(meeting, "held", NOW)
    assert can_move(meeting, "held", NOW + timedelta(minutes=1))
    assert can_move(meeting, "cancelled", NOW)


def test_meeting_with_minutes_stays_held() -> None:
    with pytest.raises(CannotMove, match="minutes were made"):
        check_can_move(past("held", minutes="minutes/1.pdf"), "planned", NOW)


@pytest.mark.parametrize(("status", "open_to_change"), [("planned", True), ("held", True), ("cancelled", False)])
def test_cancelled_meeting_takes_neither_record_nor_change(status: str, open_to_change: bool) -> None:
    meeting = past(status)
    assert can_record(meeting) == open_to_change
    if open_to_change:
        check_can_change(meeting)
        return
    with pytest.raises(CannotMove, match="Plan it again"):
        check_can_change(meeting)
