"""The fields of letters, and how a letter's Markdown becomes HTML with their values in it.

What a clerk or an agency typed into a field is printed as typed: it is escaped, and Markdown in it means nothing. A letter
itself knows headings, lists, bold and italics, and nothing else: no HTML, no links, no pictures.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

LANGUAGES = ("en", "es")
MAP = '<div class="map"></div>'  # where the map is put in when a letter is printed
LINE = '<span class="line"></span>'  # to write on
BOX = '<span class="box"></span>'  # to tick

# Spaces belong to the name here and are cut off afterwards: a pattern that looks for them takes cubic time.
FIELD = re.compile(r"\{\??(?P<name>[^{}\n]{0,60})\}")
OPTIONAL = re.compile(r"\{\?([^{}\n]{0,60})\}")


class Filler(StrEnum):
    """Who fills a field."""

    AGENCY = "agency"
    PLAN = "plan"  # the hot spot and its open plan; the clerk where there is none
    CLERK = "clerk"
    PRINT = "print"  # the printer of the letter; there is nothing to fill


class Kind(StrEnum):
    WORDS = "words"  # within a line
    TEXT = "text"  # paragraphs, where it stands alone in one
    LIST = "list"  # a line each; bullets, where it stands alone in a paragraph
    MAP = "map"
    LINE = "line"
    BOX = "box"


@dataclass(frozen=True)
class Field:
    name: str
    label: str | Promise
    help: str | Promise
    filler: Filler
    example: Mapping[str, str]
    kind: Kind = Kind.WORDS
    fallback: str = ""  # the field of the agency that stands in when the clerk leaves it empty

    @property
    def token(self) -> str:
        return f"{{{self.name}}}"

    @property
    def is_per_language(self) -> bool:
        """Whether the clerk writes it once in each language."""
        return self.example.get("en") != self.example.get("es")

    @property
    def is_long(self) -> bool:
        return self.kind in (Kind.TEXT, Kind.LIST)

    @property
    def is_phone(self) -> bool:
        """A number that is not parted at the end of a line."""
        return self.name.endswith("_phone")


class FieldError(ValueError):
    """A field of a letter that cannot be printed; says so in words."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class UnknownField(FieldError):
    def __str__(self) -> str:
        near = difflib.get_close_matches(self.name.lower().replace(" ", "_"), FIELDS, n=1, cutoff=0.6)
        if near:
            return _("There is no field {%(name)s}. Did you mean {%(near)s}?") % {"name": self.name, "near": near[0]}
        return _("There is no field {%(name)s}.") % {"name": self.name}


class EmptyField(FieldError):
    def __str__(self) -> str:
        words = {"name": self.name, "label": FIELDS[self.name].label}
        return _("The field {%(name)s} (%(label)s) is empty.") % words


def _both(words: str) -> dict[str, str]:
    return {"en": words, "es": words}


