"""The tip form over HTTP, as the process that it is: checks A1, A4–A7, A9–A12, A17, A18."""

import io
import re
import statistics
import time
import uuid
from datetime import UTC, datetime

import pytest
from django.test.client import encode_multipart
from PIL import Image, PngImagePlugin

from tests.database import as_owner
from tests.factories.tips import WHAT, make_reader
from tests.intake import Form, running_form
from tips.intake import city_map, places
from tips.models import Message, Tip
from tips.queries import intake as queries
from tips.sealing import keys, receipts
from tips.sealing.tips import about_message, open_case_key, open_message, open_texts, pad

pytestmark = pytest.mark.django_db(transaction=True)

TABLES_OF_A_TIP = {"tips_tip", "tips_keycopy", "tips_message"}
PAGES = [
    "/en/",
    "/es/",
    "/en/back/",
    "/es/back/",
    "/en/safety/",
    "/es/safety/",
    "/style.css",
    "/",
    "/leave/",
    "/healthz/",
]


@pytest.fixture
def reader():
    return make_reader()


def opened(reader, tip: Tip) -> list:
    case = open_case_key(tip.pk, reader.key, tip.copies.get(reader=reader.row).sealed)
    return [
        open_message(case, tip.pk, each.pk, each.sealed)
        if each.kind == Message.Kind.PHOTO
        else open_texts(case, tip.pk, each.pk, each.sealed)
        for each in tip.messages.all()
    ]


def rows_of_every_table() -> dict[str, int]:
    with as_owner() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        counted = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            counted[name] = cursor.fetchone()[0]
        return counted


def photo(**options) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(file, options.pop("format", "JPEG"), **options)
    return file.getvalue()


def test_tip_is_stored_sealed_and_its_receipt_shown(intake: Form, reader):
    answer = intake.send(what=WHAT, where="Railside Apartments", when="Nights", who="A red truck", photos=[photo()])
    assert answer.status == 200
    assert len(answer.words.split()) == 8
    tip = Tip.objects.get()
    texts, picture = opened(reader, tip)
    assert texts == {"what": WHAT, "where": "Railside Apartments", "when": "Nights", "who": "A red truck"}
    assert Image.open(io.BytesIO(picture)).size == (320, 240)
    assert (tip.channel, tip.language, tip.status, tip.quarantined) == ("web", "en", "new", False)


def test_nothing_but_what_is_asked_for(intake: Form, reader):
    assert intake.send(language="es", what="Venden drogas").status == 200
    assert opened(reader, Tip.objects.get()) == [{"what": "Venden drogas"}]
    answer = intake.send(where="Here", who="Ñandú & <b>", what=" ")
    assert answer.status == 422
    assert "Tell us what is going on" in answer.text
    assert "Ñandú &amp; &lt;b&gt;" in answer.text
    assert Tip.objects.count() == 1


# --- A1 ---------------------------------------------------------------------------------------------------------------


def test_no_cookie_and_no_row_anywhere_else(intake: Form, reader):
    before = rows_of_every_table()
    answers = [intake.get(path) for path in PAGES]
    sent = intake.send(what=WHAT)
    back = intake.come_back(sent.words)
    answers += [sent, back, intake.send(what=""), intake.come_back("no such words"), intake.get("/nothing-here/")]
    answers.append(intake.post("/en/add/", {"token": back.token, "more": "One thing more"}))
    assert [answer.status for answer in answers if "Set-Cookie" in answer.headers] == []
    after = rows_of_every_table()
    assert {name for name in after if after[name] != before[name]} == TABLES_OF_A_TIP


# --- A4 ---------------------------------------------------------------------------------------------------------------


