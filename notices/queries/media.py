"""Releases and what is up for review, as staff see them; what the public reads of them is in queries/public.py."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from notices.models import Publication, PublicProject, PublicStatus, Release
from notices.models.media import ReleaseQuerySet


def listed(status: str) -> ReleaseQuerySet:
    """For staff: `draft`, `public`, `withdrawn`, or all. Without the pictures, which no list needs."""
    found = Release.objects.defer("map_png").select_related("hot_spot", "created_by", "changed_by", "approved_by")
    found = found.prefetch_related("publications")
    return found.filter(status=status) if status in PublicStatus.values else found


def publications_of(release: Release) -> QuerySet[Publication]:
    return release.publications.select_related("recorded_by", "release")


@dataclass(frozen=True)
class UpForReview:
    """One line of the review list; `why`: what makes it due before its day."""

    public: PublicProject | Release
    is_project: bool
    is_due: bool
    why: str


def up_for_review() -> list[UpForReview]:
    """Everything that is public, what is due first: its day has come, or its hot spot has ended and it does not say so."""
    today = timezone.localdate()
    people = ("hot_spot", "approved_by", "reviewed_by")
    projects = PublicProject.objects.filter(status=PublicStatus.PUBLIC).select_related(*people)
    releases = Release.objects.public().defer("map_png").select_related(*people)
    shown: list[PublicProject | Release] = [*projects, *releases]
    found = [_line(each, today) for each in shown]
    return sorted(found, key=lambda line: (not line.is_due, line.public.review_on or today, str(line.public)))


def due_for_review() -> int:
    return sum(line.is_due for line in up_for_review())


def _line(public: PublicProject | Release, today: date) -> UpForReview:
    is_project = isinstance(public, PublicProject)
    hot_spot = public.hot_spot
    has_ended = bool(hot_spot and hot_spot.ended_on and hot_spot.ended_on <= today)
    says_so = not isinstance(public, PublicProject) or public.ends_on is not None
    why = _("The hot spot has ended, and this does not say so.") if has_ended and not says_so else ""
    is_due = bool(why) or (public.review_on is not None and public.review_on <= today)
    return UpForReview(public, is_project, is_due, why)
