from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from accounts.models import User
from tests.database import copy_reference_rows, end_other_sessions, restore_reference_rows
from tests.factories.accounts import UserFactory, sign_in
from tests.intake import Form, running_form
from tips.sealing import keys

TRANSACTIONAL = {"transactional_db", "live_server", "django_db_reset_sequences"}


def pytest_configure() -> None:
    """As in production, but for static files from their folders, uploads in memory, and passwords and passphrases that
    cost no time."""
    keys.PASSPHRASE_ROUNDS = 1_000
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left alone with it in the end."""
    slow = ("browser", "services")
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in slow))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The test database, made by the owner of its tables; tests work through the application's role.

    Both connections are named here: pytest-django by itself would set up only those that tests ask for, and a
    mirror without its original stays on the real database.
    """
    with django_db_blocker.unblock():
        configuration = setup_databases(
            verbosity=0,
            interactive=False,
            aliases={"default", "owner"},
            serialized_aliases=set(),
            keepdb=django_db_keepdb and not django_db_createdb,
        )
        copy_reference_rows()
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            connections.close_all()
            end_other_sessions()
            teardown_databases(configuration, verbosity=0)


@pytest.fixture(autouse=True)
def restored_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that commits, empty the tables and put back what the migrations loaded, for every app alike."""
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction")) or not TRANSACTIONAL.isdisjoint(request.fixturenames)
    if not commits:
        yield
        return
    request.getfixturevalue("django_db_setup")
    blocker: DjangoDbBlocker = request.getfixturevalue("django_db_blocker")
    yield
    with blocker.unblock():
        restore_reference_rows()


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    caches["local"].clear()
    yield
    caches["local"].clear()


@pytest.fixture
def client_as(db: None) -> Callable[..., Client]:
    """`client_as("commander")`, `client_as("officer", "clerk")` or `client_as(user)`: a client signed in with a
    second factor, as production asks for; the user is its `.user`."""

    def make(*who: User | str) -> Client:
        user = who[0] if who and isinstance(who[0], User) else UserFactory(roles=list(who))
        return sign_in(Client(), user)

    return make


@pytest.fixture
def commander(db: None) -> User:
    return UserFactory(username="commander", roles=["commander"])


@pytest.fixture
def officer(db: None) -> User:
    return UserFactory(username="officer", roles=["officer"])


@pytest.fixture
def administrator(db: None) -> User:
    return UserFactory(username="administrator", roles=["administrator"])


@pytest.fixture(scope="session")
def running_intake(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    with running_form(tmp_path_factory.mktemp("intake")) as form:
        yield form


@pytest.fixture
def intake(running_intake: Form, transactional_db: None) -> Form:
    """The tip form as a process of its own; what it stores is committed."""
    return running_intake