def _fields() -> Iterator[Field]:
    def field(name: str, label: Any, help: Any, filler: Filler, example: str | tuple[str, str], **more: Any) -> Field:
        in_languages = _both(example) if isinstance(example, str) else dict(zip(LANGUAGES, example, strict=True))
        return Field(name, label, help, filler, in_languages, **more)

    t = gettext_lazy
    profile = t("From the agency profile.")
    by_language = t("Written for each batch of letters, in each language.")
    by_batch = t("Written for each batch of letters.")
    agency, plan, clerk, press = Filler.AGENCY, Filler.PLAN, Filler.CLERK, Filler.PRINT

    yield field("agency", t("Agency"), profile, agency, "Parsons Police Department")
    yield field("city", t("City"), profile, agency, "Parsons")
    yield field("agency_phone", t("General services line"), profile, agency, "(620) 555-0100")
    yield field("agency_email", t("E-mail of the agency"), profile, agency, "police@example.org")
    yield field("agency_address", t("Address of the agency"), profile, agency, "100 Main St, Parsons, KS 67357")
    yield field("website", t("Website"), profile, agency, "www.example.org")
    yield field("tip_phone", t("Tip line"), profile, agency, "(620) 555-0101")
    yield field("tip_email", t("Tip e-mail"), profile, agency, "tips@example.org")
    yield field("tip_form", t("Tip form"), t("From the settings of this installation."), agency, "tips.example.org")

    yield field("date", t("Date"), t("The date of the letter."), press, ("March 5, 2025", "5 de marzo de 2025"))
    yield field(
        "area",
        t("Area"),
        t("The streets, as they fit after “in”: “the 1700 block of Main Street”. Written in each language."),
        clerk,
        ("the 1700 to 1900 blocks of Main Street", "las cuadras 1700 a 1900 de la calle Main"),
    )
    yield field(
        "property",
        t("Property"),
        t("The complex that a batch is about, or “your property”."),
        press,
        ("your property", "su propiedad"),
    )
    yield field(
        "start_date",
        t("Start"),
        t("When the plan of the hot spot starts."),
        plan,
        ("March 17, 2025", "17 de marzo de 2025"),
    )
    yield field(
        "review_date",
        t("Review"),
        t("When the plan of the hot spot is reviewed."),
        plan,
        ("June 16, 2025", "16 de junio de 2025"),
    )
    yield field(
        "tactics",
        t("Tactics"),
        t("The tactics of the hot spot's plan in plain words, one a line."),
        plan,
        (
            "Officers visit for 10 to 15 minutes, several times a shift.\n"
            "Officers walk through and talk with people.\n"
            "Police and owners look for places that are too dark, and have lights mended.",
            "Los agentes pasan de 10 a 15 minutos en el lugar, varias veces por turno.\n"
            "Los agentes recorren la zona a pie y hablan con la gente.\n"
            "La policía y los propietarios buscan lugares muy oscuros y hacen reparar las luces.",
        ),
        kind=Kind.LIST,
    )
    yield field("contact_name", t("Contact"), by_batch, clerk, "Sgt. Pat Example")
    yield field(
        "contact_phone",
        t("Phone of the contact"),
        t("Written for each batch of letters; else the general services line."),
        clerk,
        "(620) 555-0102",
        fallback="agency_phone",
    )
    yield field(
        "contact_email",
        t("E-mail of the contact"),
        t("Written for each batch of letters; else the e-mail of the agency."),
        clerk,
        "contact@example.org",
        fallback="agency_email",
    )
    yield field(
        "meeting_time",
        t("Day and time of the meeting"),
        by_language,
        clerk,
        ("Thursday, March 13, at 6:00 p.m.", "el jueves 13 de marzo a las 6:00 p. m."),
    )
    yield field(
        "meeting_place",
        t("Place of the meeting"),
        by_language,
        clerk,
        ("the public library, 311 Example Street", "la biblioteca pública, calle Example 311"),
    )
    yield field(
        "results",
        t("Results"),
        t("What came of the project, with its numbers. Written in each language."),
        clerk,
        (
            "Officers made 212 visits in twelve weeks. Four street lights were repaired.",
            "Los agentes hicieron 212 visitas en doce semanas. Se repararon cuatro luces de la calle.",
        ),
        kind=Kind.TEXT,
    )
    yield field(
        "map", t("Map"), t("A map of the area, if the batch has one; alone on a line."), press, "", kind=Kind.MAP
    )
    yield field("line", t("Line to write on"), t("For a form that is signed."), press, "", kind=Kind.LINE)
    yield field("box", t("Box to check"), t("For a form that is filled in by hand."), press, "", kind=Kind.BOX)


FIELDS: dict[str, Field] = {field.name: field for field in _fields()}
DRAWN = {Kind.MAP: MAP, Kind.LINE: LINE, Kind.BOX: BOX}  # they have no value


def render(markdown: str, values: Mapping[str, str]) -> str:
    """The letter as HTML; raises the first UnknownField or EmptyField."""
    tokens, env = _parsed(markdown, values)
    for error in _errors(tokens, values):
        raise error
    html: str = MARKDOWN.renderer.render(tokens, MARKDOWN.options, env)
    return html


def plain(text: str, values: Mapping[str, str]) -> str:
    """The letter, or its subject, as text without any marks: for e-mail, and to measure how it reads."""
    tokens, _env = _parsed(text, values)
    for error in _errors(tokens, values):
        raise error
    return "\n".join(_lines(tokens, values)).strip()


def problems(markdown: str, values: Mapping[str, str]) -> list[FieldError]:
    """Every unknown and empty field, each once."""
    found: dict[str, FieldError] = {error.name: error for error in _optional_unknown(markdown)}
    tokens, _env = _parsed(markdown, values)
    found |= {error.name: error for error in _errors(tokens, values)}
    return list(found.values())


def unknown(markdown: str) -> list[UnknownField]:
    return [UnknownField(name) for name in used(markdown) if name not in FIELDS]


def used(markdown: str) -> dict[str, bool]:
    """Name of each field that a text has, in its order, to whether the letter needs it.

    One that stands only in lines that are left out without it (`{?website}`) is not needed."""
    found: dict[str, bool] = {}
    for line in markdown.splitlines():
        optional = set(_optional(line))
        for token in _field_tokens(MARKDOWN.parse(OPTIONAL.sub("", line))):
            found[token.content] = found.get(token.content, False) or token.content not in optional
        for name in optional:
            found.setdefault(name, False)
    return found


def _parsed(markdown: str, values: Mapping[str, str]) -> tuple[list[Token], dict[str, Any]]:
    env: dict[str, Any] = {"values": values}
    return MARKDOWN.parse("\n".join(_kept(markdown.splitlines(), values)), env), env


def _kept(lines: Iterable[str], values: Mapping[str, str]) -> Iterator[str]:
    """Without the lines that are to be left out when their field is empty."""
    for line in lines:
        if all(values.get(name, "").strip() or name not in FIELDS for name in _optional(line)):
            yield OPTIONAL.sub(lambda match: "" if match[1].strip() in FIELDS else f"{{{match[1]}}}", line)


def _optional_unknown(markdown: str) -> list[UnknownField]:
    return [UnknownField(name) for name in _optional(markdown) if name not in FIELDS]


