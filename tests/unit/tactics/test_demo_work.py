"""The made-up work is such as police work is: by plan, too little of it, and nobody in two places."""

from collections import Counter
from datetime import date, time, timedelta
from itertools import pairwise

import numpy as np
import pytest

from tactics.catalogue import ACTIVITIES, Tactic
from tactics.demo.program import SPOTS
from tactics.demo.work import DAYS, Done, half_a_year

FIRST_DAY = date(2026, 1, 5)
SHIFTS = [(time(6), 480), (time(14), 480), (time(22), 480)]


def work(seed: int = 1) -> list[Done]:
    return half_a_year(SPOTS, FIRST_DAY, SHIFTS, 6, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def done() -> list[Done]:
    return work()


def test_same_seed_gives_same_work(done):
    assert work() == done
    assert work(2) != done


def test_every_kind_of_activity_is_done(done):
    assert {each.kind for each in done} == set(ACTIVITIES)


def test_nobody_is_in_two_places_at_once(done):
    for officer in range(6):
        mine = sorted((each for each in done if each.officer == officer), key=lambda each: each.start)
        for one, next_one in pairwise(mine):
            assert one.start + timedelta(minutes=one.minutes) <= next_one.start


def test_work_lies_within_the_hours_of_the_plan_of_its_day(done):
    for each in done:
        week = (each.start.date() - FIRST_DAY).days // 7
        hour = each.start.weekday() * 24 + each.start.hour
        plans = [plan for plan in SPOTS[each.spot].works if plan.from_week <= week and week <= (plan.until_week or 99)]
        assert any(hour in plan.hours for plan in plans), each


def test_directed_patrols_fall_short_of_what_was_planned(done):
    """Planned: 15 minutes, three an evening and two a night, when the plan ends at 2. Delivered: fewer, and shorter."""
    visits = [each for each in done if each.spot == 0 and each.kind == Tactic.DIRECTED_PATROL]
    assert 0.6 < len(visits) / (5 * DAYS) < 0.85
    assert 9 < np.mean([visit.minutes for visit in visits]) < 12
    assert 0.05 < Counter(visit.recorded for visit in visits)["typed"] / len(visits) < 0.2
