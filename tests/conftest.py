from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connections


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Tests work through the application's role; only emptying the tables between them needs one right more."""
    with django_db_blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO %s" % connections["default"].settings_dict["USER"])
        connections["owner"].close()


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
