"""From a mail to a tip: what somebody wants to say, without what tells who says it.

All headers go but the subject, which is content; so do quoted earlier mail, signatures, names of files, and what photos
say beside their pixels. The sender's address and name are taken out of the text. Whatever arrives, this never raises: the
mail is deleted afterwards, so a mail that cannot be understood gives its text as well as possible.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image

from tactics.photos import PhotoError, clean_photo

from .identity import Identity, fold, identity_of, merged, without
from .parts import POLICY, Found, Passage, bare_lines, decoded, found_in, parsed, subject_of
from .words import own_words, plain, subject_words

MOST_BYTES = 40_000_000
# Mails beyond this are made to exhaust the parser.
MOST_LINES, MOST_BOUNDARIES, MOST_SEPARATORS = 1_000_000, 100, 5000
MOST_HEADERS = 100_000  # bytes
MOST_TEXT, MOST_SUBJECT = 50_000, 300  # characters
MOST_PHOTOS = 10
TINY = 32  # pixels: counters of openings, and icons


@dataclass(frozen=True)
class MailTip:
    text: str
    photos: list[bytes] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # in words for the reviewer, never by name


def clean_mail(raw: bytes) -> MailTip:
    whole = len(raw)
    raw = raw[:MOST_BYTES]
    found: Found | None = None
    subject, who = _headers(raw)
    if _is_sane(raw):
        with suppress(Exception):  # whatever the parser meets
            found = found_in(parsed(raw))
    if found is None:
        found = Found(left_out=[_("parts of a mail that could not be understood")])
    if not (found.passages or found.pictures or found.left_out[1:]) and (text := _as_it_is(raw)):
        found.passages.append(Passage(text))
    found.identity = merged([found.identity, who])
    if whole > MOST_BYTES:
        found.left_out.append(_("the end of a mail that is too large"))
    photos = _photos(found)
    text = _text(subject, found)
    return MailTip(text, photos, _counted(found.left_out))


def _is_sane(raw: bytes) -> bool:
    counts = (
        (raw.count(b"\n"), MOST_LINES),
        (raw.lower().count(b"boundary="), MOST_BOUNDARIES),
        (raw.count(b"\n--"), MOST_SEPARATORS),
    )
    return all(count <= most for count, most in counts)


def _headers(raw: bytes) -> tuple[str, Identity]:
    """By themselves, so that they are known of a mail whose body defies the parser."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0] if len(raw) < MOST_HEADERS else raw[:MOST_HEADERS]
    try:
        message = BytesHeaderParser(policy=POLICY).parsebytes(head)
        return subject_of(message)[:MOST_SUBJECT], identity_of(message)
    except Exception:  # whatever the parser meets
        return "", Identity()


def _as_it_is(raw: bytes) -> str:
    """The body as text, without the lines that look made by a program."""
    head, blank, body = raw[: 4 * MOST_TEXT].replace(b"\r\n", b"\n").partition(b"\n\n")
    return bare_lines(plain(decoded(body if blank else head, "utf-8"))).strip()


def _text(subject: str, found: Found) -> str:
    """Never longer than MOST_TEXT, but for the marks of what was removed."""
    pieces: list[str] = []
    for passage in found.passages:
        words = own_words(passage.text[: 4 * MOST_TEXT], reply=passage.reply, forward=passage.forward)
        found.left_out += [_("quoted earlier mail")] * words.quoted
        found.left_out += [_("who sent a forwarded mail, and to whom")] * words.headers
        found.left_out += [_("a signature")] * words.signature
        found.left_out += [_("a PGP key or signature")] * words.key
        if words.text:
            pieces.append(words.text)
    title = subject_words(subject)
    body = "\n\n".join(pieces)
    if title and not fold(body).startswith(fold(title)):
        body = f"{title}\n\n{body}"
    if len(body) > MOST_TEXT:
        found.left_out.append(_("the end of a very long text"))
        body = body[:MOST_TEXT]
    return without(body, found.identity).strip()


def _photos(found: Found) -> list[bytes]:
    photos: list[bytes] = []
    for content_id, content in found.pictures:
        if content_id and content_id in found.signature_pictures:
            found.left_out.append(_("a picture in a signature"))
        elif len(photos) >= MOST_PHOTOS:
            found.left_out.append(_("photos beyond the first %(most)s") % {"most": MOST_PHOTOS})
        elif photo := _photo(content, found):
            photos.append(photo)
    return photos


def _photo(content: bytes, found: Found) -> bytes | None:
    try:
        photo = clean_photo(BytesIO(content)).read()
    except PhotoError:
        found.left_out.append(_("a photo that could not be read, or is too large"))
        return None
    with Image.open(BytesIO(photo)) as image:
        if min(image.size) > TINY:
            return photo
    found.left_out.append(_("a tiny picture"))
    return None


def _counted(left_out: Iterable[str]) -> list[str]:
    return [words if count == 1 else f"{words} ({count})" for words, count in Counter(left_out).items()]
