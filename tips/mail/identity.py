"""What in a mail's headers says who sent it, and taking that out of its text.

Names are people's, and so are streets': a name is taken out where it can only be the sender's, and left where it may be
what the tip is about. Addresses, whole names and numbers of phones go everywhere.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.utils import getaddresses

from .words import PGP_MESSAGE

REMOVED = "[removed]"

SENDER_HEADERS = (
    "From", "Reply-To", "Return-Path", "Sender", "X-Sender", "Resent-From", "Resent-Sender", "Resent-Reply-To",
    "Errors-To", "Disposition-Notification-To", "Return-Receipt-To", "X-Original-From", "X-Google-Original-From",
    "X-Original-Sender", "X-Authenticated-Sender", "X-Authenticated-User", "X-Envelope-From", "Envelope-From",
    "X-Return-Path", "X-SG-Sender", "X-Forwarded-For", "X-ME-Sender", "X-SENDER-ID",
)  # fmt: skip
COPY_HEADERS = ("Cc", "Bcc", "X-Forwarded-To", "Delivered-To", "Resent-To")  # people often send a copy to themselves
ROUTE_HEADERS = ("Received", "X-Originating-IP", "X-Sender-IP", "X-Source-IP", "X-Client-IP", "X-Received")
MOST_VALUES = 50  # headers that are read, of each kind

_ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"'@]{1,120}@[^\s<>()\[\]:;,\"'@]{1,200}")
_QUOTED_ADDRESS = re.compile(r"\"[^\"\n]{1,120}\"@[^\s<>()\[\]:;,\"'@]{1,200}")
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:])(?:[0-9a-f]{1,4}:+){3,7}[0-9a-f]{1,4}", re.I)
_DASHES = "\u2010\u2011\u2012\u2013\u2212"
_APOSTROPHES = "\u2018\u2019\u02bc\u00b4"
_WORD = re.compile(r"[^\W\d_]+")

# Domains that half of the country writes from, and that a tip may well be about.
EVERYBODYS = frozenset(
    "gmail.com googlemail.com mail.gmail.com yahoo.com outlook.com hotmail.com live.com msn.com aol.com icloud.com me.com"
    " mac.com proton.me protonmail.com comcast.net att.net verizon.net facebook.com localhost".split()
)
# What makes a name a place's. Spanish puts the word before the name.
_PLACE_AFTER = (
    r"\W{1,2}(?:(?:north|south|east|west|[nsew])\W{1,2})?(?:st|street|ave|avenue|rd|road|dr|drive|ln|lane|ct|court|blvd|"
    r"boulevard|pl|place|ter|terrace|cir|circle|way|hwy|highway|park|school|apartments?|apts?|hotel|motel|inn|church|"
    r"mall|store|bar|high|elementary|middle|building|house|complex|county|city|kansas|ks)\b"
)
_PLACE_BEFORE = re.compile(r"(?:\d{1,6}\s(?:[nsew]\.?\s)?|\b(?:calle|avenida|av\.?|parque|escuela|iglesia)\s)$")
_CLOSING = frozenset(
    "thanks thank you sincerely regards best kind warm yours truly respectfully cheers god bless signed sent by from"
    " gracias atentamente saludos cordialmente cordiales muchas un saludo dios le bendiga firma firmado de parte"
    " mr mrs ms miss dr sr sra srta jr".split()
)
_INTRODUCTION = (
    r"\b(?:my name is|my name's|this is|i am|i'm|me llamo|mi nombre es|soy|yo soy|le habla|habla|de parte de|"
    r"(?:tip|message|report|aviso|mensaje|reporte) (?:from|de))\s+"
)
_CONTACT_LINE = re.compile(
    r"\W*(?:(?:cell|tel|phone|mobile|ph|c|t|m|cel|telefono)\W{0,2})?\+?[\d\s().\-]{7,20}$|\W*\S+@\S+$"
)


@dataclass
class Identity:
    """Everything that must not occur in the text, already folded."""

    everywhere: set[str] = field(default_factory=set)  # addresses: not even inside of a word
    words: set[str] = field(default_factory=set)  # whole names, local parts, domains, IP addresses: as whole words
    phones: set[str] = field(default_factory=set)  # ten digits
    parts: set[str] = field(default_factory=set)  # single names


def identity_of(message: Message) -> Identity:
    found = Identity()
    for value in _values(message, SENDER_HEADERS):
        for name, address in _people(value):
            _learn_address(found, address)
            _learn_name(found, name)
    for value in _values(message, COPY_HEADERS):
        found.everywhere |= {fold(address) for _name, address in _people(value) if address}
    for value in _values(message, ("Message-ID", "X-Message-ID", "Resent-Message-ID")):
        ident = fold(value).strip().strip("<>")
        domain = ident.rpartition("@")[2]
        found.words |= {part for part in (ident, domain) if len(part) >= 5 and _tells(part)}
    for value in _values(message, ROUTE_HEADERS):
        found.words |= {fold(match.group()) for match in _IP.finditer(value) if len(match.group()) >= 7}
    return found


def merged(identities: Iterable[Identity]) -> Identity:
    whole = Identity()
    for one in identities:
        whole.everywhere |= one.everywhere
        whole.words |= one.words
        whole.phones |= one.phones
        whole.parts |= one.parts
    return whole


def _values(message: Message, headers: Sequence[str]) -> Iterator[str]:
    wanted = {header.lower() for header in headers}
    found = [(name, value) for name, value in message.raw_items() if name.lower() in wanted]
    for name, value in found[:MOST_VALUES]:  # before the slow part, which decodes them
        yield unicodedata.normalize("NFC", str(message.policy.header_fetch_parse(name, value)))


def _people(value: str) -> Iterator[tuple[str, str]]:
    try:
        pairs = getaddresses([value])
    except Exception:  # the parser of malformed addresses fails in ways of its own
        pairs = []
    yield from pairs
    for pattern in (_ADDRESS, _QUOTED_ADDRESS):
        for match in pattern.finditer(value):
            yield "", match.group()
    if not any("@" in address for _name, address in pairs):
        yield value.partition("<")[0].strip(" \"'"), ""


def _learn_address(found: Identity, address: str) -> None:
    address = fold(address).strip().strip("<>")
    local, at, domain = address.rpartition("@")
    if not (at and local and domain):
        return
    found.everywhere |= {address, address.rstrip(".")}
    if domain not in EVERYBODYS and "." in domain:
        found.words.add(domain.strip("."))
    for name in {local.strip('"'), local.strip('"').partition("+")[0]}:
        digits = re.sub(r"\D", "", name)
        if re.fullmatch(r"\+?1?\d{10}", name):
            found.phones.add(digits[-10:])  # a text message that came through the phone company's gateway
        elif _letters(name) >= 5 or (len(name) >= 6 and digits):
            found.words.add(name)
        elif len(name) >= 3:
            found.parts.add(name)
        pieces = [piece for piece in re.split(r"[._\-\d]+", name) if len(piece) >= 3]
        if len(pieces) >= 2:
            found.words.add(" ".join(pieces))
            found.parts |= set(pieces)


def _learn_name(found: Identity, name: str) -> None:
    folded = re.sub(r"\s+", " ", fold(name)).strip(" \"'")
    if "@" in folded or not folded:
        return
    last, comma, first = folded.partition(",")
    names = _WORD.findall(f"{first} {last}" if comma else folded)
    if len(names) >= 2:
        found.words |= {folded, " ".join(names), f"{names[0]} {names[-1]}"}
    found.parts |= {part for part in names if len(part) >= 3}


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _tells(part: str) -> bool:
    return part not in EVERYBODYS and ("." in part or "@" in part)


def fold(text: str) -> str:
    """Lower case without accents, and exactly as long, so that a place in it is a place in the text."""
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    if character < "\x80":
        return character.lower()
    if character in _DASHES:
        return "-"
    if character in _APOSTROPHES:
        return "'"
    if character.isspace():
        return character if character == "\n" else " "
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def without(text: str, who: Identity) -> str:
    """The text with REMOVED for all that names its sender. Encrypted text can be read only whole, so names stay there."""
    who = _occurring(who, fold(text))
    for needle in sorted(who.everywhere, key=len, reverse=True):  # the longest go first: one may be part of another
        text = _replaced(text, re.escape(needle))
    pieces = PGP_MESSAGE.split(text)
    pieces[::2] = [_without_names(piece, who) for piece in pieces[::2]]
    return "".join(pieces)


def _occurring(who: Identity, folded: str) -> Identity:
    """A mail can name ten thousand people, each of whom takes a while to look for. Those who are not in it need not be."""
    return Identity(
        {each for each in who.everywhere if each in folded},
        {each for each in who.words if all(piece in folded for piece in each.split(" "))},
        {each for each in who.phones if each[-4:] in folded},
        {each for each in who.parts if each in folded},
    )


def _without_names(text: str, who: Identity) -> str:
    for digits in sorted(who.phones):
        area, office, line = digits[:3], digits[3:6], digits[6:]
        text = _replaced(text, rf"(?<!\d)(?:\+?1[\s.\-]?)?\(?{area}\)?[\s.\-]{{0,2}}{office}[\s.\-]?{line}(?!\d)")
    for words in sorted(who.words, key=len, reverse=True):
        pattern = r"(?<!\w)" + re.escape(words).replace(r"\ ", r"\W{1,3}") + r"(?!\w)"
        # One word may be a street's name as well.
        place = words.isalpha()
        text = _replaced(text, pattern + (rf"(?!{_PLACE_AFTER})" if place else ""), may_be_place=place)
    if who.parts:
        names = _any_of(who.parts)
        text = _replaced(text, rf"(?P<keep>{_INTRODUCTION}){names}(?:\s+{names})*(?!\w)")
    return _signed_lines(text, who.parts | {word for word in who.words if word.isalpha()})


def _any_of(names: set[str]) -> str:
    return "(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + ")"


def _replaced(text: str, pattern: str, *, may_be_place: bool = False) -> str:
    folded, result, end = fold(text), [], 0
    for match in re.finditer(pattern, folded):
        start = match.end("keep") if "keep" in match.re.groupindex else match.start()
        if may_be_place and _PLACE_BEFORE.search(folded, max(0, start - 20), start):
            continue
        result += [text[end:start], REMOVED]
        end = match.end()
    return "".join([*result, text[end:]])


LAST_LINES = 6


def _signed_lines(text: str, names: set[str]) -> str:
    """Names out of the last lines, where a line is nothing but a name and the courtesies around it, and the phone
    number or address under it."""
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()][-LAST_LINES:]
    signed = closed = False
    for number in filled:
        words = re.findall(r"\w+", fold(lines[number]))
        rest = [word for word in words if word not in names and word not in _CLOSING and len(word) > 1]
        if set(words) & names and len(rest) <= (2 if closed else 0):
            lines[number] = _replaced(lines[number], rf"(?<!\w){_any_of(names)}(?!\w)")
            signed = True
        elif (signed or closed) and len(lines[number]) < 200 and _CONTACT_LINE.fullmatch(fold(lines[number])):
            lines[number] = REMOVED
        elif REMOVED in lines[number] and len(words) <= 4:
            signed = True
        closed = bool(words) and set(words) <= _CLOSING
    return "\n".join(lines)
