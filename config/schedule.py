"""Times of day for the scheduler, in the agency's zone."""

import logging
from datetime import tzinfo
from typing import Any

from celery.schedules import crontab

log = logging.getLogger(__name__)


class AgencyCrontab(crontab):
    """A crontab whose hours are those of the agency.

    Celery reads a crontab in the zone of its settings, whatever `nowfun` returns. The agency's zone is a row in the
    database instead, and may change while the scheduler runs; so it is asked for each time, and where the database is
    away the last one known holds.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._last_known: tzinfo | None = None

    @property
    def tz(self) -> tzinfo:
        from django.db import Error, close_old_connections

        from accounts.agency import agency_zone

        close_old_connections()
        try:
            self._last_known = agency_zone()
        except Error as error:
            log.warning("The agency's time zone could not be read: %s", error)
        return self._last_known or self.app.timezone
