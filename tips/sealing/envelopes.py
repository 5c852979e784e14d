"""A file for a partner: CMS enveloped data (RFC 5652) under AES-256, which `openssl cms -decrypt` opens."""

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options


def envelope(certificate: x509.Certificate, content: bytes) -> bytes:
    """Only the private key of the certificate opens it. DER."""
    builder = PKCS7EnvelopeBuilder().set_data(content).set_content_encryption_algorithm(AES256)
    return builder.add_recipient(certificate).encrypt(Encoding.DER, [PKCS7Options.Binary])


def digest(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()
