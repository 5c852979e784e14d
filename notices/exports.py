"""A batch as tables: the mailing list for a mail house, and the manifest that proves what went out."""

from collections.abc import Iterable, Iterator, Sequence

from notices.models import Batch, Letter

MOST_LINES = 4


def mailing_list(letters: Iterable[Letter]) -> Iterator[Sequence[object]]:
    """Those that go by mail, in print order: the address block line by line, the last line last."""
    yield ("code", *(f"line_{number}" for number in range(1, MOST_LINES)), "last_line", "language", "about")
    for letter in letters:
        if letter.delivery == Letter.Delivery.MAIL:
            *above, last = letter.lines
            padded = [*above, *[""] * (MOST_LINES - 1 - len(above))]
            yield (letter.code, *padded, last, letter.language, letter.about)


def manifest(batch: Batch, letters: Iterable[Letter]) -> Iterator[Sequence[object]]:
    """Every letter with its digest, and who made, submitted and approved the batch, in each row: rows get separated."""
    yield (
        "code", "address", "about", "language", "delivery", "email", "emailed_at", "returned_on", "returned_why", "digest",
        "batch", "template", "template_version", "created_by", "created_at", "submitted_by", "submitted_at",
        "approved_by", "approved_at", "mailed_at", "pdf_sha256",
    )  # fmt: skip
    people = (
        batch.name,
        batch.version.template.name,
        batch.version.number,
        batch.created_by.username,
        _instant(batch.created_at),
        batch.submitted_by.username if batch.submitted_by else "",
        _instant(batch.submitted_at),
        batch.approved_by.username if batch.approved_by else "",
        _instant(batch.approved_at),
        batch.mailed_at.date().isoformat() if batch.mailed_at else "",
        batch.pdf_digest,
    )
    for letter in letters:
        yield (
            letter.code,
            ", ".join(letter.lines),
            letter.about,
            letter.language,
            letter.delivery,
            letter.email,
            _instant(letter.emailed_at),
            letter.returned_on.isoformat() if letter.returned_on else "",
            letter.returned_why,
            letter.digest,
            *people,
        )


def _instant(at: object) -> str:
    return at.isoformat(timespec="seconds") if at else ""  # type: ignore[attr-defined]
