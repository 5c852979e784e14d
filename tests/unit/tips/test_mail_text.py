"""What is kept of the text of a mail, and what of the person who wrote it."""

import time

import pytest

from tests.unit.tips.mails import ADDRESS, TIP, mail, message
from tips.mail import identity
from tips.mail.clean import MOST_TEXT, clean_mail


def text_of(*arguments: object, **options: object) -> str:
    return clean_mail(mail(*arguments, **options)).text


def test_subject_is_the_first_line():
    assert text_of(TIP, subject="Belmont") == f"Belmont\n\n{TIP}"
    assert text_of(TIP, subject="Re: RE: Belmont") == f"Belmont\n\n{TIP}"
    assert text_of(TIP, subject=TIP) == TIP
    assert text_of("", subject="=?utf-8?q?Camioneta_en_la_calle_S=C3=A9ptima?=") == "Camioneta en la calle Séptima"


def test_no_header_is_kept():
    headers = {
        "X_Mailer": "CANARY",
        "User_Agent": "CANARY",
        "Reply_To": "other@example.com",
        "X_Sender": "CANARY@example.com",
    }
    assert text_of(TIP, **headers) == TIP


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nMaria\nCell 620-555-0142",
        "--\nM. L.\nAcme Roofing\nwww.acme.example",
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Sent from my Verizon, Samsung Galaxy smartphone",
        "Sent via the Samsung Galaxy S20 FE 5G, an AT&T 5G smartphone",
        "Sent from Yahoo Mail on Android",
        "Sent from Outlook for iOS",
        "Get Outlook for Android<https://aka.ms/AAb9ysg>",
        "Get Outlook for iOS",
        "Sent from Mail for Windows",
        "Sent with Proton Mail secure email.",
        "Sent from my T-Mobile 4G LTE Device",
        "Enviado desde mi iPhone",
        "Enviado desde mi Samsung Galaxy",
        "Enviado desde Yahoo Mail para iPhone",
        "Enviado desde Outlook para Android",
        "Obtener Outlook para iOS",
        "Enviado desde mi dispositivo Huawei",
        "Sent from my iPhone\n\n-- \nMaria",
        "-- \nMaria\n\nSent from my iPad",
    ],
)
def test_signatures_are_dropped(signature):
    tip = clean_mail(mail(f"{TIP}\n\n{signature}\n"))
    assert tip.text == TIP
    assert tip.left_out == ["a signature"]


@pytest.mark.parametrize(
    "content",
    [
        "Sent from my house they would see me, so I call from work.",
        "Sent from jail, he runs it all by phone from there.",
        "Plate:\n--\nKS 123 ABC\n" + "Each night another car comes and stays five minutes.\n" * 30,
        "CONFIDENTIAL: he told me that this house belongs to his brother.",
        "> 20 people a night",
        "On Monday he wrote:\nI will get you",
        "From: 5th and Main\nTo: the alley\nthey walk every night",
    ],
)
def test_content_that_looks_like_machine_lines_is_kept(content):
    assert text_of(content) == content.strip()


@pytest.mark.parametrize(
    "quotation",
    [
        "On Tue, Jun 3, 2025 at 9:12 PM Tips <tips@parsonspd.example> wrote:\n> Which house?\n>\n> Det. Hall",
        "On Tue, Jun 3, 2025 at 9:12 PM A very long name of some department\n<tips@parsonspd.example> wrote:\n\n> Which house?",
        "On Jun 3, 2025, at 21:12, Tips <tips@parsonspd.example> wrote:\n\nWhich house?",
        "El mar, 3 jun 2025 a las 21:12, Tips (<tips@parsonspd.example>) escribió:\n> ¿Cuál casa?",
        "El 03/06/2025 a las 21:12, Tips escribió:\n> ¿Cuál casa?\n> Gracias",
        "-----Original Message-----\nFrom: Tips\nSent: Tuesday, June 3, 2025\nTo: Maria\nSubject: Belmont\n\nWhich house?",
        "-----Mensaje original-----\nDe: Tips\nEnviado el: martes, 3 de junio\nPara: Maria\nAsunto: Belmont\n\n¿Cuál casa?",
        "________________________________\nFrom: Tips <tips@a.example>\nSent: Tuesday\nTo: Maria\nSubject: Belmont\n\nWhy?",
        "De: Tips <tips@parsonspd.example>\nFecha: martes\nPara: Maria\nAsunto: Belmont\n\n¿Cuál casa?",
    ],
)
def test_quoted_earlier_mail_is_dropped(quotation):
    tip = clean_mail(mail(f"{TIP}\n\nSent from my iPhone\n\n{quotation}\n", subject="Re: Belmont"))
    assert tip.text.replace("_", "").strip() == f"Belmont\n\n{TIP}"
    assert "quoted earlier mail" in tip.left_out


