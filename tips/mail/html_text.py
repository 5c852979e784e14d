"""The text of an HTML mail as a reader sees it: no scripts, styles or what is hidden; a link is its words alone."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

MOST_HTML = 400_000  # characters
MOST_DEPTH = 400

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_UNSEEN = frozenset(
    "script style title template noscript object svg math iframe select textarea button audio video".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav"
    " ol p pre section table tr ul center".split()
)
_ENDS_ITSELF = frozenset(["p", "li", "tr", "td", "th", "dd", "dt", "option"])  # people leave their end tags out
_HIDING = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|font-size:0(?:px|pt|em|%)?(?:;|$|!)|max-height:0(?:px)?(?:;|$|!)"
    r"|(?<!-)opacity:0(?:\.0+)?(?:;|$|!)"
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|protonmail_signature|applemailsignature|(?:^|\s)signature(?:$|\s)"
    r"|yahoo-signature|(?:^|\s)ms-outlook-mobile-body-separator"
)
_QUOTE = re.compile(r"gmail_quote|yahoo_quoted|protonmail_quote|moz-cite|(?:^|\s)cite(?:$|\s)")


@dataclass
class Shown:
    text: str = ""
    signature: bool = False
    dropped_pictures: set[str] = field(default_factory=set)  # Content-IDs of those that stand in a signature


def html_text(html: str) -> Shown:
    html = _finished(html[:MOST_HTML])
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except Exception:  # the standard library's parser asserts on some nonsense
        bare = re.sub(r"(?is)<(script|style|head)\b[^<]*(?:<(?!/\1)[^<]*)*</\1\s*>", " ", html)
        return Shown(unescape(re.sub(r"<[^<>]*>", " ", bare)))
    return Shown(reader.result(), reader.signature, reader.dropped_pictures - reader.pictures)


def _finished(html: str) -> str:
    """Without comments, and a tag that never ends is text: the parser would take quadratic time to find that out."""
    html = re.sub(r"<!--.*?(?:-->|\Z)", "", html, flags=re.S)
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool, int]] = []  # tag, whether it hides, how deep in quotations its content is
        self.hidden = self.quotes = 0
        self.lines: list[str] = []
        self.line: list[str] = []
        self.signature = False
        self.signed = 0
        self.pictures: set[str] = set()
        self.dropped_pictures: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: (value or "") for name, value in attrs}
        if tag == "body":
            self.open, self.hidden, self.quotes, self.signed = [], 0, 0, 0  # whatever the head left open
        if tag in _ENDS_ITSELF and self.open and self.open[-1][0] == tag:
            self.handle_endtag(tag)
        if tag == "img":
            self._picture(values)
        elif tag == "br":
            self._end_line()
        elif tag in _BLOCKS:
            self._end_line(only_if_begun=True)
        elif tag in ("td", "th") and self.line:
            self.line.append(" ")
        if tag == "li" and not self.hidden:
            self.line.append("- ")
        if tag not in _VOID and len(self.open) < MOST_DEPTH:
            self._enter(tag, values)

    def _picture(self, values: dict[str, str]) -> None:
        source = values.get("src", "").strip()
        if source.lower().startswith("cid:"):
            (self.dropped_pictures if self.signed else self.pictures).add(source[4:].strip("<> "))

    def _enter(self, tag: str, values: dict[str, str]) -> None:
        names = f"{values.get('class', '')} {values.get('id', '')}".lower()
        style = re.sub(r"\s+", "", values.get("style", "")[:2000]).lower()
        signs = bool(_SIGNATURE.search(names))
        hides = tag in _UNSEEN or "hidden" in values or signs or bool(_HIDING.search(style))
        quotes = tag == "blockquote" and (values.get("type", "").lower() == "cite" or bool(_QUOTE.search(names)))
        self.signature |= signs
        self.open.append((tag, hides, int(quotes)))
        self.hidden += hides
        self.quotes += quotes
        self.signed = self.signed + 1 if self.signed or signs else 0

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line(only_if_begun=True)
            if tag == "p":
                self._end_line()
        if not any(opened == tag for opened, _hides, _quotes in self.open):
            return
        while self.open:
            opened, hides, quotes = self.open.pop()
            self.hidden -= hides
            self.quotes -= quotes
            self.signed = max(0, self.signed - 1)
            if opened == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            preformatted = any(opened == "pre" for opened, _hides, _quotes in self.open[-5:])
            pieces = data.split("\n") if preformatted else [re.sub(r"\s+", " ", data)]
            for number, piece in enumerate(pieces):
                if number:
                    self._end_line()
                self.line.append(piece)

    def _end_line(self, *, only_if_begun: bool = False) -> None:
        text = re.sub(r" {2,}", " ", "".join(self.line)).strip(" ")
        if not text and only_if_begun:
            self.line = []
            return
        self.line = []
        self.lines.append("> " * self.quotes + text)

    def result(self) -> str:
        self._end_line(only_if_begun=True)
        return "\n".join(self.lines)
