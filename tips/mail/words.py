"""The words that somebody wrote in a mail, without what programs put around them: quoted earlier mail, signatures, armor."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_SIGNATURE_LINES, LONGEST_SIGNATURE = 12, 1000  # what is longer behind a "--" is content
LONGEST_ATTRIBUTION_LINES = 3
FEWEST_HEADER_LINES = 3

_ATTRIBUTION = re.compile(
    r"(?:on|el|le)\b.{0,300}\d.{0,300}\b(?:wrote|writes|escribio|ha escrito)\s*:"
    r"|.{0,200}\d.{0,200}<[^<>\s]+@[^<>\s]+>\s*(?:wrote|escribio)?\s*:"
    r"|.{1,120}(?:<[^<>\s]+@[^<>\s]+>|\S+@\S+|\[removed\])\)?\s+(?:wrote|escribio)\s*:",
    re.I | re.S,
)
_MARKER = re.compile(
    r"[\s*_]*-{2,}\s*(?:original message|mensaje original|original appointment|reply message)\s*-{2,}[\s*_]*"
    r"|[\s*_]*-{2,}\s*(?:forwarded message|mensaje reenviado|forwarded by .{0,80})\s*-{2,}[\s*_]*"
    r"|(?:begin forwarded message|inicio del mensaje reenviado|mensaje reenviado|forwarded message)\s*:\s*",
    re.I,
)
_FORWARDING = re.compile(r"forwarded|reenviado", re.I)
_FORWARD_SUBJECT = re.compile(r"\s*(?:fwd?|rv|reenv|enc)\s*:", re.I)
_HEADER = re.compile(
    r"[\s*_]*(?P<name>from|sent|date|to|cc|bcc|subject|reply-to|importance|attachments?|de|enviado(?: el)?|fecha|para|asunto"
    r"|responder a|importancia|datos adjuntos|cco)[\s*_]*:[\s*_]*",
    re.I,
)
_HEADER_STARTS = ("from", "de", "date", "fecha", "subject", "asunto", "sent", "enviado", "to", "para")
_REPLY_PREFIX = re.compile(r"\s*(?:(?:re|fwd?|rv|aw|resp|enc|reenv)\s*(?:\[\d+\])?\s*:\s*)+", re.I)

_DEVICE = re.compile(
    r"(?:sent|enviado|posted)\s+(?:from|desde|via|using|with|con|por|a traves de)\s+"
    r"(?:(?:the|my|mi|el|la|all|new|una?|an?|samsung|verizon|at&t|t-mobile|galaxy)\W+)*"
    r"(?:[\w&.\-]+\W+){0,3}?"
    r"(?:iphone|ipad|ipod|apple|mac|android|samsung|galaxy|blackberry|pixel|motorola|moto|lg|huawei|xiaomi|oneplus|nokia|kindle"
    r"|smartphone|phone|device|tablet|telefono|celular|movil|dispositivo|tableta|outlook|yahoo|aol|gmail|mail|correo"
    r"|protonmail|proton|zoho|thunderbird|windows|hotmail|verizon|at&t|t-mobile|workspace|bluemail|spark|k-9|fairemail|mobile)"
    r"\b[^\n]{0,80}"
    r"|(?:get|obtener|obten|descargar|descarga|consigue)\s+(?:bluemail|outlook|protonmail|proton mail)\b[^\n]{0,120}",
    re.I,
)
_DELIMITER = re.compile(r"--[ \t]*|-- ?|—[ \t]*")
_PICTURE_MARK = re.compile(r"\[(?:image|cid|imagen)\s*:[^\]\n]{0,200}\]|<cid:[^>\n]{0,200}>", re.I)

_PGP_SIGNATURE = re.compile(r"-----BEGIN PGP SIGNATURE-----.*?(?:-----END PGP SIGNATURE-----|\Z)", re.S)
_PGP_KEY = re.compile(
    r"-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----.*?(?:-----END PGP \w+ KEY BLOCK-----|\Z)", re.S
)
_PGP_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: ?[^\n]*\n)*\n?")
PGP_MESSAGE = re.compile(r"(-----BEGIN PGP MESSAGE-----.*?(?:-----END PGP MESSAGE-----|\Z))", re.S)
_ARMOR_HEADERS = re.compile(r"(?<=-----BEGIN PGP MESSAGE-----\n)(?:[A-Za-z][A-Za-z-]*: ?[^\n]*\n)+")


@dataclass(frozen=True)
class Words:
    text: str
    quoted: bool = False  # earlier mail was dropped
    headers: bool = False  # the header of a forwarded mail was dropped
    signature: bool = False
    key: bool = False  # a PGP key or signature


def plain(text: str) -> str:
    """Composed, with Unix line ends, and nothing that cannot be seen."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    return "".join(kept for character in text if (kept := _seen(character)))


def _seen(character: str) -> str:
    if character in "\n\t" or "\x20" <= character < "\x7f":
        return character
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category == "Cf" and character not in "\u200c\u200d":  # those two join emoji and letters
        return ""
    return "" if category in ("Cc", "Cs", "Cn") else character


def subject_words(subject: str) -> str:
    return _REPLY_PREFIX.sub("", " ".join(plain(subject).split()), count=1)


def is_forward(subject: str) -> bool:
    return bool(_FORWARD_SUBJECT.match(subject))