def test_headers_of_every_answer(intake: Form, reader):
    answers = [intake.get(path) for path in [*PAGES, "/nothing-here/", "/map/x.png", "/favicon.ico", "/en/add/"]]
    answers += [intake.send(what=WHAT), intake.send(what=""), intake.come_back("x")]
    answers += [intake.post("/en/", {"what": WHAT}, Sec_Fetch_Site="cross-site"), intake.ask("POST", "/en/", b"{}")]
    answers.append(intake.ask("PUT", "/en/"))
    assert {answer.status for answer in answers} >= {200, 204, 302, 303, 400, 403, 404, 405, 422}
    for answer in answers:
        told = answer.headers
        assert told["Referrer-Policy"] == "no-referrer"
        assert told["Cache-Control"] == "no-store"
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Cross-Origin-Opener-Policy"] == told["Cross-Origin-Resource-Policy"] == "same-origin"
        assert told["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self'")
        assert "frame-ancestors 'none'" in told["Content-Security-Policy"]
        assert "unsafe" not in told["Content-Security-Policy"]
        assert {"geolocation=()", "camera=()", "microphone=()"} <= set(told["Permissions-Policy"].split(", "))
        assert "ETag" not in told
        assert "Last-Modified" not in told


# --- A5 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_form_is_small_and_has_no_script(intake: Form, language):
    page, style = intake.get(f"/{language}/"), intake.get("/style.css")
    assert len(page.body) + len(style.body) < 50_000
    assert "<script" not in page.text
    assert not re.search(r"\son\w+=", page.text)
    assert {address for address in re.findall(r'(?:src|href|action)="([^"]*)"', page.text) if "//" in address} == {
        f"http://localhost:8000/{language}/"
    }


# --- A6 ---------------------------------------------------------------------------------------------------------------


def test_other_sites_are_refused_and_null_origins_taken(intake: Form, reader):
    token = intake.get("/en/").token
    fields = {"send": "1", "token": token, "what": WHAT}
    assert intake.post("/en/", fields, Sec_Fetch_Site="cross-site").status == 403
    assert Tip.objects.count() == 0
    assert intake.post("/en/", fields, Origin="null").status == 200
    assert intake.ask("POST", "/en/", b'{"what": "x"}', {"Content-Type": "application/json"}).status == 400


def test_charset_that_no_browser_names_is_refused_before_anything_is_decoded(intake: Form, reader):
    """Punycode takes six seconds for what may be typed, and an escaped surrogate is no text."""
    token = intake.get("/en/").token
    body = encode_multipart("b", {"send": "1", "token": token, "what": r"\ud800", "receipt": "x"})
    for path in ("/en/", "/en/back/", "/en/add/"):
        for charset, status in (("punycode", 400), ("unicode_escape", 400), ("zlib", 400), ("utf-16", 400)):
            kind = f"multipart/form-data; boundary=b; charset={charset}"
            assert intake.ask("POST", path, body, {"Content-Type": kind}).status == status, (path, charset)
    assert Tip.objects.count() == 0
    kind = "multipart/form-data; boundary=b; charset=UTF-8"
    assert intake.ask("POST", "/en/", body, {"Content-Type": kind}).status == 200
    assert b"failed" not in intake.log.read_bytes()


@pytest.mark.parametrize("token", ["", "x", "gAAAAABl" + "A" * 120])
def test_form_without_a_good_token_asks_to_send_again_and_keeps_what_was_typed(intake: Form, reader, token):
    answer = intake.post("/en/", {"send": "1", "token": token, "what": WHAT})
    assert answer.status == 422
    assert WHAT in answer.text
    assert answer.token not in {"", token}
    assert intake.post("/en/", {"send": "1", "token": answer.token, "what": WHAT}).status == 200


def test_form_sent_twice_says_so_to_reviewers(intake: Form, reader):
    token = intake.get("/en/").token
    for _ in range(2):
        assert intake.post("/en/", {"send": "1", "token": token, "what": WHAT}).status == 200
    intake.send(what=WHAT)
    sendings = list(Tip.objects.values_list("sending", flat=True))
    assert (len(sendings), len(set(sendings))) == (3, 2)


