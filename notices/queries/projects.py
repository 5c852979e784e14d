"""What the public may see of projects; and what stands in staff's lists of them.

`shown` and `one_shown` are the only ways from a public page to a project. They give neither rows nor numbers of hot
spots: what is not in `Shown` cannot be told.
"""

from dataclasses import dataclass
from datetime import date

from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone, translation

from hotspots.models import HotSpot
from notices.models import PublicProject, PublicStatus
from notices.models.media import PublicProjectQuerySet
from notices.wording import figures_in_words
from tactics.catalogue import CATALOGUE, Tactic


@dataclass(frozen=True)
class ShownTactic:
    name: str
    words: str


@dataclass(frozen=True)
class Shown:
    """A project as the public sees it, in one language. `area` is rough; None: there is no map."""

    number: int  # of this wording, for caches: another wording has another
    slug: str
    name: str
    summary: str
    tactics: tuple[ShownTactic, ...]
    starts_on: date
    ends_on: date | None
    is_past: bool
    area: MultiPolygon | None
    results: str  # paragraphs: what was written, then the figures with their caution
    changed_at: object  # when this wording was approved


def shown(*, language: str, on: date | None = None) -> list[Shown]:
    """Approved, not withdrawn, after the delay; those that go on first."""
    day = on or timezone.localdate()
    found = [_as_shown(project, language, day) for project in _visible(day)]
    return sorted(found, key=lambda project: project.is_past)


def one_shown(slug: str, *, language: str, on: date | None = None) -> Shown | None:
    day = on or timezone.localdate()
    project = _visible(day).filter(slug=slug).first()
    return _as_shown(project, language, day) if project else None


def _visible(day: date) -> PublicProjectQuerySet:
    """Never earlier than today has it: a page cannot ask for what comes later."""
    return PublicProject.objects.shown_on(min(day, timezone.localdate()))


def as_shown(project: PublicProject, language: str) -> Shown:
    """A draft as the public would see it, for those who write and approve it."""
    return _as_shown(project, language, timezone.localdate())


def _as_shown(project: PublicProject, language: str, day: date) -> Shown:
    with translation.override(language):
        known = [Tactic(value) for value in project.tactics if value in Tactic.values]
        tactics = tuple(ShownTactic(str(tactic.label), str(CATALOGUE[tactic].words)) for tactic in known)
    return Shown(
        number=project.pk or 0,
        slug=project.slug,
        name=getattr(project, f"name_{language}"),
        summary=getattr(project, f"summary_{language}"),
        tactics=tactics,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        is_past=project.ends_on is not None and project.ends_on < day,
        area=project.area,
        results=results_in_words(project, language),
        changed_at=project.approved_at,
    )


def results_in_words(project: PublicProject, language: str) -> str:
    written = getattr(project, f"results_{language}").strip()
    told = " ".join(figures_in_words(project.figures, language))
    return "\n\n".join(part for part in (written, told) if part)


def listed(status: str) -> PublicProjectQuerySet:
    """For staff: `draft`, `public`, `withdrawn`, or all."""
    found = PublicProject.objects.select_related("hot_spot", "created_by", "changed_by", "approved_by")
    return found.filter(status=status) if status in PublicStatus.values else found


def of_hot_spot(hot_spot: HotSpot) -> tuple[PublicProject | None, PublicProject | None]:
    """What is public of it, and the draft that waits."""
    rows = {row.status: row for row in hot_spot.public_projects.exclude(status=PublicStatus.WITHDRAWN)}
    return rows.get(PublicStatus.PUBLIC), rows.get(PublicStatus.DRAFT)
