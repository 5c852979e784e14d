"""A visitor who carries a canary in everything that a browser or a proxy may tell, and goes wherever something is handled."""

import html
import http.client
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlencode, urlsplit

from PIL import Image

from tips.intake import tokens
from tips.proof import canaries
from tips.sealing.receipts import new_receipt, read_receipt

PATIENCE_SECONDS = 60
MAKE, GPS = 0x010F, 0x8825
ADDRESS = canaries.ADDRESS
HEADERS = {
    "User-Agent": canaries.BROWSER,
    "Cookie": f"visitor={canaries.COOKIE}; sessionid={canaries.COOKIE}",
    "Referer": f"https://{canaries.REFERRER.lower()}.example/{canaries.REFERRER}",
    "Accept-Language": f"es-x-{canaries.LANGUAGE}, en;q=0.5",
    "Sec-CH-UA": f'"{canaries.BROWSER}";v="1"',
    "X-Forwarded-For": f"{ADDRESS}, {ADDRESS}",
    "Forwarded": f'for={ADDRESS};by="{ADDRESS}"',
    "Via": f"1.1 {canaries.BROWSER}",
    **dict.fromkeys(
        (
            *("X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Original-Forwarded-For", "X-Remote-Addr"),
            *(
                "CF-Connecting-IP",
                "CF-Connecting-IPv6",
                "True-Client-IP",
                "Fastly-Client-IP",
                "Client-IP",
                "X-Envoy-External-Address",
            ),
            *("Remote-Addr", "REMOTE_ADDR", "X-Forwarded", "X-ProxyUser-Ip", "X-AppEngine-User-IP"),
        ),
        ADDRESS,
    ),
}
STATEMENT = f"A test made by prove_anonymity, which removes it: {canaries.WORDS}"


class ProofError(Exception):
    """The proof cannot be made here, and why."""


@dataclass(frozen=True)
class Answer:
    status: int
    cookies: list[str]
    text: str


