"""A phone that logs: makes entries as the page does, and sends them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.factories.accounts import sign_in

MINUTE = timedelta(minutes=1)


@dataclass
class Phone:
    officer: User
    clock: timedelta = timedelta(0)  # how far it is ahead
    device: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.client = sign_in(Client(), self.officer)

    def entry(self, type: str, **more: Any) -> dict[str, Any]:
        made_at = (timezone.now() + self.clock).isoformat()
        return {"id": str(uuid4()), "type": type, "officer": self.officer.pk, "made_at": made_at, **more}

    def start(self, activity: UUID, minutes_ago: float = 20, **more: Any) -> dict[str, Any]:
        return self.entry("start", **self.beginning(activity, minutes_ago) | more)

    def end(self, activity: UUID, minutes_ago: float = 5, began: float = 20, **more: Any) -> dict[str, Any]:
        whole = self.beginning(activity, began) | {"ended_at": self.ago(minutes_ago), "details": {}, "note": ""}
        return self.entry("end", **whole | more)

    def log(self, activity: UUID, minutes_ago: float = 5, began: float = 20, **more: Any) -> dict[str, Any]:
        return self.end(activity, minutes_ago, began, **{"recorded": "typed"} | more) | {"type": "log"}

    def beginning(self, activity: UUID, minutes_ago: float) -> dict[str, Any]:
        return {
            "activity": str(activity),
            "kind": "directed_patrol",
            "hot_spot": None,
            "place": None,
            "point": None,
            "started_at": self.ago(minutes_ago),
        }

    def ago(self, minutes: float) -> str:
        return (timezone.now() + self.clock - minutes * MINUTE).isoformat()

    def post(self, *entries: Any, **more: Any) -> Any:
        sent_at = (timezone.now() + self.clock).isoformat()
        body = {"device": str(self.device), "sent_at": sent_at, "entries": list(entries)} | more
        return self.client.post("/log/sync/", body, content_type="application/json")

    def send(self, *entries: Any) -> list[dict[str, Any]]:
        response = self.post(*entries)
        assert response.status_code == 200, response.content
        return response.json()["answers"]
