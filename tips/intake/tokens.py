"""Sealed notes that a page hands to the next request in place of a cookie. Whoever looks at the page reads from them when it
was made, and nothing else."""

import base64
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

FORM_SECONDS = 24 * 3600
OPENED_SECONDS = 3600  # how long one may write after opening a receipt
PROOF_SECONDS = 600


def make(kind: str, content: dict[str, Any]) -> str:
    return make_with(settings.SECRET_KEY, kind, content)


def read(kind: str, token: str, seconds: int) -> dict[str, Any] | None:
    return read_with(settings.SECRET_KEY, kind, token, seconds)


def make_with(secret: str, kind: str, content: dict[str, Any]) -> str:
    """Under the secret of the intake process, for `prove_anonymity`, which is not that process."""
    return _cipher(secret, kind).encrypt(json.dumps(content).encode()).decode()


def read_with(secret: str, kind: str, token: str, seconds: int) -> dict[str, Any] | None:
    try:
        return json.loads(_cipher(secret, kind).decrypt(token.encode(), ttl=seconds))
    except (InvalidToken, UnicodeEncodeError):
        return None


@cache
def _cipher(secret: str, kind: str) -> Fernet:
    key = HKDF(hashes.SHA256(), 32, None, f"tips intake, {kind}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))