def test_answer_under_each_quotation_is_kept():
    text = "On Tue, Jun 3, 2025 at 9:12 PM <tips@parsonspd.example> wrote:\n> Which house?\nThe blue one.\n> When?\nAt night.\n"
    assert text_of(text, subject="Re: tip") == "tip\n\nThe blue one.\nAt night."


@pytest.mark.parametrize(
    "marker",
    ["---------- Forwarded message ---------", "Begin forwarded message:", "---------- Mensaje reenviado ----------"],
)
def test_forwarded_mail_is_content_but_for_its_header(marker):
    forwarded = (
        f"{marker}\nFrom: Bo <bo@example.org>\nDate: Tue\nSubject: pay\nTo: <{ADDRESS}>\n\nPay or I burn the shed."
    )
    tip = clean_mail(mail(f"He threatens us.\n\n{forwarded}"))
    assert tip.text == "He threatens us.\n\nPay or I burn the shed."
    assert tip.left_out == ["who sent a forwarded mail, and to whom"]


def test_mail_that_is_only_a_quotation_is_not_lost():
    text = "-----Original Message-----\nFrom: Bo\nSent: Tuesday\nTo: Maria\nSubject: pay\n\n> Pay or I burn the shed."
    assert text_of(text) == "Pay or I burn the shed."


@pytest.mark.parametrize(
    ("sender", "written", "kept"),
    [
        ("Maria Lopez <ml@example.net>", "Write to ML@Example.net please", "Write to [removed] please"),
        (f"<{ADDRESS}>", "I am maria.lopez77 on the app", "I am [removed] on the app"),
        (f"<{ADDRESS}>", "Maria Lopez lives next door", "[removed] lives next door"),
        ("María López <ml@example.net>", "MARIA   LOPEZ saw it", "[removed] saw it"),
        ('"Lopez, Maria" <ml@example.net>', "Maria Lopez saw it", "[removed] saw it"),
        ("=?utf-8?b?TWFyw61hIEzDs3Blcw==?= <ml@example.net>", "María Lópes saw it", "[removed] saw it"),
        (
            "Maria Lopez <ml@example.net>",
            f"{TIP}\n\nThanks,\nMaria\n(620) 555-0142",
            f"{TIP}\n\nThanks,\n[removed]\n[removed]",
        ),
        ("Maria Lopez <ml@example.net>", f"{TIP}\n\n- Maria L.", f"{TIP}\n\n- [removed] L."),
        ("Maria Lopez <ml@example.net>", f"{TIP}\nGracias, María", f"{TIP}\nGracias, [removed]"),
        ("Maria Lopez <ml@example.net>", "Me llamo María y vivo ahí", "Me llamo [removed] y vivo ahí"),
        ("6205550142@vtext.example", "call (620) 555-0142 or 620.555.0142", "call [removed] or [removed]"),
        ("+16205550142@mms.example", "call +1 620-555-0142", "call [removed]"),
        ("Bo <bo@acme-roofing.example>", "we at acme-roofing.example saw it", "we at [removed] saw it"),
        ("Bo <bo@example.net>", "from Marias-iPhone.local at 198.51.100.23", "from [removed] at [removed]"),
        ("Bo <bo@example.net>", "bounce-maria@lists.example.org", "[removed]"),
    ],
)
def test_who_sent_it_is_taken_out_of_the_text(sender, written, kept):
    assert text_of(written, sender=sender) == kept


@pytest.mark.parametrize(
    ("sender", "written"),
    [
        ("Mark Hill <mh@example.net>", "Mark sells on the hill by the school.\nHe drives a Ford."),
        ("Mark Hill <mh@example.net>", "The Hill boys deal there"),
        ("Johnson <johnson@example.net>", "They deal at 312 Johnson and on Johnson Street."),
        ("Al <park@example.net>", "In the park, next to the parking lot"),
        ("Al <belmont@example.net>", TIP),
        ("Ana <ana@gmail.com>", "He takes orders at some gmail.com address"),
    ],
)
def test_names_that_the_tip_may_be_about_are_kept(sender, written):
    assert text_of(written, sender=sender) == written


@pytest.mark.parametrize("header", ["Reply-To", "Sender", "X-Sender", "Resent-From", "X-Google-Original-From", "Cc"])
def test_other_addresses_of_the_sender_are_taken_out(header):
    options = {header.replace("-", "_"): "Second <second.self@example.com>"}
    assert text_of("or at second.self@example.com", **options) == "or at [removed]"


