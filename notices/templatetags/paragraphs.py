"""How the words of a release are shown. They are plain text, so that they can be pasted anywhere."""

import re
from itertools import groupby

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
POINT = "- "
BLANK = re.compile(r"\n\s*\n")


@register.filter
def paragraphs(text: str) -> SafeString:
    """Blank lines part paragraphs; lines that begin with "- " are a list."""
    blocks = BLANK.split("\n".join(text.splitlines()).strip())
    return format_html_join("\n", "{}", ([_block(block)] for block in blocks if block))


def _block(block: str) -> SafeString:
    runs = groupby(block.split("\n"), key=lambda line: line.startswith(POINT))
    return format_html_join("", "{}", ([_run(list(lines), is_list)] for is_list, lines in runs))


def _run(lines: list[str], is_list: bool) -> SafeString:
    if is_list:
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ([line[2:]] for line in lines)))
    return format_html("<p>{}</p>", format_html_join(SafeString("<br>"), "{}", ([line] for line in lines)))
