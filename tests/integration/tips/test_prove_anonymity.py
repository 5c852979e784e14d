"""`prove_anonymity` against a whole installation that runs: it passes, and it finds what is planted wherever it looks."""

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.integration.tips.installation import Installation, installation, intake
from tips.proof import canaries
from tips.proof.search import BLOCK, Search

pytestmark = pytest.mark.services

ADDRESS, BROWSER = canaries.ADDRESS, canaries.BROWSER
PACKED = bytes(int(part) for part in ADDRESS.split("."))


@pytest.fixture(scope="module")
def running(django_db_setup: None) -> Iterator[Installation]:
    with installation() as made, intake(made):
        (made.state / "temporary").mkdir()
        yield made


def prove(running: Installation, *more: str) -> tuple[int, str]:
    return running.manage("prove_anonymity", "--temporary", str(running.state / "temporary"), *more)


def stored(running: Installation) -> list[tuple[bool, str]]:
    return running.run("SELECT passed, report FROM tips_anonymityproof ORDER BY at, id")


def number_of_tips(running: Installation) -> int:
    return running.run("SELECT count(*) FROM tips_tip")[0][0]


def test_proof_passes_where_nothing_is_left(running: Installation) -> None:
    code, said = prove(running)
    assert code == 0, said
    passed, report = stored(running)[-1]
    assert passed
    assert "PASSED: nothing was found." in report
    assert report in said
    # It went everywhere, and read what there is.
    for way in ("a tip with a photo: answered 200", "answered 422", "answered 404", "answered 403", "answered 413"):
        assert way in report
    assert "a page that breaks, with a tip in it: answered 500" in report
    assert "A page failed: RuntimeError at prove" in running.intake_log.read_text()
    tables, rows = re.search(r"every table: (\d+) tables, ([\d,]+) rows", report).groups()
    assert int(tables) > 150
    assert int(rows.replace(",", "")) > 10_000
    assert "dump by pg_dump: " in report
    assert "it can write no table, and call these functions alone: tips_store, " in report
    assert number_of_tips(running) == 0


def test_public_date_is_that_of_the_last_pass(running: Installation) -> None:
    running.run("DELETE FROM tips_anonymityproof")
    assert running.run("SELECT passed_on FROM tips_proof") == [(None,)]
    assert prove(running)[0] == 0
    assert running.run("SELECT passed_on = now()::date FROM tips_proof") == [(True,)]


def test_report_can_be_stored_and_printed_without_being_found_itself(running: Installation) -> None:
    assert prove(running)[0] == 0
    report = stored(running)[-1][1].encode()
    stream = Search(canaries.needles([])).stream()
    stream.write(report)
    assert not stream.close()


