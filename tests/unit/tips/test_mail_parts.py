"""Attachments, signed and encrypted mail, and mail that is broken."""

import time
from email.message import EmailMessage, MIMEPart
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.tips.mails import ADDRESS, TIP, mail, message, photo
from tips.mail import clean
from tips.mail.clean import MOST_PHOTOS, MailTip, clean_mail

ARMOR = "-----BEGIN PGP MESSAGE-----\n\nhQEMA7lopez77maria/AAAA\n=abcd\n-----END PGP MESSAGE-----"


def test_photos_are_encoded_anew_and_their_names_dropped():
    made = message()
    made.add_attachment(photo(), maintype="image", subtype="jpeg", filename="maria at home.jpg")
    made.add_attachment(photo("PNG"), maintype="application", subtype="octet-stream", filename="x.bin")
    tip = clean_mail(made.as_bytes())
    assert len(tip.photos) == 2
    for content in tip.photos:
        assert b"CANARY" not in content
        assert not Image.open(BytesIO(content)).getexif()
    assert tip == MailTip(f"drugs\n\n{TIP}", tip.photos, [])


def test_inline_photo_is_taken_and_that_of_a_signature_is_not():
    made = message()
    html = '<p>See<img src="cid:one@x"></p><div class="gmail_signature">Maria<img src="cid:two@x"></div>'
    made.add_alternative(html, subtype="html")
    for name in ("one@x", "two@x"):
        made.get_payload()[1].add_related(photo(), maintype="image", subtype="jpeg", cid=f"<{name}>")
    tip = clean_mail(made.as_bytes())
    assert tip.text == f"drugs\n\n{TIP}"
    assert len(tip.photos) == 1
    assert "a picture in a signature" in tip.left_out


def test_tiny_broken_and_too_many_photos_are_left_out():
    made = message()
    made.add_attachment(photo(size=(1, 1)), maintype="image", subtype="jpeg")
    made.add_attachment(b"\xff\xd8\xff broken", maintype="image", subtype="jpeg")
    for _each in range(MOST_PHOTOS + 2):
        made.add_attachment(photo(), maintype="image", subtype="jpeg")
    tip = clean_mail(made.as_bytes())
    assert len(tip.photos) == MOST_PHOTOS
    assert tip.left_out == [
        "a tiny picture",
        "a photo that could not be read, or is too large",
        "photos beyond the first 10 (2)",
    ]


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("application/pdf", "Maria CANARY.pdf", "a PDF document"),
        ("application/ms-tnef", "winmail.dat", "an Outlook attachment (winmail.dat)"),
        ("text/vcard", "Maria CANARY.vcf", "a contact card"),
        ("text/calendar", "CANARY.ics", "an invitation"),
        ("application/octet-stream", "CANARY.docx", "a text document"),
        ("video/mp4", "CANARY.mp4", "a video"),
        ("image/gif", "CANARY.gif", "a picture that is neither JPEG, PNG nor WebP"),
        ("application/pkcs7-mime", "smime.p7m", "a signed or encrypted part (S/MIME)"),
        ("application/pgp-keys", "CANARY.asc", "a PGP key or signature"),
        ("application/x-canary", "CANARY.canary", "a file of another kind"),
    ],
)
def test_other_attachments_are_named_by_kind_alone(kind, name, words):
    made = message()
    main, _slash, sub = kind.partition("/")
    made.add_attachment(b"BEGIN:CANARY content", maintype=main, subtype=sub, filename=name)
    tip = clean_mail(made.as_bytes())
    assert tip == MailTip(f"drugs\n\n{TIP}", [], [words])


def test_text_that_a_phone_company_attaches_is_the_text():
    made = EmailMessage()
    made["From"] = "6205550142@mms.example"
    made.add_attachment(TIP, filename="text_0.txt")
    assert clean_mail(made.as_bytes()).text == TIP


def test_digital_signature_is_dropped():
    made = EmailMessage()
    made["From"], made["Content-Type"] = ADDRESS, 'multipart/signed; protocol="application/pkcs7-signature"'
    for content, kind in ((TIP, "text/plain"), ("certificate of CANARY", "application/pkcs7-signature")):
        part = MIMEPart()
        part.set_payload(content)
        part["Content-Type"] = kind
        made.attach(part)
    tip = clean_mail(made.as_bytes())
    assert tip == MailTip(TIP, [], ["a digital signature"])


def test_encrypted_text_stays_whole():
    made = EmailMessage()
    made["From"], made["Content-Type"] = ADDRESS, 'multipart/encrypted; protocol="application/pgp-encrypted"'
    for content, kind in (("Version: 1", "application/pgp-encrypted"), (ARMOR, "application/octet-stream")):
        part = MIMEPart()
        part.set_payload(content)
        part["Content-Type"] = kind
        made.attach(part)
    assert clean_mail(made.as_bytes()) == MailTip(ARMOR)
    commented = ARMOR.replace("-----\n\n", "-----\nComment: by CANARY\nVersion: 1\n\n", 1)
    assert clean_mail(mail(commented, sender="<lopez77maria@example.net>")).text == ARMOR


def test_signed_text_loses_its_signature():
    signed = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{TIP}\n- - one\n"
        "-----BEGIN PGP SIGNATURE-----\n\nCANARY\n-----END PGP SIGNATURE-----"
    )
    assert clean_mail(mail(signed)) == MailTip(f"{TIP}\n- one", [], ["a PGP key or signature"])


def test_forwarded_attachment_keeps_what_it_says_and_not_to_whom():
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = "Bo Hall <bo.hall@example.org>", ADDRESS, "Pay"
    inner.set_content(f"Maria Lopez, pay or I burn the shed. {ADDRESS}")
    outer = message("See this")
    outer.add_attachment(inner)
    tip = clean_mail(outer.as_bytes())
    assert tip.text == "drugs\n\nSee this\n\nPay\n\n[removed], pay or I burn the shed. [removed]"
    assert tip.left_out == ["who sent a forwarded mail, and to whom"]


