"""Telling the public of a hot spot: drafts of public projects. What is common to all that is public: actions/review.py."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from hotspots.models import HotSpot
from notices.actions.review import locked, note
from notices.models import PublicProject, PublicStatus
from notices.privacy import rough_area
from notices.queries.areas import boundary_of
from notices.queries.results import figures
from notices.transitions_public import CannotMove, check_can_move, first_day
from notices.wording import about_project

COPIED = (
    "name_en",
    "name_es",
    "summary_en",
    "summary_es",
    "tactics",
    "starts_on",
    "ends_on",
    "shown_from",
    "slug",
    "results_en",
    "results_es",
)


def prefilled(hot_spot: HotSpot) -> dict[str, Any]:
    """What a first draft says: from the hot spot and its plan, to be edited by hand. The name in Spanish is for a person
    to write: the hot spot has one in English only."""
    plan = hot_spot.plans.order_by("-starts_on", "-pk").first()
    tactics = list(plan.tactics.values_list("tactic", flat=True)) if plan else []
    starts_on = hot_spot.starts_on
    ends_on = hot_spot.ended_on
    return {
        "name_en": hot_spot.name,
        "summary_en": about_project("en"),
        "summary_es": about_project("es"),
        "tactics": tactics,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "shown_from": max(first_day(hot_spot), timezone.localdate()),
        "slug": slugify(hot_spot.name)[:80],
    }


@transaction.atomic
def create(*, by: User, hot_spot: HotSpot, with_figures: bool = False, **values: Any) -> PublicProject:
    """A draft, which waits for a second person. Its area is made rough here, so that nothing else is ever stored."""
    HotSpot.objects.select_for_update().get(pk=hot_spot.pk)
    if PublicProject.objects.filter(hot_spot=hot_spot, status=PublicStatus.DRAFT).exists():
        raise CannotMove(_("There is a draft for this hot spot already. Change or discard that one."))
    current = PublicProject.objects.filter(hot_spot=hot_spot, status=PublicStatus.PUBLIC).first()
    project = PublicProject(hot_spot=hot_spot, created_by=by, replaces=current, **values)
    _derive(project, with_figures)
    project.save()
    note(by, project, "drafted")
    return project


@transaction.atomic
def change(*, by: User, project: PublicProject, with_figures: bool = False, **values: Any) -> PublicProject:
    project = locked(project)
    check_can_move(by, project, "edit")
    changed = [name for name, value in values.items() if getattr(project, name) != value]
    for name, value in values.items():
        setattr(project, name, value)
    _derive(project, with_figures)
    project.edited(by)
    project.save()
    note(by, project, "draft changed", fields=changed)
    return project


@transaction.atomic
def rewrite(*, by: User, project: PublicProject) -> PublicProject:
    """A new draft with the words of what is public, or was: the way to change it, and to undo a withdrawal."""
    project = locked(project)
    check_can_move(by, project, "rewrite")
    values = {name: getattr(project, name) for name in COPIED}
    values["shown_from"] = max(project.shown_from, first_day(project.hot_spot))
    return create(by=by, hot_spot=project.hot_spot, with_figures=bool(project.figures), **values)


def _derive(project: PublicProject, with_figures: bool) -> None:
    """Area and figures come from the data, never from a form."""
    rough = rough_area(boundary_of(project.hot_spot).geometry)
    project.area, project.area_addresses = rough.area, rough.addresses
    found = figures(project.hot_spot) if with_figures else None
    project.figures = found or {}
