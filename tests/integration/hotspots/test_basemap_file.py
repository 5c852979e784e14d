"""The agency's own basemap file, served in parts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db
BODY = bytes(range(200))


@pytest.fixture(autouse=True)
def basemap(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "basemap").mkdir()
    (tmp_path / "basemap" / "city.pmtiles").write_bytes(BODY)
    (tmp_path / "secret.pmtiles").write_bytes(b"no")


@pytest.mark.parametrize(
    ("asked", "status", "body", "said"),
    [
        ("bytes=0-9", 206, BODY[:10], "bytes 0-9/200"),
        ("bytes=190-", 206, BODY[190:], "bytes 190-199/200"),
        ("bytes=190-99999", 206, BODY[190:], "bytes 190-199/200"),
        ("bytes=200-300", 416, b"", "bytes */200"),
        ("bytes=9-3", 416, b"", "bytes */200"),
    ],
)
def test_part_is_served(client_as: Callable[..., Client], asked: str, status: int, body: bytes, said: str) -> None:
    response = client_as("officer").get("/basemap/city.pmtiles", headers={"Range": asked})

    assert response.status_code == status
    assert response.content == body
    assert response["Content-Range"] == said


@pytest.mark.parametrize("asked", ["", "bytes=-5", "lines=1-2", "bytes=1-2,5-6"])
def test_request_without_one_part_gets_all(client_as: Callable[..., Client], asked: str) -> None:
    response = client_as("officer").get("/basemap/city.pmtiles", headers={"Range": asked})

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == BODY


@pytest.mark.parametrize("name", ["other", "../secret", "..%2Fsecret"])
def test_nothing_else_is_served(client_as: Callable[..., Client], name: str) -> None:
    assert client_as("officer").get(f"/basemap/{name}.pmtiles").status_code == 404


def test_strangers_get_nothing(client: Client) -> None:
    assert client.get("/basemap/city.pmtiles").status_code == 302
