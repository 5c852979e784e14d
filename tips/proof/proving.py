"""The proof from its start to its report."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from scripts.state import environment, state_folder
from tips.models import AnonymityProof
from tips.proof.canaries import needles
from tips.proof.looking import NAMED_UNREAD, Looked, Looker, walk
from tips.proof.search import BLOCK, Needle, Search
from tips.proof.sending import ProofError, Sent, Visitor
from tips.queries import proof as queries

CLUSTER = "postgres"  # in the state folder; its files are read as tables, its log as a log
TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm", "/var/log", "/run/shm")  # noqa: S108
SPOOLS = ("mail", "spool/mail", "spool/postfix", "spool/exim", "spool/exim4", "spool/mqueue", "spool/clientmqueue")
CLOCK_SECONDS = 2  # by which a file's time may be coarse
LIMITS = """What this cannot show: a digest made with a secret (HMAC) or with a salt cannot be searched for by whoever does not
know it; what is encrypted or packed in a way of its own is opaque; what was written and deleted again before the search is gone;
other machines (the provider of the network, a proxy in front) are not read. What the tip form may write into the database at
all stands above, under its rights."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Places:
    """Where to look beside the database, the queue and the installation's own folders."""

    logs: Sequence[Path] = ()
    outputs: Sequence[str] = ()  # commands that print logs
    temporary: Sequence[Path] = ()
    spools: Sequence[Path] = ()

    @classmethod
    def usual(cls) -> "Places":
        temporary = {Path(tempfile.gettempdir()).resolve(), *(Path(each).resolve() for each in TEMPORARY)}
        spools = {(Path("/var") / each).resolve() for each in SPOOLS}
        return cls(temporary=_there(temporary), spools=_there(spools))


@dataclass
class Proof:
    sent: Sent
    looked: list[Looked] = field(default_factory=list)
    seconds: float = 0.0
    number_of_needles: int = 0

    @property
    def found(self) -> list[str]:
        return [each for looked in self.looked for each in looked.found]

    @property
    def unread(self) -> list[str]:
        return [each for looked in self.looked if not looked.may_miss for each in looked.unread]

    @property
    def passed(self) -> bool:
        return not self.found and not self.unread and not self.sent.problems

    @property
    def verdict(self) -> str:
        if self.found:
            return f"FAILED: {len(self.found)} trace(s) found."
        if not self.passed:
            return "INCOMPLETE: nothing was found, but not everything could be tried or read."
        return "PASSED: nothing was found."


def prove(*, url: str, places: Places, say: Say) -> AnonymityProof:
    """Sends, searches, removes what it sent, and stores the report. ProofError where that cannot be done here."""
    secret = environment().get("INTAKE_SECRET_KEY")
    if not secret:
        raise ProofError(
            "INTAKE_SECRET_KEY is not set here: the proof needs the tip form's, to make it fail on purpose."
        )
    began, since = time.monotonic(), time.time() - CLOCK_SECONDS
    visitor = Visitor(url, secret, say)
    proof = Proof(visitor.sent)
    try:
        visitor.visit()
        queries.keep_from_alert(proof.sent.sendings)
        if queries.number_stored(proof.sent.sendings) != proof.sent.stored:
            proof.sent.problems.append("The tips are not in this database: the form that answered is of another one.")
        search = tried_search(needles(proof.sent.receipt_canaries()))
        proof.number_of_needles = len(search.needles)
        for looked in look(Looker(search), places, since):
            say(f"{looked.where}: {looked.amount}, {'clean' if looked.clean else 'NOT CLEAN'}")
            proof.looked.append(looked)
    finally:
        queries.remove(proof.sent.sendings)
    proof.seconds = time.monotonic() - began
    return AnonymityProof.objects.create(passed=proof.passed, report=report(proof))


def look(looker: Looker, places: Places, since: float) -> Iterator[Looked]:
    yield looker.tables()
    yield looker.beside_tables()
    if dumped := looker.dump():
        yield dumped
    yield looker.rights()
    yield looker.redis()
    state, media, tiles = state_folder(), Path(settings.MEDIA_ROOT), Path(settings.TILE_CACHE)
    cluster = state / CLUSTER
    yield looker.files("folder of the installation", walk(state, without=(cluster, media, tiles)))
    logs = [*cluster.glob("*.log*"), *walk(cluster / "log"), *(path for each in places.logs for path in walk(each))]
    yield looker.files("logs", logs)
    for command in places.outputs:
        yield looker.output_of(["/bin/sh", "-c", command], "log from the given command")
    yield looker.files("media", walk(media))
    yield looker.files("tile cache", walk(tiles))
    changed = (path for each in places.temporary for path in walk(each, since=since, without=(state, media, tiles)))
    yield looker.files("temporary files and system logs changed since the start", changed, may_miss=True)
    yield looker.files("outgoing mail", (path for each in places.spools for path in walk(each)), may_miss=True)
    yield looker.mail_of_intake()


def tried_search(wanted: list[Needle]) -> Search:
    """Each needle is found once before it may be said that none was, across the borders of blocks too."""
    search = Search(wanted)
    for before in (0, BLOCK - search.longest // 2):
        stream = search.stream()
        for needle in wanted:
            stream.write(b" " * before + b" " + needle.content + b" ")
            before = 0
        if missed := set(wanted) - stream.close():
            raise ProofError(f"The search itself does not work: it misses {sorted(map(str, missed))[0]}.")
    return search


def report(proof: Proof) -> str:
    """Plain words, for the city to publish. It holds no canary itself, or the next proof would find it."""
    unread = [each for looked in proof.looked for each in looked.unread]
    lines = [
        "Proof of anonymity of the tip form",
        "",
        proof.verdict,
        "",
        "What was sent: tips with photos, in English and Spanish, with receipts opened and more added, and requests that",
        "fail. Each had a made-up client address (number 77 of the block 203.0.113, in every header that proxies use), a",
        "made-up name of a browser, cookie, referrer, address line, language, file name and maker of the photo's phone.",
        *(f"  - {line}" for line in proof.sent.lines),
        "",
        "What was searched for: these, the words of the tips and the words of their receipts, in",
        f"{proof.number_of_needles:,} forms: as they are, packed, in hexadecimal, in base64, and as MD5, SHA-1, SHA-256 and",
        "SHA-512 digests, whole or shortened.",
        "Each form was found in a test of the search first.",
        "",
        "Where:",
        *(f"  - {looked.where}: {looked.amount}" for looked in proof.looked),
        "",
        *_listed("Found", proof.found, "nothing"),
        *_listed("Could not be read", unread[:NAMED_UNREAD], "nothing"),
        *([f"  … and {len(unread) - NAMED_UNREAD} more"] if len(unread) > NAMED_UNREAD else []),
        *_listed("Did not go as it should", proof.sent.problems, "nothing"),
        "",
        LIMITS,
        f"It took {proof.seconds:.0f} seconds. The tips that it sent are removed.",
    ]
    return "\n".join(lines)


def _listed(title: str, lines: list[str], none: str) -> list[str]:
    return [f"{title}:", *(f"  - {line}" for line in lines)] if lines else [f"{title}: {none}."]


def _there(folders: set[Path]) -> list[Path]:
    return sorted(folder for folder in folders if folder.exists())