# --- A7 ---------------------------------------------------------------------------------------------------------------


def test_receipt_stands_on_one_page_and_nowhere_else(intake: Form, reader):
    answer = intake.send(what=WHAT)
    words = answer.words
    assert not any(words in value for value in answer.headers.values())
    back = intake.come_back(words)
    assert back.status == 200
    assert not set(words.split()) <= set(re.findall(r"\w+", back.text))
    assert intake.log.read_text() == ""
    said = receipts.read_receipt(words)
    with as_owner() as cursor:
        cursor.execute("SELECT t.*::text FROM tips_tip AS t")
        stored = str(cursor.fetchall())
    assert said.hex() not in stored
    assert bytes(Tip.objects.get().receipt) == receipts.open_receipt(said, queries.salt()).stored


def test_unknown_and_deleted_receipts_answer_alike_and_take_alike(intake: Form, reader):
    gone = intake.send(what=WHAT).words
    Tip.objects.all().delete()
    known = intake.send(what=WHAT).words
    unknown = receipts.new_receipt("en")
    answers, seconds = {}, {gone: [], unknown: []}
    for _ in range(15):
        for words in (gone, unknown):
            start = time.perf_counter()
            answers[words] = intake.come_back(words)
            seconds[words].append(time.perf_counter() - start)
    shown = {words: answer.text.replace(words, "") for words, answer in answers.items()}
    assert {answer.status for answer in answers.values()} == {404}
    assert len(set(shown.values())) == 1
    fast, slow = sorted(statistics.median(each) for each in seconds.values())
    assert slow < 2 * fast
    assert intake.come_back(known).status == 200


def test_mistyped_receipt_is_told_which_word(intake: Form, reader):
    words = intake.send(what=WHAT).words.split()
    wrong = intake.come_back(" ".join(["zzzz", *words[1:]]))
    assert wrong.status == 422
    assert "“zzzz…” is not one of our words" in wrong.text
    assert "Write all eight words" in intake.come_back(" ".join(words[:7])).text
    told = ", ".join(f"{number}. {word.upper()}" for number, word in enumerate(words, 1)).replace(",", " ")
    assert intake.come_back(told).status == 200


def test_answers_are_read_with_the_receipt_and_answered(intake: Form, reader):
    words = intake.send(what=WHAT, language="es").words
    tip, message = Tip.objects.get(), uuid.uuid4()
    about = about_message(tip.pk, message)
    Message.objects.create(
        id=message,
        tip=tip,
        position=2,
        kind="reply",
        by=reader.user,
        received_at=tip.received_at,
        sealed=keys.seal(bytes(tip.case_key), pad(b"{}"), about=about),
        sealed_for_tipster=keys.seal(bytes(tip.reply_key), pad('{"text": "¿A qué hora?"}'.encode()), about=about),
    )
    back = intake.come_back(words, "es")
    assert "¿A qué hora?" in back.text
    assert WHAT not in back.text
    assert Message.objects.get(pk=message).seen
    added = intake.post("/es/add/", {"token": back.token, "more": "A las dos"}, [photo()])
    assert added.status == 200
    assert opened(reader, tip)[2:][0] == {"text": "A las dos"}
    assert [each.kind for each in tip.messages.all()] == ["tip", "reply", "addition", "photo"]


def test_addition_needs_words_or_a_photo_and_a_tip(intake: Form, reader):
    back = intake.come_back(intake.send(what=WHAT).words)
    assert intake.post("/en/add/", {"token": back.token, "more": ""}).status == 422
    assert intake.post("/en/add/", {"token": back.token, "more": ""}, [photo()]).status == 200
    stale = intake.post("/en/add/", {"token": "x", "more": "Do not lose this"})
    assert stale.status == 422
    assert "Do not lose this" in stale.text
    Tip.objects.all().delete()
    assert intake.post("/en/add/", {"token": back.token, "more": "x"}).status == 404


