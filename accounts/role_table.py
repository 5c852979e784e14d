"""Which role may do what, read from the capabilities and from the resolver; `docs/roles.md` is its printout."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import TABLE, Role

UNDECLARED = object()


def url_patterns(resolver: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the product with its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from url_patterns(entry, route)
        else:
            yield route, entry


def capability_of(pattern: URLPattern) -> Any:
    """The capability that a view asks for, None when it is open to all, UNDECLARED when it says nothing."""
    return getattr(pattern.callback, "capability", UNDECLARED)


def role_table() -> str:
    pages = defaultdict(list)
    for route, pattern in url_patterns():
        pages[capability_of(pattern)].append(f"`/{route}`")
    head = ["May", *(str(role.label) for role in Role), "Pages"]
    lines = [
        "# Roles",
        "",
        "Which role may do what. Made by `manage.py print_roles` from the capabilities that each app declares; a test",
        "walks every address with every role and compares.",
        "",
        f"| {' | '.join(head)} |",
        f"|{' --- |' * len(head)}",
    ]
    for name in sorted(TABLE):
        app, _, verb = name.partition(".")
        marks = ["x" if role in TABLE[name] else "" for role in Role]
        cells = [f"{verb.replace('_', ' ')} ({app})", *marks, ", ".join(pages[name])]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## Without a role", "", f"Open to all: {', '.join(pages[None])}."]
    lines += ["", f"One's own sign-in, second factor and password: {', '.join(pages[UNDECLARED])}.", ""]
    return "\n".join(lines)
