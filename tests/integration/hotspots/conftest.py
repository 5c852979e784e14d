"""What the tests share that start real processes."""

import os
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from django.db import connections

from tests.integration.hotspots.processes import Holder


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A queue of this test's own."""
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8
    url = f"{settings.REDIS_URL.rsplit('/', 1)[0]}/{number}"
    with redis.Redis.from_url(url) as queue:
        queue.flushdb()
        yield url
        queue.flushdb()


@pytest.fixture
def holder() -> Iterator[Holder]:
    owner = connections["owner"].settings_dict
    holder = Holder(
        host=owner["HOST"], port=owner["PORT"], dbname=owner["NAME"], user=owner["USER"], password=owner["PASSWORD"]
    )
    yield holder
    holder.close()
