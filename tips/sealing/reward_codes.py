"""The two numbers of a reward: a code number that everybody at work sees, and a second code that only the tipster does.

Whoever brings both is paid. Of the second code a hash is stored that costs memory (Argon2id, RFC 9106): its 39.8 bits alone
would not stand up to somebody with a copy of the table. No database, no Django.
"""

import hmac
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NUMBER_DIGITS, SECOND_DIGITS, GROUP = 8, 12, 4
MEMORY_KIB, PASSES = 64 * 1024, 3  # a tenth of a second or so, a few times a year
DIGITS = frozenset("0123456789")


def new_number() -> str:
    """Drawn by chance, as R-4821-7730: it tells neither how many there were nor which came first."""
    return "R-" + _grouped(_draw(NUMBER_DIGITS))


def new_second_code() -> str:
    return _grouped(_draw(SECOND_DIGITS))


def read_number(typed: str) -> str:
    """As it is stored, with or without letter and dashes; "" where it cannot be one."""
    digits = _digits(typed)
    return "R-" + _grouped(digits) if len(digits) == NUMBER_DIGITS else ""


def hash_second_code(number: str, second: str, salt: bytes) -> bytes:
    """Of the digits alone, bound to the code number: the same second code of another reward is another hash."""
    said = f"{number} {_digits(second)}".encode()
    slow = Argon2id(salt=salt, length=32, iterations=PASSES, lanes=1, memory_cost=MEMORY_KIB).derive(said)
    return HKDF(hashes.SHA256(), 32, None, b"tips reward, second code").derive(slow)


def fits(number: str, second: str, salt: bytes, stored: bytes | None) -> bool:
    """Takes as long for a reward that nobody knows (`stored` is None) as for one that is there."""
    return hmac.compare_digest(hash_second_code(number, second, salt), bytes(stored or bytes(32)))


def _draw(number: int) -> str:
    return f"{secrets.randbelow(10**number):0{number}d}"


def _digits(typed: str) -> str:
    return "".join(letter for letter in typed if letter in DIGITS)


def _grouped(digits: str) -> str:
    return "-".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))
