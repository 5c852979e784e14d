"""Mails as phones and programs write them; all people in them are made up."""

from email.message import EmailMessage
from io import BytesIO

from PIL import Image

MARIA = "María López García <maria.lopez77@example.net>"
ADDRESS = "maria.lopez77@example.net"
TIP = "They sell from the white van behind 1412 Belmont Ave, most nights after 11."


def mail(
    text: str | bytes, *, sender: str = MARIA, subject: str = "", kind: str = "text/plain", **headers: str
) -> bytes:
    """Headers as a real server adds them, then the text as it stands."""
    lines = [
        "Return-Path: <bounce-maria@lists.example.org>",
        "Received: from Marias-iPhone.local ([198.51.100.23]) by mx.example.net with ESMTPSA id abc123",
        f"From: {sender}",
        "To: tips@parsonspd.example",
        f"Subject: {subject}",
        "Message-ID: <0F3A-11@Marias-iPhone.local>",
        "X-Originating-IP: [198.51.100.23]",
        "MIME-Version: 1.0",
        f"Content-Type: {kind}" + ("" if "charset" in kind or "boundary" in kind else "; charset=utf-8"),
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    body = text if isinstance(text, bytes) else text.encode()
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def photo(kind: str = "JPEG", size: tuple[int, int] = (80, 60)) -> bytes:
    """With whereabouts in it."""
    image = Image.new("RGB", size, "orange")
    exif = Image.Exif()
    exif[0x010F] = "CANARY phone"
    exif.get_ifd(0x8825)[2] = (37.0, 20.0, 24.0)
    file = BytesIO()
    image.save(file, kind, exif=exif)
    return file.getvalue()


def message(text: str = TIP) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = MARIA, "tips@parsonspd.example", "drugs"
    made.set_content(text)
    return made