def own_words(text: str, *, reply: bool, forward: bool) -> Words:
    """`text` is plain() already. A reply drops what it answers; a forwarded mail is what the tip is about, and stays."""
    text, key = _unarmored(_PICTURE_MARK.sub("", text))
    lines = text.split("\n")
    kept, dropped, forwarded = _without_quotes(lines, reply=reply)
    forward = forward or forwarded
    own, signature = _without_signature(kept)
    if not dropped:
        return Words(_joined(own), signature=signature, key=key)
    if not forward and _joined(own):
        return Words(_joined(own), quoted=True, signature=signature, key=key)
    whole, headers = _opened_quotes(lines)
    whole, signature = _without_signature(whole)
    return Words(_joined(whole), headers=headers, signature=signature, key=key)


def _unarmored(text: str) -> tuple[str, bool]:
    text, signed = _PGP_SIGNED.subn("", text)
    text, signatures = _PGP_SIGNATURE.subn("", text)
    text, keys = _PGP_KEY.subn("", text)
    if signed:
        text = re.sub(r"^- (?=-)", "", text, flags=re.M)
    return _ARMOR_HEADERS.sub("", text), bool(signed or signatures or keys)


def _without_quotes(lines: list[str], *, reply: bool) -> tuple[list[str], bool, bool]:
    """The lines that are not quoted, whether any were, and whether they were forwarded."""
    kept: list[str] = []
    dropped = forwarded = False
    at = 0
    while at < len(lines):
        if taken := _attribution(lines, at):
            dropped = reply = True
            at += taken
            following = next((line for line in lines[at:] if line.strip()), "")
            if not following.lstrip().startswith(">"):
                return kept, True, forwarded  # what follows is not marked, so where it ends nobody knows
        elif _is_marker(lines[at]) or _header_block(lines, at):
            marked = [line for line in lines[at:] if _is_marker(line)]
            return kept, True, forwarded or any(_FORWARDING.search(line) for line in marked)
        elif lines[at].startswith(">") and reply:
            dropped = True
            at += 1
        else:
            kept.append(lines[at])
            at += 1
    return kept, dropped, forwarded


def _unmarked(line: str) -> str:
    return re.sub(r"^(?:\s?>)+\s?", "", line)


def _is_marker(line: str) -> bool:
    return len(line) < 200 and bool(_MARKER.fullmatch(_unmarked(line).strip()))


def _attribution(lines: list[str], at: int) -> int:
    """How many lines from here say who wrote on which day what follows."""
    joined = ""
    for count, line in enumerate(lines[at : at + LONGEST_ATTRIBUTION_LINES], start=1):
        if not line.strip() or len(line) > 300:
            return 0
        joined += " " + _unaccented(_unmarked(line).strip())
        if joined.rstrip().endswith(":"):
            return count if _ATTRIBUTION.fullmatch(joined.strip()) else 0
    return 0


def _header_block(lines: list[str], at: int) -> int:
    """How many lines from here are a mail's header as programs print it over a quotation."""
    first = _HEADER.match(_unaccented(_unmarked(lines[at][:500])))
    if not first or not first["name"].lower().startswith(_HEADER_STARTS):
        return 0
    names: set[str] = set()
    count = 0
    for line in lines[at : at + 40]:
        header = _HEADER.match(_unaccented(_unmarked(line[:500])))
        if header:
            names.add(header["name"].lower())
        elif not _unmarked(line).strip() or not (len(names) and _goes_on(line)):
            break
        count += 1
    whole = len(names) >= FEWEST_HEADER_LINES and names & {"from", "de"} and names & {"subject", "asunto"}
    return count if whole else 0


def _goes_on(line: str) -> bool:
    """A folded list of recipients, or words under a long subject."""
    return line[:1] in " \t" or "@" in line


def _opened_quotes(lines: list[str]) -> tuple[list[str], bool]:
    """All lines, without the marks of quotation and the headers of what is quoted."""
    kept: list[str] = []
    headers = False
    at = 0
    while at < len(lines):
        taken = int(_is_marker(lines[at])) or _attribution(lines, at) or _header_block(lines, at)
        headers |= bool(taken)
        if not taken:
            kept.append(_unmarked(lines[at]))
        at += taken or 1
    return kept, headers


def _without_signature(lines: list[str]) -> tuple[list[str], bool]:
    kept = [line.rstrip() for line in lines]
    found = False
    while True:
        while kept and not kept[-1]:
            kept.pop()
        filled = [number for number, line in enumerate(kept) if line][-4:]
        device = next((number for number in filled if _names_device(kept[number])), None)
        delimiter = _delimiter(kept)
        if device is not None:
            del kept[device]
        elif delimiter is not None:
            del kept[delimiter:]
        else:
            return kept, found
        found = True


def _names_device(line: str) -> bool:
    return len(line) <= 160 and bool(_DEVICE.fullmatch(_unaccented(line.strip(" *_<>()"))))


def _delimiter(lines: list[str]) -> int | None:
    for number in range(max(0, len(lines) - LONGEST_SIGNATURE_LINES - 1), len(lines)):
        if _DELIMITER.fullmatch(lines[number]) and sum(map(len, lines[number:])) <= LONGEST_SIGNATURE:
            return number
    return None


def _unaccented(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _joined(lines: Iterable[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
