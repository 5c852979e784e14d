"""A private key on paper: sixteen groups of four characters, and two more that check the whole.

Each group is two bytes of the key and four bits that check them in their place, in Crockford's alphabet: no I, L, O or U, and
whoever reads an O for a 0 or an l for a 1 has read right.
"""

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
GROUP, GROUPS, CHECKS = 4, 16, 2
BITS = 5


class Mistyped(ValueError):
    """What was typed is no key. `groups`: where, counted from 1, as far as that shows."""

    def __init__(self, groups: tuple[int, ...] = (), found: int = GROUPS + CHECKS) -> None:
        super().__init__("mistyped")  # never what was typed: errors end in logs
        self.groups, self.found = groups, found


def write_key(private: bytes) -> str:
    """Three lines of six groups."""
    groups = [_group(number, private[2 * number : 2 * number + 2]) for number in range(GROUPS)] + _checks(private)
    return "\n".join(" ".join(groups[start : start + 6]) for start in range(0, len(groups), 6))


def read_key(typed: str) -> bytes:
    text = "".join(letter for letter in typed.upper().translate(READ_AS) if not letter.isspace() and letter != "-")
    groups = [text[start : start + GROUP] for start in range(0, len(text), GROUP)]
    if len(text) != GROUP * (GROUPS + CHECKS):
        raise Mistyped(found=len(groups))
    key, wrong = b"", []
    for number, group in enumerate(groups[:GROUPS]):
        part = _part(group)
        if part is None or _group(number, part) != group:
            wrong.append(number + 1)
        key += part or b""
    if wrong:
        raise Mistyped(tuple(wrong))
    if (checks := _checks(key)) != groups[GROUPS:]:
        off = tuple(GROUPS + at + 1 for at in range(CHECKS) if checks[at] != groups[GROUPS + at])
        # One check alone is off where it was mistyped itself; both, where the key was.
        raise Mistyped(off if len(off) < CHECKS else ())
    return key


def _group(number: int, part: bytes) -> str:
    check = hashlib.sha256(b"tip key on paper" + bytes([number]) + part).digest()[0] & 0xF
    return _letters(int.from_bytes(part, "big") << 4 | check, GROUP)


def _part(group: str) -> bytes | None:
    value = 0
    for letter in group:
        if letter not in ALPHABET:
            return None
        value = value << BITS | ALPHABET.index(letter)
    return (value >> 4).to_bytes(2, "big")


def _checks(private: bytes) -> list[str]:
    letters = _letters(int.from_bytes(hashlib.sha256(b"tip key on paper" + private).digest()[:5], "big"), 8)
    return [letters[:GROUP], letters[GROUP:]]


def _letters(value: int, number: int) -> str:
    return "".join(ALPHABET[value >> BITS * at & 31] for at in reversed(range(number)))