# --- A9, A10 ----------------------------------------------------------------------------------------------------------


def test_lengths_are_equal(intake: Form, reader):
    for length in (10, 400):
        assert intake.send(what="x" * length).status == 200
    first, second = Message.objects.all()
    assert len(first.sealed) == len(second.sealed)


def test_times_are_quarters_of_the_day_and_keys_random(intake: Form, reader):
    for _ in range(3):
        intake.send(what=WHAT)
    now = datetime.now(UTC)
    for tip in Tip.objects.all():
        assert tip.received_at.hour % 6 == 0
        assert (tip.received_at.minute, tip.received_at.second) == (0, 0)
        assert 0 <= (now - tip.received_at).total_seconds() < 6 * 3600 + 60
        assert tip.pk.version == 4
    with as_owner() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY (%s)"
            " AND (data_type LIKE 'timestamp%%' OR column_default LIKE 'nextval%%' OR is_identity = 'YES')",
            [sorted(TABLES_OF_A_TIP)],
        )
        assert sorted(cursor.fetchall()) == [
            ("tips_message", "received_at"),
            ("tips_tip", "held_at"),
            ("tips_tip", "received_at"),
        ]


# --- A11 --------------------------------------------------------------------------------------------------------------


def test_photos_keep_nothing_but_pixels_and_touch_no_disk(intake: Form, reader):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (37.0, 20.0, 25.0)}
    exif[0x010E] = "CANARY-EXIF"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "CANARY-TEXT")
    jpeg = photo(exif=exif, xmp=b"<x>CANARY-XMP</x>") + b"CANARY-TRAILING" * 100_000
    answer = intake.send(what=WHAT, photos=[jpeg, photo(format="PNG", pnginfo=text)])
    assert answer.status == 200
    assert b"CANARY-XMP" in jpeg
    pictures = opened(reader, Tip.objects.get())[1:]
    assert len(pictures) == 2
    for picture in pictures:
        assert b"CANARY" not in picture
        assert not Image.open(io.BytesIO(picture)).getexif()
    assert list(intake.temporary.rglob("*")) == []


def test_what_is_no_photo_is_named_and_nothing_stored(intake: Form, reader):
    answer = intake.send(what=WHAT, photos=[photo(), b"%PDF-1.7 not a photo"])
    assert answer.status == 422
    assert "Photo 2:" in answer.text
    assert "Please choose your photos again" in answer.text
    assert WHAT in answer.text
    assert "Choose 3 photos at most" in intake.send(what=WHAT, photos=[photo()] * 4).text
    assert Tip.objects.count() == 0


def test_too_large_an_upload_is_refused_in_words(intake: Form, reader):
    answer = intake.send(what=WHAT, photos=[bytes(47_000_000)])
    assert answer.status == 413
    assert "choose smaller photos" in answer.text
    assert intake.send(what="x" * 5001).status == 422
    assert intake.send(what="x" * 250_000).status == 413


# --- A12 --------------------------------------------------------------------------------------------------------------


def test_500_tips_a_minute_trip_one_budget():
    minute = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    over = [queries.count_in(minute, 120) for _ in range(500)]
    assert over == [False] * 120 + [True] * 380
    assert queries.count_in(minute.replace(minute=1), 120) is False


def test_30_tips_from_one_address_pass_and_a_flood_waits_apart(intake: Form, reader):
    for _ in range(30):
        assert intake.send(what=WHAT).status == 200
    assert Tip.objects.filter(quarantined=True).count() == 0
    with as_owner() as cursor:
        for each in (0, 1):  # an even minute, or an odd one
            cursor.execute("UPDATE tips_intake SET slot = %s, spent = 1000", [each])
            assert intake.send(what="Flood").status == 200
    assert Tip.objects.filter(quarantined=True).count() in {1, 2}
    assert Tip.objects.count() == 32


