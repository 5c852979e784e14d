import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab
from django.conf import settings
from django.db import OperationalError

from config.schedule import AgencyCrontab

HONOLULU, CHICAGO = ZoneInfo("Pacific/Honolulu"), ZoneInfo("America/Chicago")


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch):
    """Put the agency in a zone; an exception in its place is raised."""

    def put(zone: ZoneInfo | Exception) -> None:
        def agency_zone() -> ZoneInfo:
            if isinstance(zone, Exception):
                raise zone
            return zone

        monkeypatch.setattr("accounts.agency.agency_zone", agency_zone)
        monkeypatch.setattr("django.db.close_old_connections", lambda: None)

    return put


def at(schedule: crontab, moment: datetime) -> crontab:
    schedule.nowfun = lambda: moment
    return schedule


def test_hour_is_that_of_the_agency(zone) -> None:
    zone(HONOLULU)
    noon = datetime(2024, 1, 1, 22, tzinfo=UTC)  # 12:00 in Honolulu

    schedule = at(AgencyCrontab(hour="3", minute="15"), noon)

    assert schedule.remaining_estimate(noon) == timedelta(hours=15, minutes=15)


def test_plain_crontab_would_go_by_the_zone_of_the_settings(zone) -> None:
    """Why there is a class of our own: nowfun alone changes nothing."""
    zone(HONOLULU)
    noon = datetime(2024, 1, 1, 12, tzinfo=HONOLULU)

    plain = crontab(hour="3", minute="15", nowfun=lambda: noon)

    assert plain.remaining_estimate(noon) == timedelta(hours=11, minutes=15)  # 16:00 in Chicago


def test_run_is_due_once_after_its_time(zone) -> None:
    zone(HONOLULU)
    evening = datetime(2024, 1, 1, 20, tzinfo=HONOLULU)
    after = datetime(2024, 1, 2, 3, 15, 10, tzinfo=HONOLULU)

    assert at(AgencyCrontab(hour="3", minute="15"), after).is_due(evening).is_due
    assert not at(AgencyCrontab(hour="3", minute="15"), after + timedelta(minutes=5)).is_due(after).is_due


def test_zone_that_changes_is_followed(zone) -> None:
    noon = datetime(2024, 1, 1, 18, tzinfo=UTC)  # 12:00 in Chicago, 08:00 in Honolulu
    schedule = at(AgencyCrontab(hour="3", minute="15"), noon)

    zone(CHICAGO)
    assert schedule.remaining_estimate(noon) == timedelta(hours=15, minutes=15)
    zone(HONOLULU)
    assert schedule.remaining_estimate(noon) == timedelta(hours=19, minutes=15)


def test_database_that_is_away_leaves_the_last_known_zone(zone) -> None:
    schedule = AgencyCrontab(hour="3")
    zone(HONOLULU)
    assert schedule.tz == HONOLULU

    zone(OperationalError("the database is away"))

    assert schedule.tz == HONOLULU


def test_database_that_was_never_there_leaves_the_zone_of_the_settings(zone) -> None:
    zone(OperationalError("the database is away"))

    assert str(AgencyCrontab(hour="3").tz) == settings.CELERY_TIMEZONE


def test_scheduler_can_store_it(zone) -> None:
    zone(HONOLULU)

    again = pickle.loads(pickle.dumps(AgencyCrontab(hour="3", minute="15")))

    assert again == AgencyCrontab(hour="3", minute="15")
    assert again.tz == HONOLULU


def test_nightly_run_is_scheduled_by_it() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["recompute-concentration"]

    assert isinstance(entry["schedule"], AgencyCrontab)
    assert entry["task"] == "hotspots.tasks.recompute_standing_runs"