@pytest.mark.parametrize(
    "raw",
    [
        mail(f"--x\r\nContent-Type: text/plain\r\n\r\n{TIP}", kind="multipart/mixed; boundary=x"),
        mail(TIP, kind="multipart/mixed; boundary=never"),
        mail(TIP, kind="multipart/mixed"),
        mail(TIP, kind="nonsense"),
        mail(TIP, kind="text/plain; charset*=x'y'%FF"),
        mail(TIP, Content_Transfer_Encoding="base64x"),
        mail(TIP, sender="=?utf-8?b?=== <<>,;"),
        b"From: x@example.org\n\n" + TIP.encode(),
        TIP.encode(),
        mail(TIP, kind="message/rfc822"),
    ],
)
def test_malformed_mail_still_gives_its_text(raw):
    assert clean_mail(raw).text == TIP


def test_mail_that_defies_the_parser_gives_its_text(monkeypatch):
    def fail(_raw: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(clean, "parsed", fail)
    body = f'--x\r\nContent-Type: text/plain; name="CANARY"\r\n\r\nI, {ADDRESS}: {TIP}\r\n--x--\r\n'
    tip = clean_mail(mail(body, kind="multipart/mixed; boundary=x", subject="van"))
    assert "CANARY" not in tip.text
    assert tip.text.startswith("van\n\n")
    assert f"I, [removed]: {TIP}" in tip.text
    assert tip.left_out == ["parts of a mail that could not be understood"]


def test_empty_mail_is_an_empty_tip():
    assert clean_mail(b"") == clean_mail(mail("")) == MailTip("")


HOSTILE = {
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)),
    "nested mails": b"Content-Type: message/rfc822\n\n" * 3000,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 100_000,
    "long header": b"From: " + b"(" * 500_000 + b"\n\nx",
    "many headers": b"From: a@b.example\n" * 20_000 + b"\nx",
    "long words": b"Subject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nx",
    "many lines": b"\n" * 3_000_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<a " * 200_000,
    **{
        f"open {start} {end}": b"Content-Type: text/html\n\n" + start.encode() * (390_000 // len(start)) + end.encode()
        for start in (
            "<a ",
            "</a ",
            "<a x=",
            "<a x='",
            "<?",
            "<!x",
            "<!-",
            "<!--x",
            "<style>",
            "<![",
            "&",
            "&#",
            "<script></",
        )
        for end in ("", ">")
    },
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 100_000,
    "declarations": b"Content-Type: text/html\n\n" + b"<![" * 100_000,
    "deep tags": b"Content-Type: text/html\n\n" + b"<div>" * 80_000 + b"</p>" * 20_000,
    "quotations": b"Subject: Re: x\n\n" + b"On 1 Jan x wrote:\n> a\n" * 20_000,
    "near attributions": b"\n" + (b"On " + b"1 " * 130 + b":\n") * 3000,
    "near headers": b"\n" + b"From: a\n" * 50_000,
    "near devices": b"\n" + b"sent from my " + b"my " * 40 + b"x",
    "armor": b"\n" + b"-----BEGIN PGP MESSAGE-----\n" * 5000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_mail_made_to_exhaust_is_done_in_seconds(name):
    began = time.process_time()
    assert isinstance(clean_mail(HOSTILE[name]), MailTip)
    assert time.process_time() - began < 10


pieces = st.sampled_from(
    [
        b"From: ",
        b"Subject: ",
        b"\r\n",
        b"\n",
        b"\n\n",
        b"--x",
        b"--x--",
        b"Content-Type: multipart/mixed; boundary=x\n",
        b"\xff\xd8\xff",
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/html; charset=utf-7\n",
        b"Content-Transfer-Encoding: base64\n",
        b"<div hidden>",
        b"<![x",
        b"> ",
        b"-- \n",
        b"On 1 wrote:",
        b"=?utf-8?q?=ff?=",
        b"\x00",
        b"Content-Type: multipart/alternative; boundary=x\n",
        b"-----BEGIN PGP MESSAGE-----",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n",
        b"Content-Disposition: attachment; filename*0*=x''%ff\n",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces | st.binary(max_size=20), max_size=30).map(b"".join))
@example(b"Content-Type: multipart/signed; boundary=x\n\n--x--")
def test_never_raises(raw):
    tip = clean_mail(raw)
    assert isinstance(tip.text, str)
    tip.text.encode()


locals_ = st.text("abcdefghijklmnopqrstuvwxyz0123456789.+-_'", min_size=1, max_size=12).filter(
    lambda s: s[0] != "." and s[-1] != "."
)


@settings(max_examples=300, deadline=None)
@given(
    locals_,
    st.sampled_from(["example.net", "Example.ORG", "mail.example.co"]),
    st.lists(st.text(max_size=12) | st.just("ADDRESS") | st.just("\n-- \n") | st.just("> "), max_size=12),
    st.sampled_from(["From", "Reply-To", "Return-Path", "X-Sender"]),
    st.sampled_from(["text/plain", "text/html"]),
)
def test_address_of_the_sender_never_occurs_in_the_text(local, domain, words, header, kind):
    address = f"{local}@{domain}"
    body = "".join(words).replace("ADDRESS", address)
    raw = f"{header}: <{address}>\nSubject: about ADDRESS\nContent-Type: {kind}; charset=utf-8\n\n{body}".replace(
        "ADDRESS", address
    )
    assert address.lower() not in clean_mail(raw.encode("utf-8", "replace")).text.lower()