@dataclass
class Sent:
    """What was sent: lines for the report, and what must be removed."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    sendings: list[uuid.UUID] = field(default_factory=list)
    stored: int = 0
    receipts: list[str] = field(default_factory=list)

    def receipt_canaries(self) -> list[canaries.Canary]:
        return canaries.receipt_canaries(self.receipts, [read_receipt(words) for words in self.receipts])


class Visitor:
    def __init__(self, url: str, secret: str, say: Callable[[str], None]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ProofError("The address of the tip form is not known: give --url, or set TIP_FORM_URL.")
        self.parts, self.secret, self.say = parts, secret, say
        self.sent = Sent()

    def visit(self) -> Sent:
        for language in ("en", "es"):
            self.tell_a_tip(language)
        self.fail_in_words()
        self.fail_by_rules()
        self.fail_inside()
        return self.sent

    # --- what works

    def tell_a_tip(self, language: str) -> None:
        self.expect(302, "the bare address", "GET", f"/?{_query()}")
        form = self.expect(200, f"the form ({language})", "GET", f"/{language}/?{_query()}")
        if 'name="map-go"' in form.text:
            pressed = {"what": STATEMENT, "map-go": "whole", "token": self.token(form, "form")}
            opened = self.expect(200, "a look at the map", "POST", f"/{language}/", *typed(pressed))
            if picture := re.search(r'src="(?:[^"]*)(/map/[^"]+\.png)"', opened.text):
                self.expect(200, "its picture", "GET", picture[1])
        token = self.token(form, "form")
        told = tokens.read_with(self.secret, "form", token, tokens.FORM_SECONDS)
        if told is None:
            raise ProofError("INTAKE_SECRET_KEY here is not that of the tip form, so its form cannot be followed.")
        self.sent.sendings.append(uuid.UUID(told["sending"]))
        fields = dict.fromkeys(("what", "where", "when", "who"), STATEMENT) | {"token": token, "send": "1"}
        answer = self.expect(200, "a tip with a photo", "POST", f"/{language}/", *multipart(fields, photo()))
        words = re.search(r'<ol class="words">(.*?)</ol>', answer.text, re.DOTALL)
        if not words:
            return self.problem("No receipt was shown for a tip.")
        self.sent.stored += 1
        receipt = " ".join(html.unescape(word).strip() for word in re.findall(r"<li>(.*?)</li>", words[1]))
        self.sent.receipts.append(receipt)
        return self.come_back(language, receipt)

    def come_back(self, language: str, receipt: str) -> None:
        self.expect(200, "the page for receipts", "GET", f"/{language}/back/")
        opened = self.expect(200, "the receipt", "POST", f"/{language}/back/", *typed({"receipt": receipt}))
        fields = {"more": STATEMENT, "token": self.token(opened, "answers")}
        self.expect(200, "more for that tip, with a photo", "POST", f"/{language}/add/", *multipart(fields, photo()))
        for path in (f"/{language}/safety/", "/style.css"):
            self.expect(200, f"the page {path}", "GET", path)
        self.expect(303, "leaving", "GET", f"/leave/?{_query()}")

    # --- what does not

    def fail_in_words(self) -> None:
        form = self.expect(200, "the form again", "GET", "/en/")
        token = {"token": self.token(form, "form"), "send": "1"}
        self.expect(422, "a tip without its only required field", "POST", "/en/", *typed({"who": STATEMENT, **token}))
        self.expect(422, "a tip whose form is forged", "POST", "/en/", *typed({"what": STATEMENT, "send": "1"}))
        broken = multipart({"what": STATEMENT, **token}, canaries.PHONE.encode())
        self.expect(422, "a tip with a file that is no photo", "POST", "/en/", *broken)
        self.expect(422, "words that are no receipt", "POST", "/en/back/", *typed({"receipt": canaries.WORDS}))
        unknown = {"receipt": new_receipt("en")}
        self.expect(404, "a receipt that opens nothing", "POST", "/en/back/", *typed(unknown))
        self.expect(422, "an addition to nothing", "POST", "/en/add/", *typed({"more": STATEMENT, "token": "x"}))

    def fail_by_rules(self) -> None:
        self.expect(404, "a page that is not there", "GET", f"/{canaries.PATH}/?{_query()}")
        elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": f"https://{canaries.REFERRER.lower()}.example"}
        self.expect(403, "a tip from another website", "POST", "/en/", *typed({"what": STATEMENT}), elsewhere)
        self.expect(405, "a method that nothing takes", "PUT", "/en/", *typed({"what": STATEMENT}))
        self.expect(400, "a tip in an unknown form", "POST", "/en/", STATEMENT.encode(), f"text/{canaries.PATH}")
        self.expect(400, "a host that is not ours", "GET", "/en/", b"", "", {"Host": f"{canaries.REFERRER}.example"})
        self.expect(413, "far too many words", "POST", "/en/", *typed({"what": STATEMENT * 4000}))
        long = {f"X-{canaries.PATH}": canaries.WORDS * 1000}
        self.expect(range(400, 500), "a header that the server refuses", "GET", "/en/", b"", "", long)
        odd = {f"X {canaries.PATH}": canaries.WORDS}
        self.expect(range(400, 500), "a header that is none", "GET", "/en/", b"", "", odd)

    def fail_inside(self) -> None:
        token = tokens.make_with(self.secret, "prove", {})
        path = f"/prove/?{urlencode({'token': token})}&{_query()}"
        self.expect(500, "a page that breaks, with a tip in it", "POST", path, *multipart({"what": STATEMENT}, photo()))

    # --- asking

    def expect(
        self,
        status: int | range,
        what: str,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str = "",
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = self.ask(method, path, body, content_type, more or {})
        wanted = status if isinstance(status, range) else (status,)
        line = f"{what}: answered {answer.status}"
        self.say(line)
        self.sent.lines.append(line)
        if answer.status not in wanted:
            self.problem(f"{what} was answered {answer.status}, not {status}: that way was not tried.")
        if answer.cookies:
            self.problem(f"{what}: the answer set a cookie.")
        return answer

    def ask(self, method: str, path: str, body: bytes, content_type: str, more: Mapping[str, str]) -> Answer:
        kind = http.client.HTTPSConnection if self.parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.parts.hostname or "", self.parts.port, timeout=PATIENCE_SECONDS)
        headers = {**HEADERS, **more}
        if body:
            headers |= {"Content-Type": content_type, "Content-Length": str(len(body))}
        try:
            connection.putrequest(method, self.parts.path.rstrip("/") + path, skip_host="Host" in headers)
            for name, value in headers.items():
                # http.client refuses names with a space; a visitor does not ask it.
                connection._buffer.append(f"{name}: {value}".encode("latin-1"))  # type: ignore[attr-defined]
            connection.endheaders(body or None)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise ProofError(f"The tip form does not answer: {type(error).__name__}.") from error
        finally:
            connection.close()
        return Answer(response.status, response.headers.get_all("Set-Cookie", []), text)

    def token(self, answer: Answer, page: str) -> str:
        found = re.search(r'name="token" value="([^"]+)"', answer.text)
        if not found:
            self.problem(f"The page of {page} has no token, so what follows it was not tried.")
            return "none"
        return found[1]

    def problem(self, words: str) -> None:
        self.sent.problems.append(words)


def _query() -> str:
    return urlencode({"from": ADDRESS, "by": canaries.BROWSER, "at": canaries.PATH})


def typed(fields: Mapping[str, str]) -> tuple[bytes, str]:
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def multipart(fields: Mapping[str, str], picture: bytes) -> tuple[bytes, str]:
    border = secrets.token_hex(16)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'Content-Disposition: form-data; name="photos"; filename="{canaries.FILE}.jpg"\r\nContent-Type: image/jpeg'
    parts.append(f"--{border}\r\n{head}\r\n\r\n".encode() + picture + f"\r\n--{border}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={border}"


def photo() -> bytes:
    """As a phone makes it: with its maker and the place."""
    exif, made = Image.Exif(), BytesIO()
    exif[MAKE] = canaries.PHONE
    exif.get_ifd(GPS).update(
        {1: "N", 2: (37.0, 20.0, 24.0), 3: "W", 4: (95.0, 15.0, 36.0), 27: canaries.PHONE.encode()}
    )
    Image.effect_noise((640, 480), 60).convert("RGB").save(made, "JPEG", exif=exif, comment=canaries.PHONE.encode())
    return made.getvalue() + canaries.FILE.encode()