def _field_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "field":
            yield token
        yield from _field_tokens(token.children or [])


def _errors(tokens: Sequence[Token], values: Mapping[str, str]) -> Iterator[FieldError]:
    for token in _field_tokens(tokens):
        if token.content not in FIELDS:
            yield UnknownField(token.content)
        elif FIELDS[token.content].kind not in DRAWN and not values.get(token.content, "").strip():
            yield EmptyField(token.content)


def _lines(tokens: Sequence[Token], values: Mapping[str, str]) -> Iterator[str]:
    """A line of text for each paragraph, heading and item, an empty one between blocks."""
    depth, marker = 0, ""
    for token in tokens:
        if token.type.endswith("_list_open"):
            depth += 1
        elif token.type.endswith("_list_close"):
            depth -= 1
            yield ""
        elif token.type == "list_item_open":
            marker = "  " * (depth - 1) + (f"{token.info}. " if token.info else "- ")
        elif token.type == "inline":
            yield from _paragraph(token, marker, values)
            marker = ""
            if not depth:
                yield ""


def _paragraph(token: Token, marker: str, values: Mapping[str, str]) -> Iterator[str]:
    children = token.children or []
    if len(children) == 1 and children[0].type == "field":
        field = FIELDS[children[0].content]
        if field.kind is Kind.MAP:
            return
        if field.is_long:
            bullet = "- " if field.kind is Kind.LIST else ""
            for line in filter(None, map(str.strip, values[field.name].splitlines())):
                yield marker + bullet + line
            return
    yield marker + "".join(_words(child, values) for child in children)


def _words(token: Token, values: Mapping[str, str]) -> str:
    if token.type == "field":
        field = FIELDS[token.content]
        return {Kind.LINE: "_" * 20, Kind.BOX: "[ ]", Kind.MAP: ""}.get(field.kind) or _inline(field, values)
    return " " if token.type == "softbreak" else "\n" if token.type == "hardbreak" else token.content


def _inline(field: Field, values: Mapping[str, str]) -> str:
    lines = [" ".join(line.split()) for line in values.get(field.name, "").splitlines() if line.strip()]
    if field.kind is Kind.LIST:
        return "; ".join(line.removesuffix(".") for line in lines)
    return " ".join(lines)


def _optional(text: str) -> list[str]:
    """The fields whose lines are left out where they are empty."""
    return [match[1].strip() for match in OPTIONAL.finditer(text)]


def _parse_field(state: StateInline, silent: bool) -> bool:
    """`{name}` in the running text."""
    match = FIELD.match(state.src, state.pos, state.posMax)
    name = match["name"].strip() if match else ""
    if not match or not name:
        return False
    if not silent:
        state.push("field", "", 0).content = name
    state.pos = match.end()
    return True


def _stand_alone(state: Any) -> None:
    """A paragraph that is nothing but one field of several lines, or the map, is no paragraph."""
    for i, token in enumerate(state.tokens):
        children = token.children or []
        if token.type == "inline" and len(children) == 1 and children[0].type == "field":
            field = FIELDS.get(children[0].content)
            if field and (field.is_long or field.kind is Kind.MAP) and state.tokens[i - 1].type == "paragraph_open":
                state.tokens[i - 1].hidden = state.tokens[i + 1].hidden = True
                children[0].meta["alone"] = True


def _render_field(self: RendererHTML, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    token, values = tokens[i], env["values"]
    field = FIELDS[token.content]
    if field.kind in DRAWN:
        return DRAWN[field.kind]
    if not token.meta.get("alone"):
        words = escape(_inline(field, values))
        return f'<span class="whole">{words}</span>' if field.is_phone else words
    lines = [escape(" ".join(line.split())) for line in values[field.name].splitlines() if line.strip()]
    if field.kind is Kind.LIST:
        return "<ul>\n" + "".join(f"<li>{line}</li>\n" for line in lines) + "</ul>\n"
    return "".join(f"<p>{line}</p>\n" for line in lines)


def _tick(state: Any) -> None:
    """An item that starts with a box to check has that in the place of its bullet."""
    for i, token in enumerate(state.tokens):
        if token.type == "inline" and token.children and i > 1 and state.tokens[i - 2].type == "list_item_open":
            first = token.children[0]
            if first.type == "field" and first.content == Kind.BOX:
                state.tokens[i - 2].attrSet("class", "tick")


def _lower_headings(state: Any) -> None:
    """The subject is the heading of the letter; those within stand below it."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2" if token.tag in ("h1", "h2") else "h3"


def _markdown() -> MarkdownIt:
    md = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False, "maxNesting": 10})
    md.enable(["heading", "list", "emphasis", "newline", "escape"])
    md.inline.ruler.push("field", _parse_field)
    md.core.ruler.push("stand_alone", _stand_alone)
    md.core.ruler.push("tick", _tick)
    md.core.ruler.push("lower_headings", _lower_headings)
    md.add_render_rule("field", _render_field)
    return md


MARKDOWN = _markdown()
