"""Sealing to a public key: HPKE (RFC 9180) with P-256, HKDF-SHA-256 and AES-256-GCM, each approved by FIPS 140.

A public key travels as its 65 bytes (SEC 1, uncompressed), a private one as its 32. `about` names what is sealed, and to
what it belongs: a ciphertext that somebody moves to another row does not open there.
"""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PrivateKey = ec.EllipticCurvePrivateKey
Stored = bytes | memoryview  # as a database driver hands it over

CURVE = ec.SECP256R1()
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PUBLIC_BYTES, PRIVATE_BYTES = 65, 32
PASSPHRASE_ROUNDS = 1_000_000  # of PBKDF2-HMAC-SHA-256 (SP 800-132): about a second, once a session
SALT_BYTES, NONCE_BYTES = 16, 12


class CannotOpen(Exception):
    """The key does not fit, or what was sealed is not what it was."""


def new_key() -> PrivateKey:
    return ec.generate_private_key(CURVE)


def public_bytes(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def private_bytes(key: PrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(PRIVATE_BYTES, "big")


def private_key(raw: bytes) -> PrivateKey:
    try:
        return ec.derive_private_key(int.from_bytes(raw, "big"), CURVE)
    except ValueError:
        raise CannotOpen("these bytes are no key") from None


def fingerprint(public: bytes) -> str:
    """Twenty digits in groups of four: two people compare them on the phone."""
    number = int.from_bytes(hashlib.sha256(b"tips key " + public).digest(), "big") % 10**20
    digits = f"{number:020d}"
    return " ".join(digits[at : at + 4] for at in range(0, 20, 4))


def seal(public: bytes, plain: bytes, *, about: str) -> bytes:
    """Only the private key of `public` opens it; who sealed it cannot."""
    return SUITE.encrypt(plain, ec.EllipticCurvePublicKey.from_encoded_point(CURVE, public), info=about.encode())


def open_sealed(key: PrivateKey, sealed: Stored, *, about: str) -> bytes:
    try:
        return SUITE.decrypt(bytes(sealed), key, info=about.encode())
    except (InvalidTag, ValueError):
        raise CannotOpen(f"it cannot be opened: {about}") from None


# --- under a secret ---------------------------------------------------------------------------------------------------


def wrap(secret: bytes, plain: bytes, *, about: str) -> bytes:
    """AES-256-GCM under 32 bytes that are random or well derived."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, plain, about.encode())


def unwrap(secret: bytes, wrapped: Stored, *, about: str) -> bytes:
    wrapped = bytes(wrapped)
    try:
        return AESGCM(secret).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about.encode())
    except (InvalidTag, ValueError):
        raise CannotOpen(f"the secret does not fit: {about}") from None


def lock(key: PrivateKey, passphrase: str, *, about: str) -> bytes:
    """A private key under a passphrase. The rounds stand in front, so that they can be raised for later keys."""
    salt = os.urandom(SALT_BYTES)
    secret = _stretch(passphrase, salt, PASSPHRASE_ROUNDS)
    return PASSPHRASE_ROUNDS.to_bytes(4, "big") + salt + wrap(secret, private_bytes(key), about=about)


def unlock(locked: Stored, passphrase: str, *, about: str) -> PrivateKey:
    locked = bytes(locked)
    rounds, salt, wrapped = int.from_bytes(locked[:4], "big"), locked[4 : 4 + SALT_BYTES], locked[4 + SALT_BYTES :]
    return private_key(unwrap(_stretch(passphrase, salt, rounds), wrapped, about=about))


def _stretch(passphrase: str, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(passphrase.encode())
