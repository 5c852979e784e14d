"""The parts of a mail: which of them are text, which are photos, and of what kind the others are."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import EmailPolicy
from typing import Any

from django.utils.translation import gettext as _

from .html_text import html_text
from .identity import Identity, identity_of, merged
from .words import is_forward, plain, subject_words

MOST_HEADER = 4000  # characters: the parser of headers takes quadratic time
MOST_PARTS, MOST_DEPTH = 200, 20
MOST_PART_TEXT = 400_000  # bytes
STUB = 200  # characters: a text part this short may only say that the mail is HTML

PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_HEIF = re.compile(rb"....ftyp(?:hei|hev|mif1|msf1|avi)", re.S)
_STUB = re.compile(r"html|navegador|browser|viewer|mime", re.I)
# Decoders that are no charsets, or take quadratic time.
_NO_CHARSETS = frozenset(["idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"])


class TolerantPolicy(EmailPolicy):
    """The standard one, for headers of any length, in any bytes, however broken."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, decoded(value.encode("utf-8", "surrogateescape"), "utf-8")[:MOST_HEADER]

    def header_fetch_parse(self, name: str, value: str) -> str:
        try:
            return super().header_fetch_parse(name, value)
        except Exception:  # the parser of malformed headers fails in ways of its own
            return value


POLICY = TolerantPolicy()


@dataclass
class Passage:
    """Text of one mail: ours, or one that came forwarded inside of it."""

    text: str
    reply: bool = False
    forward: bool = False


@dataclass
class Found:
    passages: list[Passage] = field(default_factory=list)
    pictures: list[tuple[str, bytes]] = field(default_factory=list)  # Content-ID and what is in it
    left_out: list[str] = field(default_factory=list)
    identity: Identity = field(default_factory=Identity)
    signature_pictures: set[str] = field(default_factory=set)
    parts: int = 0

    def merge(self, other: "Found", *, with_text: bool = True) -> None:
        if with_text:
            self.passages += other.passages
        self.pictures += other.pictures
        self.left_out += other.left_out
        self.identity = merged([self.identity, other.identity])
        self.signature_pictures |= other.signature_pictures

    def add_text(self, text: str, mail: Passage) -> None:
        """Text after a photo in the same mail goes on with what was before it."""
        if self.passages and (self.passages[-1].reply, self.passages[-1].forward) == (mail.reply, mail.forward):
            self.passages[-1].text += "\n" + text
        else:
            self.passages.append(Passage(text, mail.reply, mail.forward))


def parsed(raw: bytes) -> Message:
    return message_from_bytes(raw, policy=POLICY)


def found_in(message: Message) -> Found:
    found = Found(identity=identity_of(message))
    _walk(message, found, _mail(message), 0)
    return found


def subject_of(message: Message) -> str:
    return str(message.get("Subject") or "")


def _mail(message: Message) -> Passage:
    subject = subject_of(message)
    answers = bool(message.get("In-Reply-To") or message.get("References")) or subject_words(subject) != " ".join(
        plain(subject).split()
    )
    return Passage("", reply=answers, forward=is_forward(subject))


def _walk(part: Message, found: Found, mail: Passage, depth: int) -> None:
    found.parts += 1
    if depth > MOST_DEPTH or found.parts > MOST_PARTS:
        found.left_out.append(_("parts of a mail that has too many"))
        return
    kind = part.get_content_type()
    children = list(_children(part))
    if kind == "multipart/signed":
        children, signatures = children[:1], children[1:]
        found.left_out += [_("a digital signature")] * bool(signatures)
    if kind == "message/rfc822" and children:
        _walk_forwarded(children[0], found, depth)
    elif kind == "multipart/alternative" and children:
        _walk_alternatives(children, found, mail, depth)
    elif children and kind.startswith("multipart/"):
        for child in children:
            _walk(child, found, mail, depth + 1)
    elif kind.startswith("message/") or kind == "text/rfc822-headers":
        found.left_out.append(_("a delivery report"))
    else:
        _take(part, kind, found, mail)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _walk_forwarded(message: Message, found: Found, depth: int) -> None:
    found.left_out.append(_("who sent a forwarded mail, and to whom"))
    theirs = identity_of(message)
    # Who wrote it may be what the tip is about; whom it was written to is likely who now forwards it.
    recipients = identity_of(_as_sender(message))
    theirs.words = {word for word in theirs.words if "." in word or ":" in word}
    theirs.parts = set()
    found.identity = merged([found.identity, theirs, recipients])
    found.passages.append(Passage(subject_words(subject_of(message)) + "\n", forward=True))
    _walk(message, found, Passage("", forward=True), depth + 1)


def _as_sender(message: Message) -> Message:
    other = Message()
    for value in [*message.get_all("To", []), *message.get_all("Delivered-To", [])][:10]:
        other["From"] = str(value).replace("\n", " ").replace("\r", " ")
    return other


def _walk_alternatives(branches: list[Message], found: Found, mail: Passage, depth: int) -> None:
    """The first that is plain text, or the first with any text at all; photos of all of them."""
    offers: list[tuple[bool, Found]] = []
    for branch in branches:
        offer = Found(parts=found.parts)
        _walk(branch, offer, mail, depth + 1)
        found.parts = offer.parts
        offers.append((branch.get_content_type() == "text/plain", offer))
    with_text = [offer for is_plain, offer in sorted(offers, key=lambda pair: not pair[0]) if _length(offer)]
    longest = max(map(_length, with_text), default=0)
    chosen = next((offer for offer in with_text if not (_is_stub(offer) and longest > 2 * _length(offer))), None)
    chosen = chosen or next(iter(with_text), None)
    for _is_plain, offer in offers:
        found.merge(offer, with_text=offer is chosen)