def test_html_gives_what_a_reader_sees():
    html = """<html><head><title>CANARY</title><style>p {color: red}</style></head><body>
      <script>CANARY</script><div style="display: none">CANARY</div><span hidden>CANARY</span>
      <p>They sell at <a href="https://maps.example/?q=CANARY">1412 Belmont</a>.<br>Every &amp; any night.</p>
      <ul><li>white van</li><li>red door</li></ul><img src="https://track.example/CANARY.gif" width="1" height="1">
      <div class="gmail_signature">Maria CANARY</div>
      <blockquote type="cite"><p>On Jun 3, 2025, at 21:12, Tips wrote:</p>CANARY</blockquote></body></html>"""
    tip = clean_mail(mail(html, kind="text/html", In_Reply_To="<1@example.org>"))
    assert tip.text == "They sell at 1412 Belmont.\nEvery & any night.\n\n- white van\n- red door"


def test_plain_text_is_preferred_unless_it_only_points_to_the_html():
    made = message(TIP)
    made.add_alternative("<p>HTML</p>", subtype="html")
    assert clean_mail(made.as_bytes()).text == f"drugs\n\n{TIP}"
    made = message("Your mail reader does not show HTML.")
    made.add_alternative(f"<p>{TIP}</p>", subtype="html")
    assert clean_mail(made.as_bytes()).text == f"drugs\n\n{TIP}"
    made = message("\n")
    made.add_alternative(f"<p>{TIP}</p>", subtype="html")
    assert clean_mail(made.as_bytes()).text == f"drugs\n\n{TIP}"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Se venden ñ".encode("latin-1"), "text/plain; charset=iso-8859-1"),
        ("Se venden ñ".encode(), "text/plain; charset=iso-8859-1"),
        ("Se venden ñ".encode("cp1252"), "text/plain; charset=utf-8"),
        ("Se venden ñ".encode(), "text/plain; charset=us-ascii"),
        ("Se venden ñ".encode(), "text/plain; charset=x-unknown"),
        ("Se venden ñ".encode(), "text/plain; charset=zip"),
        ("Se venden ñ".encode("utf-16"), "text/plain; charset=utf-16"),
        ("Se venden n\u0303".encode(), "text/plain; charset=utf-8"),
    ],
)
def test_wrong_charsets_still_give_the_text(content, kind):
    assert text_of(content, kind=kind) == "Se venden ñ"


def test_bare_bytes_in_headers_are_read():
    raw = mail("vivo cerca, me llamo Íñigo", sender="PLACE <i@example.net>", subject="PLACE").replace(
        b"PLACE", "Íñigo Peña".encode()
    )
    assert clean_mail(raw).text == "[removed]\n\nvivo cerca, me llamo [removed]"


def test_what_cannot_be_seen_is_dropped():
    assert text_of("a\u200bb\u202ec\x00d\xa0e \U000e0041f") == "abcd e f"


def test_very_long_text_is_cut_and_says_so():
    tip = clean_mail(mail("word " * MOST_TEXT))
    assert len(tip.text) <= MOST_TEXT
    assert tip.left_out == ["the end of a very long text"]


def test_mail_of_a_thousand_senders_costs_no_more_than_those_that_are_in_its_text(monkeypatch):
    looked_for = []
    real = identity._replaced
    monkeypatch.setattr(
        identity,
        "_replaced",
        lambda text, pattern, **options: looked_for.append(pattern) or real(text, pattern, **options),
    )
    senders = ", ".join(f"n{number}@q{number}.example" for number in range(150))
    headers = "".join(f"{name}: {senders.replace('@', f'{name}@')}\n" for name in ("Reply-To", "X-Sender", "Sender"))
    text = f"{TIP}\nWrite to n149Sender@q149.example"
    cleaned = clean_mail(f"From: {ADDRESS}\n{headers}Content-Type: text/plain\n\n{text}".encode()).text
    assert cleaned == f"{TIP}\nWrite to {identity.REMOVED}"
    assert len(looked_for) < 10


def test_long_last_line_is_no_contact_and_holds_up_nobody():
    """As a pattern it took time by the cube of its length: ten seconds for this one, days for one as long as may be."""
    long = "@" * 1500 + " x"
    began = time.monotonic()
    assert text_of(f"{TIP}\nThanks\n{long}") == f"{TIP}\nThanks\n{long}"
    assert time.monotonic() - began < 3
