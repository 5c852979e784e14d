"""A tip leaves the agency: sealed to a partner, opened by the partner's own tool, and logged."""

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, PartnerAgency
from tests.factories.accounts import UserFactory
from tests.factories.measures import clean_picture
from tests.factories.tips import make_reader, make_tip
from tests.integration.tips.inbox import CANARY, trail, unlocked_client
from tips.actions import messages, referrals
from tips.certificates import CannotUse, fingerprint, read_certificate
from tips.models import PartnerKey, Referral, Tip

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def make_certificate(key: object, *, begins: int = -1, ends: int = 365, usage: bool | None = None) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Task force")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW + timedelta(days=begins))
    builder = builder.not_valid_after(NOW + timedelta(days=ends))
    if usage is not None:
        flags = dict.fromkeys(
            ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
        )
        extension = x509.KeyUsage(
            digital_signature=True, key_encipherment=usage, encipher_only=False, decipher_only=False, **flags
        )
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def make_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 3072)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return make_rsa()


@pytest.fixture
def partner(db: None) -> PartnerAgency:
    return PartnerAgency.objects.create(name="Task Force of the county")


@pytest.fixture
def client() -> Client:
    return unlocked_client(make_reader())


@pytest.fixture
def partner_key(partner: PartnerAgency, key: rsa.RSAPrivateKey) -> PartnerKey:
    by = UserFactory(roles=["detective"])
    return referrals.set_partner_key(by=by, partner=partner, certificate=make_certificate(key))


def opened_by_openssl(sealed: bytes, key: rsa.RSAPrivateKey, folder: Path) -> zipfile.ZipFile:
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "tip.p7m").write_bytes(sealed)
    command = "openssl cms -decrypt -inform DER -in tip.p7m -inkey key.pem -out tip.zip"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return zipfile.ZipFile(folder / "tip.zip")


def refer(client: Client, tip: object, key: PartnerKey, **values: object) -> object:
    asked = {"partner": key.pk, "why": "task_force", "parts": ["addition", "photo", "translation", "reply"], **values}
    return client.post(reverse("tip_refer", args=[tip.pk]), asked)


def test_partner_opens_what_was_sent_with_openssl(
    client: Client, partner_key: PartnerKey, key: rsa.RSAPrivateKey, tmp_path: Path
) -> None:
    picture = clean_picture().read()
    what = f"{CANARY} ñ\n== Internal note ==\ncredibility: High"
    sent = make_tip(what=what, photos=(picture,), language="es", status="triaged")
    tip = sent.tip
    messages.add_note(by=client.user, tip=tip, text="our own thoughts")
    messages.translate(by=client.user, original=tip.messages.get(kind="tip"), text="in English")
    response = refer(client, tip, partner_key)
    assert response.headers["Content-Disposition"] == f'attachment; filename="tip-{tip.short}.zip.p7m"'
    assert "no-store" in response.headers["Cache-Control"]
    assert CANARY.encode() not in response.content
    archive = opened_by_openssl(response.content, key, tmp_path)
    assert archive.namelist() == ["tip.txt", "tip.json", "photo-1.jpg"]
    assert archive.read("photo-1.jpg") == picture
    text, told = archive.read("tip.txt").decode(), json.loads(archive.read("tip.json"))
    assert f"{CANARY} ñ" in text
    assert "    in English\n" in text
    assert "\n    == Internal note ==\n    credibility: High\n" in text, "what a tipster wrote does not pose as ours"
    assert [part["texts"] for part in told["parts"]] == [{"what": what}, {"text": "in English"}]
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"our own thoughts" not in everything, "notes stay unless they are chosen"
    for secret in (tip.receipt, tip.reply_key, tip.reply_secret):
        assert bytes(secret) not in everything
        assert bytes(secret).hex().encode() not in everything
    tip.refresh_from_db()
    assert (tip.status, tip.outcome) == ("referred", "sent_to_partner")


def test_referral_is_logged_with_who_why_when_and_what(client: Client, partner_key: PartnerKey) -> None:
    tip = make_tip(what=CANARY, status="working").tip
    messages.add_note(by=client.user, tip=tip, text="x")
    refer(client, tip, partner_key, parts=["note"], why="joint_case")
    referral = Referral.objects.get()
    assert (referral.partner_name, referral.by, referral.why) == (partner_key.partner.name, client.user, "joint_case")
    assert (referral.what, referral.tip_short, len(referral.digest)) == ("tip, note 1", tip.short, 64)
    entry = AuditEntry.objects.get(action="tip_referred")
    assert entry.subject == f"tip {tip.short}"
    assert entry.details["sha256"] == referral.digest
    assert CANARY not in trail()
    page = client.get(reverse("tip_referrals")).content.decode()
    assert partner_key.partner.name in page


def test_second_partner_gets_it_too_but_nobody_what_has_ended_otherwise(
    client: Client, partner_key: PartnerKey
) -> None:
    tip = make_tip(status="triaged").tip
    assert refer(client, tip, partner_key).status_code == 200
    assert refer(client, tip, partner_key).status_code == 200
    assert Referral.objects.count() == 2
    new = make_tip().tip
    assert refer(client, new, partner_key).status_code == 302
    assert Referral.objects.count() == 2


@pytest.mark.parametrize("left_out", ["partner", "why"])
def test_referral_needs_partner_and_reason(client: Client, partner_key: PartnerKey, left_out: str) -> None:
    response = refer(client, make_tip(status="triaged").tip, partner_key, **{left_out: ""})
    assert response.status_code == 422
    assert not Referral.objects.exists()