def _length(offer: Found) -> int:
    return sum(len(passage.text.strip()) for passage in offer.passages)


def _is_stub(offer: Found) -> bool:
    return _length(offer) < STUB and any(_STUB.search(passage.text) for passage in offer.passages)


def _take(part: Message, kind: str, found: Found, mail: Passage) -> None:
    content = content_of(part)
    if content.startswith(PICTURES) or _HEIF.match(content) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        found.pictures.append((str(part.get("Content-ID") or "").strip().strip("<>"), content))
    elif content.lstrip()[:27] == b"-----BEGIN PGP MESSAGE-----":
        found.add_text(plain(decoded(content[:MOST_PART_TEXT], "utf-8")), mail)
    elif kind == "text/html" and not _is_attached(part):
        shown = html_text(decoded(content, charset_of(part)))
        found.add_text(plain(shown.text), mail)
        found.signature_pictures |= shown.dropped_pictures
        found.left_out += [_("a signature")] * shown.signature
    elif kind in ("text/plain", "text/enriched") or kind.startswith("multipart/"):
        text = decoded(content[:MOST_PART_TEXT], charset_of(part))
        found.left_out += [_("the end of a very long text")] * (len(content) > MOST_PART_TEXT)
        found.add_text(bare_lines(plain(text)) if kind.startswith("multipart/") else plain(text), mail)
    elif content.strip() and kind != "application/pgp-encrypted":
        found.left_out.append(kind_of(part, kind, content))


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def content_of(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except Exception:  # encodings that lie about themselves
        content = str(part.get_payload()).encode("utf-8", "replace")
    return content if isinstance(content, bytes) else b""


def charset_of(part: Message) -> str:
    try:
        return part.get_content_charset("utf-8")
    except Exception:  # a parameter that cannot be read
        return "utf-8"


def decoded(content: bytes, charset: str) -> str:
    """As the mail says, unless that cannot be: then as UTF-8, then as Windows writes in the west."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = "utf-8"
    western = name in ("ascii", "iso8859-1", "cp1252")  # mails that say so are often UTF-8
    for codec in ["utf-8", "cp1252"] if western or name in _NO_CHARSETS else [name, "utf-8", "cp1252"]:
        try:
            return content.decode(codec)
        except (UnicodeError, LookupError, ValueError):
            continue
    return content.decode("latin-1")


# Lines of a mail that nobody could take apart: what is for machines, or names people.
_MACHINE_LINE = re.compile(
    r"(?:content-[a-z-]+|mime-version|x-[a-z0-9-]+|received|return-path|message-id|from|to|cc|bcc|sender|reply-to|date|"
    r"delivered-to|dkim-signature|authentication-results|references|in-reply-to|arc-[a-z-]+|user-agent|errors-to|"
    r"list-[a-z-]+|thread-[a-z]+|boundary|charset|name|filename)\s*[:=].*|--\S{6,}\s*|[A-Za-z0-9+/=]{60,}\s*",
    re.I,
)


def bare_lines(text: str) -> str:
    kept: list[str] = []
    machine = False
    for line in text.split("\n"):
        machine = bool(_MACHINE_LINE.fullmatch(line.strip()[:5000])) or (machine and line[:1] in (" ", "\t"))
        if not machine:
            kept.append(line)
    return "\n".join(kept)


def kind_of(part: Message, kind: str, content: bytes) -> str:
    """In words; the name of the file may name a person."""
    try:
        ending = str(part.get_filename() or "").rpartition(".")[2].lower()
    except Exception:  # a name that cannot be decoded
        ending = ""
    kinds: list[tuple[Any, str]] = [
        (content.startswith(b"%PDF") or kind == "application/pdf", _("a PDF document")),
        (kind == "application/ms-tnef" or ending == "dat", _("an Outlook attachment (winmail.dat)")),
        (kind.startswith("video/") or ending in ("mp4", "mov", "avi", "3gp", "mkv"), _("a video")),
        (kind.startswith("audio/") or ending in ("mp3", "m4a", "wav", "amr", "ogg"), _("a sound recording")),
        (kind in ("text/vcard", "text/x-vcard", "text/directory") or ending == "vcf", _("a contact card")),
        (kind == "text/calendar" or ending == "ics", _("an invitation")),
        ("pkcs7" in kind or ending in ("p7s", "p7m"), _("a signed or encrypted part (S/MIME)")),
        (kind in ("application/pgp-keys", "application/pgp-signature") or ending == "asc", _("a PGP key or signature")),
        (kind.startswith("image/"), _("a picture that is neither JPEG, PNG nor WebP")),
        (kind == "text/html", _("a web page")),
        ("wordprocessing" in kind or "msword" in kind or ending in ("doc", "docx", "odt", "rtf"), _("a text document")),
        ("sheet" in kind or "excel" in kind or ending in ("xls", "xlsx", "ods", "csv"), _("a spreadsheet")),
        ("presentation" in kind or "powerpoint" in kind or ending in ("ppt", "pptx"), _("a presentation")),
        ("zip" in kind or ending in ("zip", "rar", "7z", "gz"), _("an archive")),
        (kind.startswith("text/"), _("a text file")),
    ]
    return next((words for is_so, words in kinds if is_so), _("a file of another kind"))
