"""Sealing is the standard's (RFC 9180): what is sealed here, the library's plain suite opens (A8, A9)."""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from hypothesis import given
from hypothesis import strategies as st

from tips.sealing import keys
from tips.sealing.tips import Told, open_case_key, open_message, open_texts, seal_message, seal_tip

KEY = keys.new_key()
PUBLIC = keys.public_bytes(KEY)
PLAIN_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NOW = datetime(2026, 3, 2, 17, 59, 59, 999, tzinfo=UTC)
OVERHEAD = 65 + 16  # the sender's public key, and the tag


def test_what_is_sealed_opens_by_the_plain_suite():
    sealed = keys.seal(PUBLIC, b"words", about="what for")
    assert PLAIN_SUITE.decrypt(sealed, KEY, info=b"what for") == b"words"
    assert sealed[0] == 4, "an uncompressed point, as DHKEM(P-256) sends it"
    assert len(sealed) == len(b"words") + OVERHEAD


def test_what_the_plain_suite_seals_opens():
    sealed = PLAIN_SUITE.encrypt(b"words", KEY.public_key(), info=b"what for")
    assert keys.open_sealed(KEY, sealed, about="what for") == b"words"


def test_the_curve_is_p256():
    assert isinstance(KEY.curve, ec.SECP256R1)
    assert (len(PUBLIC), len(keys.private_bytes(KEY))) == (keys.PUBLIC_BYTES, keys.PRIVATE_BYTES)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_sealing_and_opening_is_a_round_trip(plain, about):
    assert keys.open_sealed(KEY, keys.seal(PUBLIC, plain, about=about), about=about) == plain


def test_the_same_sealed_twice_differs():
    assert keys.seal(PUBLIC, b"words", about="a") != keys.seal(PUBLIC, b"words", about="a")


@pytest.mark.parametrize("at", [0, 1, 64, 65, -17, -1])
def test_a_changed_byte_opens_nothing(at):
    sealed = bytearray(keys.seal(PUBLIC, b"words", about="a"))
    sealed[at] ^= 1
    with pytest.raises(keys.CannotOpen):
        keys.open_sealed(KEY, bytes(sealed), about="a")


@pytest.mark.parametrize("sealed", [b"", b"\x04", bytes(65), bytes(81)])
def test_what_is_no_ciphertext_opens_nothing(sealed):
    with pytest.raises(keys.CannotOpen):
        keys.open_sealed(KEY, sealed, about="a")


def test_another_key_or_purpose_opens_nothing():
    sealed = keys.seal(PUBLIC, b"words", about="a")
    for key, about in ((keys.new_key(), "a"), (KEY, "b")):
        with pytest.raises(keys.CannotOpen):
            keys.open_sealed(key, sealed, about=about)


def test_private_key_survives_its_bytes():
    assert keys.public_bytes(keys.private_key(keys.private_bytes(KEY))) == PUBLIC


@pytest.mark.parametrize("raw", [bytes(32), b"\xff" * 32])
def test_bytes_outside_the_curve_are_no_key(raw):
    with pytest.raises(keys.CannotOpen):
        keys.private_key(raw)


def test_key_opens_under_its_passphrase_alone():
    locked = keys.lock(KEY, "six quiet herons", about="mine")
    assert keys.private_bytes(keys.unlock(locked, "six quiet herons", about="mine")) == keys.private_bytes(KEY)
    for passphrase, about in (
        ("Six quiet herons", "mine"),
        ("six quiet herons ", "mine"),
        ("six quiet herons", "yours"),
    ):
        with pytest.raises(keys.CannotOpen):
            keys.unlock(locked, passphrase, about=about)
    assert keys.private_bytes(KEY) not in locked


def test_locked_key_names_its_rounds_so_that_later_ones_can_have_more(monkeypatch):
    locked = keys.lock(KEY, "six quiet herons", about="mine")
    assert int.from_bytes(locked[:4], "big") == 1_000
    monkeypatch.setattr(keys, "PASSPHRASE_ROUNDS", 2_000)
    keys.unlock(locked, "six quiet herons", about="mine")


def test_locked_key_is_pbkdf2_and_gcm():
    locked = keys.lock(KEY, "six quiet herons", about="mine")
    secret = PBKDF2HMAC(keys.hashes.SHA256(), 32, locked[4:20], 1_000).derive(b"six quiet herons")
    assert keys.AESGCM(secret).decrypt(locked[20:32], locked[32:], b"mine") == keys.private_bytes(KEY)


def test_fingerprint_is_twenty_digits_of_a_hash():
    number = int.from_bytes(hashlib.sha256(b"tips key " + PUBLIC).digest(), "big") % 10**20
    shown = keys.fingerprint(PUBLIC)
    assert [len(group) for group in shown.split()] == [4] * 5
    assert int(shown.replace(" ", "")) == number
    assert shown != keys.fingerprint(keys.public_bytes(keys.new_key()))


# --- tips: A8, A9 -----------------------------------------------------------------------------------------------------


def sealed_tip(what, photos=()):
    return seal_tip(
        Told({"what": what}, photos),
        keys_of_readers=[(UUID(int=1), PUBLIC)],
        channel="web",
        language="en",
        now=NOW,
    )


def test_ten_and_four_hundred_characters_are_sealed_to_equal_length():
    short, long = sealed_tip("x" * 10), sealed_tip("ñ" * 400)
    assert len(short.messages[0].sealed) == len(long.messages[0].sealed)
    assert len(short.copies[0][1]) == len(long.copies[0][1])


def test_sealed_tip_opens_by_the_readers_key():
    tip = sealed_tip("Cars at night", photos=(b"\xff\xd8 a photo",))
    case = open_case_key(tip.id, KEY, tip.copies[0][1])
    text, photo = tip.messages
    assert open_texts(case, tip.id, text.id, text.sealed) == {"what": "Cars at night"}
    assert open_message(case, tip.id, photo.id, photo.sealed) == b"\xff\xd8 a photo"


def test_moved_ciphertexts_do_not_open():
    tip, other = sealed_tip("one"), sealed_tip("other")
    case = open_case_key(tip.id, KEY, tip.copies[0][1])
    mine, theirs = tip.messages[0], other.messages[0]
    same_tip = seal_message(tip.id, tip.case_key, 2, "note", {"text": "a note"})
    for message, sealed in ((mine.id, theirs.sealed), (theirs.id, mine.sealed), (same_tip.id, mine.sealed)):
        with pytest.raises(keys.CannotOpen):
            open_message(case, tip.id, message, sealed)
    with pytest.raises(keys.CannotOpen):
        open_message(case, other.id, mine.id, mine.sealed)
    with pytest.raises(keys.CannotOpen):
        open_case_key(other.id, KEY, tip.copies[0][1])


def test_tip_for_nobody_is_not_sealed():
    with pytest.raises(ValueError, match="nobody"):
        seal_tip(Told({"what": "x"}), keys_of_readers=[], channel="web", language="en", now=NOW)


def test_passphrases_are_stretched_as_long_as_the_documentation_says():
    """Tests work with fewer rounds, so the number is read from the code."""
    code = Path(keys.__file__).read_text(encoding="utf-8")
    assert re.search(r"^PASSPHRASE_ROUNDS = 1_000_000\b", code, re.MULTILINE)
