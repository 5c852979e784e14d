"""Receipts: eight words that a person can write down, and what is made of them.

Eight of 2,048 words are 88 bits. What is stored is a hash that costs memory (Argon2id, RFC 9106), under a salt of the
installation, so that it can be looked up; and a key which the same words open. Neither rests on Argon2id alone: that key is
derived by HKDF-SHA-256 (SP 800-56C) from the words themselves too.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

WORDS = 8
BITS_A_WORD = 11
SECRET_BYTES = WORDS * BITS_A_WORD // 8
LISTS = {"en": "english", "es": "spanish"}  # of BIP 39: the first four letters of a word tell it from all others
TELLING_LETTERS = 4
MEMORY_KIB, PASSES = 16 * 1024, 1  # about 12 ms


class NotAReceipt(ValueError):
    """What was typed cannot be one; `word` is what stands in the way, `like` what may have been meant."""

    def __init__(self, word: str = "", like: tuple[str, ...] = ()) -> None:
        super().__init__("not a receipt")  # never the word: errors end in logs
        self.word, self.like = word, like


@dataclass(frozen=True)
class Opened:
    """What a receipt gives: `stored` to look the tip up by, `secret` to open its reply key with."""

    stored: bytes
    secret: bytes


def new_receipt(language: str) -> str:
    """Words of one language that nobody could take for those of another."""
    words = _words(language if language in LISTS else "en")
    while True:
        chosen = [words[secrets.randbelow(len(words))] for _ in range(WORDS)]
        if sum(_fits(chosen, other) for other in LISTS) == 1:
            return " ".join(chosen)


def read_receipt(typed: str) -> bytes:
    """The 11 bytes that the words say: in capitals, without accents, shortened or numbered, they say the same."""
    whole = [word for word in map(_letters, typed.replace("-", " ").split()) if word]
    found = [word[:TELLING_LETTERS] for word in whole]
    best = max(LISTS, key=lambda language: sum(word in _places(language) for word in found))
    for start, word in zip(found, whole, strict=True):
        if start not in _places(best):
            spelled = {_letters(each): each for each in _words(best)}
            like = get_close_matches(word, spelled, n=2, cutoff=0.7)
            raise NotAReceipt(word, tuple(spelled[each] for each in like))
    if len(found) != WORDS:
        raise NotAReceipt
    number = 0
    for word in found:
        number = number << BITS_A_WORD | _places(best)[word]
    return number.to_bytes(SECRET_BYTES, "big")


def open_receipt(said: bytes, salt: bytes) -> Opened:
    """The slow step, the same for a receipt that is known and for one that is not."""
    slow = Argon2id(salt=salt, length=32, iterations=PASSES, lanes=1, memory_cost=MEMORY_KIB).derive(said)
    return Opened(_derive(slow, b"tips receipt, stored"), _derive(said + slow, b"tips receipt, secret"))


def plain(word: str) -> str:
    """Small letters without accents, shortened to those that tell it apart; digits and dots of a numbered list go."""
    return _letters(word)[:TELLING_LETTERS]


def _letters(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", word.lower()) if letter.isalpha())


def _derive(secret: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def _fits(words: list[str], language: str) -> bool:
    return all(plain(word) in _places(language) for word in words)


@cache
def _words(language: str) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(LISTS[language]).wordlist)


@cache
def _places(language: str) -> dict[str, int]:
    return {plain(word): place for place, word in enumerate(_words(language))}
