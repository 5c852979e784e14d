"""The main navigation: each app registers its own entries in its `apps.py`, so that no lower app knows a higher one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from accounts.permissions import can


@dataclass(frozen=True)
class Entry:
    """A link for those who may do `capability`. Entries with a `group` stand together under that title, one alone by itself.

    `count` says how much waits there for a person, in one cheap query: every page of those who may asks it."""

    title: str | Promise
    url_name: str
    capability: str
    order: int
    group: str | Promise = ""
    count: Callable[[Any], int] | None = None


@dataclass
class Item:
    """What the header shows: a link, or a title with links below it, and how much waits there."""

    title: str | Promise
    url: str = ""
    current: bool = False
    count: int = 0
    items: list["Item"] = field(default_factory=list)


_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    """Called from `AppConfig.ready()`."""
    for entry in entries:
        _entries[entry.url_name] = entry


def entries() -> Iterator[Entry]:
    yield from sorted(_entries.values(), key=attrgetter("order"))


def items_for(request: HttpRequest) -> list[Item]:
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    top: dict[str, Item] = {}
    links: list[Item] = []
    for entry in entries():
        if not can(user, entry.capability):
            continue
        link = Item(entry.title, reverse(entry.url_name), count=entry.count(user) if entry.count else 0)
        links.append(link)
        if entry.group:
            title = top.setdefault(str(entry.group), Item(entry.group))
            title.items.append(link)
            title.count += link.count
        else:
            top[entry.url_name] = link
    shown = [item.items[0] if len(item.items) == 1 else item for item in top.values()]
    _mark_current(links, shown, request.path)
    return shown


def _mark_current(links: list[Item], top: list[Item], path: str) -> None:
    """The page belongs to the entry with the longest address that its own begins with."""
    inside = [link for link in links if path.startswith(link.url)]
    if inside:
        max(inside, key=lambda link: len(link.url)).current = True
    for item in top:
        item.current = item.current or any(link.current for link in item.items)