def test_whatever_is_planted_is_found_and_named(running: Installation) -> None:
    """In one run, since each takes seconds: a table, a session of Redis, logs, media, tiles, temporary files, a role's rights."""
    digest = hashlib.sha256(ADDRESS.encode())
    running.run(
        "CREATE SCHEMA planted;"
        "CREATE TABLE planted.rows (plain text, packed inet, raw bytea, number bigint, hashed text, coded text, told text);"
        "INSERT INTO planted.rows SELECT 'nothing' FROM generate_series(1, 20000)"
    )
    running.run(
        "INSERT INTO planted.rows VALUES (%s, %s, %s, %s, %s, %s, %s)",
        f"seen from {ADDRESS}",
        ADDRESS,
        digest.digest(),
        int.from_bytes(PACKED, "big"),
        hashlib.md5(BROWSER.encode()).hexdigest()[:20],
        base64.b64encode(f"agent={BROWSER}".encode()).decode(),
        f"… {canaries.WORDS} …",
    )
    running.run("INSERT INTO planted.rows SELECT 'nothing' FROM generate_series(1, 20000)")
    running.run("SELECT lo_from_bytea(0, %s)", canaries.COOKIE.encode())
    running.run("GRANT UPDATE (status) ON tips_tip TO hotspots_intake")
    queue = Redis.from_url(running.chosen("REDIS_URL"))
    queue.lpush("waiting", *(b"nothing" for _ in range(1500)), base64.b64encode(b'{"ip": "' + ADDRESS.encode() + b'"}'))
    queue.hset("by-browser", digest.hexdigest(), "1")
    places = {
        "postgres/postgres.log": f"\nERROR: {BROWSER}\n".encode(),
        "redis/redis.log": b"\n" + canaries.REFERRER.encode(),
        "beat.out": hashlib.sha1(ADDRESS.encode()).hexdigest().upper().encode(),
        "media/photos/a.jpg": b"\xff\xd8" + bytes(BLOCK - 20) + canaries.PHONE.encode(),
        "tiles/1/2.pbf": canaries.PATH.lower().encode(),
        "temporary/upload": canaries.FILE.encode(),
    }
    for name, content in places.items():
        path = running.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(content)
    rotated = running.state / "rotated.log.1.gz"
    rotated.write_bytes(gzip.compress(f"GET / {ADDRESS}\n".encode()))

    try:
        code, said = prove(running, "--logs-of", f"echo {canaries.C}-LANG; echo {BROWSER}")
        assert code == 1
        assert not stored(running)[-1][0]
        for found in (
            "table planted.rows, column plain: client address, as it is",
            "table planted.rows, column packed: client address, as PostgreSQL's inet",
            "table planted.rows, column raw: client address, its sha256 digest",
            "table planted.rows, column number: client address, packed into eight bytes, big-endian",
            "table planted.rows, column hashed: browser, its md5 digest in hexadecimal",
            "table planted.rows, column coded: browser, as it is, in base64",
            "table planted.rows, column told: words of the tip, as it is",
            "database, beside its tables: cookie, as it is",
            "database, dump by pg_dump: client address, as it is",
            "right too many: UPDATE public.tips_tip.status",
            "Redis, base 0, key 'waiting': client address, as it is, in base64",
            "Redis, base 0, key 'by-browser': client address, its sha256 digest in hexadecimal",
            f"file {running.state}/postgres/postgres.log: browser, as it is",
            f"file {running.state}/redis/redis.log: referrer, as it is",
            f"file {running.state}/beat.out: client address, its sha1 digest in hexadecimal",
            f"file {running.state}/media/photos/a.jpg: maker of the phone in the photo, as it is",
            f"file {running.state}/tiles/1/2.pbf: path or query, as it is",
            f"file {running.state}/temporary/upload: name of the photo's file, as it is",
            f"file {rotated}: client address, as it is",
            "log from the given command: browser, as it is",
        ):
            assert found in said, f"not found: {found}\n{said}"
        assert ADDRESS not in said
        assert BROWSER not in said
        assert number_of_tips(running) == 0
    finally:
        running.run("DROP SCHEMA planted CASCADE")
        running.run("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
        running.run("REVOKE UPDATE (status) ON tips_tip FROM hotspots_intake")
        queue.flushall()
        queue.close()
        for name, content in places.items():
            path = running.state / name
            path.write_bytes(path.read_bytes().replace(content, b""))
        rotated.unlink()


def test_form_of_another_installation_proves_nothing(running: Installation) -> None:
    running.environment["INTAKE_SECRET_KEY"] = "another"
    try:
        code, said = prove(running)
    finally:
        del running.environment["INTAKE_SECRET_KEY"]
    assert code == 1
    assert "INTAKE_SECRET_KEY here is not that of the tip form" in said
    assert number_of_tips(running) == 0


def test_form_that_does_not_answer_proves_nothing(running: Installation) -> None:
    before = len(stored(running))
    code, said = prove(running, "--url", "http://127.0.0.1:9")
    assert code == 1
    assert "The tip form does not answer" in said
    assert len(stored(running)) == before
