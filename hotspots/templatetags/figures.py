"""How numbers and spans of days are written on pages."""

from datetime import date
from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """.063 is "6.3 %"; small shares keep a digit that tells them from nothing."""
    if share is None:
        return "–"
    value = 100 * share
    if value == 0 or value >= 99.95:
        return f"{value:.0f}\N{NO-BREAK SPACE}%"
    if value < 0.1:
        return "under 0.1\N{NO-BREAK SPACE}%"
    return (f"{value:.0f}" if value >= 30 else f"{value:.1f}") + "\N{NO-BREAK SPACE}%"


@register.filter
def day(value: date | str) -> str:
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return formats.date_format(value, "M j, Y")


@register.simple_tag
def span(first: date | str, last: date | str) -> str:
    """Jan 1 – Dec 31, 2018"""
    first, last = (date.fromisoformat(d) if isinstance(d, str) else d for d in (first, last))
    if first == last:
        return day(last)
    start = formats.date_format(first, "M j" if first.year == last.year else "M j, Y")
    return f"{start} – {day(last)}"


@register.simple_tag
def bar(value: float, greatest: float) -> SafeString:
    """A bar for beside a number; decoration, since the number says the same."""
    width = max(1.0, 100 * value / greatest) if greatest and value else 0
    return format_html(
        '<svg class="bar" width="100%" height="6" aria-hidden="true" focusable="false">'
        '<rect class="bar__of" width="100%" height="6" rx="3"/><rect class="bar__value" width="{}%" height="6" rx="3"/></svg>',
        f"{width:.1f}",
    )


@register.simple_tag
def change_words(now: int, before: int, p: float) -> dict[str, Any]:
    """Whether a count went up or down: said only where chance (the e-test) does not explain it."""
    if now == before:
        return {"state": "same", "words": "same as before", "arrow": "="}
    if p >= 0.05:
        return {"state": "unclear", "words": f"{before:,} before, no clear change", "arrow": "≈"}
    return (
        {"state": "up", "words": f"up from {before:,}", "arrow": "▲"}
        if now > before
        else {
            "state": "down",
            "words": f"down from {before:,}",
            "arrow": "▼",
        }
    )
