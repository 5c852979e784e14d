"""The letters that the product ships: `letters/<slug>.<language>.md`, a subject in the first line, then the text."""

from pathlib import Path
from typing import Any

LETTERS = Path(__file__).resolve().parent / "letters"
# slug: name and purpose, as in the model
SHIPPED = {
    "neighborhood-announcement": ("Announcement to a neighborhood", "announcement"),
    "project-results": ("End of a project, with results", "results"),
    "meeting-invitation": ("Invitation to a meeting", "invitation"),
    "owner-letter": ("Letter to an owner", "owner"),
    "leave-behind": ("Left at the door after a knock-and-talk", "leave_behind"),
    "trespass-authorization": ("Trespass authorization", "trespass"),
}


def load_letters(templates: Any, versions: Any) -> None:
    """Make version 1 of each unless it is there. Takes managers: a migration has its own, of its own database."""
    for slug, (name, purpose) in SHIPPED.items():
        template, is_new = templates.get_or_create(slug=slug, defaults={"name": name, "purpose": purpose})
        if is_new:
            words: dict[str, str] = {}
            for language in ("en", "es"):
                words[f"subject_{language}"], words[f"body_{language}"] = read_letter(slug, language)
            versions.create(template=template, number=1, **words)


def read_letter(slug: str, language: str) -> tuple[str, str]:
    subject, _, body = (LETTERS / f"{slug}.{language}.md").read_text(encoding="utf-8").partition("\n")
    return subject.removeprefix("# ").strip(), body.strip()
