"""Certificates of partners: what is accepted, and what two people compare on the phone."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.translation import gettext as _

LEAST_BITS = 3072


class CannotUse(ValueError):
    """The certificate is not fit for it; the text says why, for the page."""


def read_certificate(pem: str, now: datetime) -> x509.Certificate:
    """One X.509 certificate with an RSA key of 3072 bits or more, valid now and meant for enveloping, or nobody said for what."""
    if "PRIVATE KEY" in pem:
        raise CannotUse(
            _(
                "This holds a private key. The partner must not send it, and needs a new one now. Ask for the certificate."
            )
        )
    if pem.count("BEGIN CERTIFICATE") > 1:
        raise CannotUse(_("This holds several certificates. Paste the partner’s own alone."))
    try:
        certificate = x509.load_pem_x509_certificate(pem.strip().encode())
        key = certificate.public_key()
    except (ValueError, TypeError):
        raise CannotUse(_("This is no certificate in PEM form. It begins with -----BEGIN CERTIFICATE-----.")) from None
    if not isinstance(key, RSAPublicKey):
        raise CannotUse(_("Its key is not RSA. Ask the partner for an RSA certificate."))
    if key.key_size < LEAST_BITS:
        words = _("Its key has %(bits)d bits. At least %(least)d are needed.")
        raise CannotUse(words % {"bits": key.key_size, "least": LEAST_BITS})
    check_current(certificate, now)
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return certificate
    if not usage.key_encipherment:
        raise CannotUse(_("It is not made for encryption (key encipherment). Ask the partner for another one."))
    return certificate


def check_current(certificate: x509.Certificate, now: datetime) -> None:
    if certificate.not_valid_after_utc <= now:
        words = _("It expired on %(day)s. Ask the partner for a new one.")
        raise CannotUse(words % {"day": f"{certificate.not_valid_after_utc:%b %d, %Y}"})
    if certificate.not_valid_before_utc > now:
        words = _("It is not valid before %(day)s.")
        raise CannotUse(words % {"day": f"{certificate.not_valid_before_utc:%b %d, %Y}"})


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as `openssl x509 -fingerprint -sha256` prints it."""
    return ":".join(f"{byte:02X}" for byte in certificate.fingerprint(hashes.SHA256()))