def test_what_fills_the_hidden_field_waits_apart(intake: Form, reader):
    assert intake.send(what=WHAT, leave_empty="x").words
    assert Tip.objects.get().quarantined


# --- A17, A18 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_can_be_left_and_give_nothing_away(intake: Form, reader, language):
    leave = intake.get("/leave/")
    assert leave.status == 303
    assert leave.headers["Location"].startswith("https://")
    assert leave.headers["Clear-Site-Data"] == '"cache", "storage"'
    for path in ("", "back/", "safety/"):
        page = intake.get(f"/{language}/{path}").text
        assert 'href="/leave/"' in page
        assert re.search(r"<title>(.*?)</title>", page).group(1) == "Parsons"
        for field in re.findall(r'<(?:input type="text"|textarea|form)[^>]*>', page):
            assert 'autocomplete="off"' in field


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["call 911", "of your work", "Do not name yourself unless", "torproject.org", "We cannot promise"]),
        (
            "es",
            ["llame al 911", "de su trabajo", "No diga su nombre, a menos", "torproject.org", "No podemos prometer"],
        ),
    ],
)
def test_pages_say_what_a_tipster_must_know(intake: Form, language, words):
    form, safety = intake.get(f"/{language}/").text, intake.get(f"/{language}/safety/").text
    assert form.index("911") < form.index("<main>")
    assert words[0] in form
    assert words[1] in form
    for each in words[1:]:
        assert each in safety


def test_start_speaks_the_browsers_language(intake: Form):
    assert intake.get("/", Accept_Language="es-MX,es;q=0.9").headers["Location"] == "/es/"
    assert intake.get("/", Accept_Language="de").headers["Location"] == "/en/"


def test_other_language_keeps_what_was_typed(intake: Form):
    answer = intake.post("/es/", {"show": "other", "what": WHAT, "token": intake.get("/en/").token})
    assert answer.status == 200
    assert WHAT in answer.text
    assert "Todavía no se envió" not in answer.text


# --- when something is missing ----------------------------------------------------------------------------------------


def test_without_a_reviewer_nothing_is_taken_and_the_page_says_so(intake: Form):
    answer = intake.send(what=WHAT)
    assert answer.status == 503
    assert "We could not take it just now" in answer.text
    assert WHAT in answer.text
    assert answer.words == ""
    assert Tip.objects.count() == 0


def test_city_without_streets_has_no_map():
    city_map.forget_city()
    where = places.read({"map-go": "whole"})
    assert places.shown(where) is None
    assert where.texts() == {}


def test_failure_is_told_and_nothing_of_it_logged(reader, intake: Form, tmp_path, django_db_setup):
    """A database that refuses in a way that nobody foresaw: the page says that nothing was stored, the log not why."""
    with as_owner() as cursor:
        cursor.execute("ALTER TABLE tips_tip ADD CONSTRAINT refuse_all CHECK (false) NOT VALID")
    try:
        with running_form(tmp_path) as form:
            answer = form.send(what="CANARY-WHAT", where="CANARY-WHERE")
            told = form.log.read_text()
    finally:
        with as_owner() as cursor:
            cursor.execute("ALTER TABLE tips_tip DROP CONSTRAINT refuse_all")
    assert answer.status == 500
    assert "nothing was stored" in answer.text
    assert answer.words == ""
    assert "IntegrityError" in told
    assert "CANARY" not in told


def test_onion_address_is_named_whatever_the_path(transactional_db, tmp_path):
    with running_form(tmp_path, TIP_ONION_URL="http://example.onion") as form:
        assert form.get("/es/").headers["Onion-Location"] == "http://example.onion/es/"
        answer = form.get("/en/%0d%0aSet-Cookie:%20a=b")
        assert (answer.status, answer.headers["Referrer-Policy"]) == (404, "no-referrer")
        assert answer.headers["Onion-Location"] == "http://example.onion/en/%0D%0ASet-Cookie:%20a%3Db"