def test_expired_certificate_is_refused_when_it_is_used(client: Client, partner_key: PartnerKey, key) -> None:
    PartnerKey.objects.update(certificate=make_certificate(key, begins=-9, ends=-1))
    tip = make_tip(status="triaged").tip
    response = refer(client, tip, partner_key)
    assert response.status_code == 422
    assert "It expired on" in response.content.decode()
    tip.refresh_from_db()
    assert tip.status == "triaged"
    assert "It expired on" in client.get(reverse("tip_partners")).content.decode()


def test_tampered_tip_is_not_sent(client: Client, partner_key: PartnerKey) -> None:
    tip = make_tip(status="triaged", photos=(b"jpeg",)).tip
    tip.messages.filter(kind="photo").update(sealed=b"x" * 300)
    assert refer(client, tip, partner_key).status_code == 422
    tip.messages.filter(kind="tip").update(sealed=b"x" * 300)
    assert refer(client, tip, partner_key, parts=[]).status_code == 422
    assert not Referral.objects.exists()


def test_tip_that_the_key_does_not_open_is_not_sent(partner_key: PartnerKey) -> None:
    make_reader()
    tip = make_tip(status="triaged").tip
    response = refer(unlocked_client(make_reader()), tip, partner_key)
    assert response.status_code == 422
    assert "Your key does not open this tip." in response.content.decode()


def test_without_any_certificate_the_page_says_what_comes_first(client: Client) -> None:
    page = client.get(reverse("tip_refer", args=[make_tip(status="triaged").tip.pk])).content.decode()
    assert "No partner has a certificate yet" in page


# --- certificates -------------------------------------------------------------------------------------------------------


def test_certificate_is_used_after_its_fingerprint_was_compared(client: Client, partner: PartnerAgency, key) -> None:
    pem = make_certificate(key, usage=True)
    address = reverse("tip_partner_key", args=[partner.pk])
    shown = client.post(address, {"file": SimpleUploadedFile("cert.pem", pem.encode())})
    told = fingerprint(x509.load_pem_x509_certificate(pem.encode()))
    assert told in shown.content.decode()
    assert not PartnerKey.objects.exists()
    client.post(address, {"text": pem, "compared": "AA:BB"})
    assert not PartnerKey.objects.exists()
    client.post(address, {"text": pem, "compared": told})
    assert PartnerKey.objects.get().changed_by == client.user
    entry = AuditEntry.objects.get(action="tip_key_changed")
    assert (entry.subject, entry.details["fingerprint"]) == (partner.name, told)
    client.post(address, {"text": make_certificate(key), "compared": told})
    assert PartnerKey.objects.get().certificate == pem.strip(), "another certificate has another fingerprint"


def test_fingerprint_is_what_openssl_prints(key: rsa.RSAPrivateKey) -> None:
    pem = make_certificate(key)
    command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    printed = subprocess.run(command, input=pem.encode(), capture_output=True, check=True).stdout.decode()
    assert printed.strip().endswith(fingerprint(read_certificate(pem, NOW)))


def test_certificate_that_is_not_fit_is_refused_with_the_reason(client: Client, partner: PartnerAgency, key) -> None:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    wrong = {
        "no certificate in PEM form": "nonsense",
        "holds a private key": make_certificate(key) + private,
        "several certificates": make_certificate(key) * 2,
        "not RSA": make_certificate(ec.generate_private_key(ec.SECP256R1())),
        "2048 bits": make_certificate(rsa.generate_private_key(65537, 2048)),
        "expired on": make_certificate(key, begins=-9, ends=-1),
        "not valid before": make_certificate(key, begins=2),
        "not made for encryption": make_certificate(key, usage=False),
    }
    for words, pem in wrong.items():
        with pytest.raises(CannotUse, match=words):
            read_certificate(pem, NOW)
        response = client.post(reverse("tip_partner_key", args=[partner.pk]), {"text": pem})
        assert response.status_code == 422
        assert words in response.content.decode()
    empty = client.post(reverse("tip_partner_key", args=[partner.pk]), {})
    assert "Paste the certificate" in empty.content.decode()


# --- the log ------------------------------------------------------------------------------------------------------------


def test_log_outlives_the_tip_and_is_exported(client: Client, partner_key: PartnerKey, client_as) -> None:
    tip = make_tip(what=CANARY, status="triaged").tip
    refer(client, tip, partner_key)
    Tip.objects.filter(pk=tip.pk).delete()
    PartnerAgency.objects.filter(pk=partner_key.partner_id).delete()
    auditor = client_as("auditor")
    page = auditor.get(reverse("tip_referrals")).content.decode()
    assert tip.short in page
    assert reverse("tip", args=[tip.pk]) not in page
    content = b"".join(auditor.get(reverse("tip_referrals_export")).streaming_content).decode()
    head, row = csv.reader(io.StringIO(content))
    assert head == ["when", "tip", "partner", "by", "why", "what", "sha256"]
    assert row[1:4] == [tip.short, "Task Force of the county", client.user.username]
    assert AuditEntry.objects.get(action="exported").details == {"rows": 1}


def test_empty_log_says_so(client_as: Callable[..., Client]) -> None:
    assert "No tip was sent to a partner." in client_as("commander").get(reverse("tip_referrals")).content.decode()
