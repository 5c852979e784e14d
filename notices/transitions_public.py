"""Which step a release or a public project may take, who may take it, and why not.

draft → public (by a second person) → withdrawn, which is the end: what was withdrawn comes back as a new draft.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.agency import agency_zone
from hotspots.models import HotSpot
from notices.models import PublicProject, PublicStatus, Release
from notices.permissions import APPROVE_PUBLIC, WRITE_PUBLIC
from notices.queries.areas import boundary_of

Public = PublicProject | Release
Need = Callable[[Any, Public], None]


class CannotMove(Exception):
    """The step is not allowed; the text says why, for the page."""


def first_day(hot_spot: HotSpot, day: date | None = None) -> date:
    """From when on the public may see where a hot spot is, or was on a day: ground that was added is new ground."""
    drawn = boundary_of(hot_spot, day).valid.lower
    return max(hot_spot.starts_on, drawn) + _delay()


def somebody_else_wrote_it(user: Any, public: Public) -> None:
    if user.pk in {public.created_by_id, public.changed_by_id, *public.editors}:
        raise CannotMove(_("You wrote or changed this. Somebody else must approve it."))


def delay_is_kept(user: Any, public: Public) -> None:
    """A project waits for its day by itself; a release with a map is given away at once."""
    if isinstance(public, PublicProject):
        if public.shown_from < max(public.starts_on + _delay(), first_day(public.hot_spot, _drawn_on(public))):
            raise CannotMove(_("It would be shown before the delay is over. Change “shown from” first."))
    elif public.map_png and public.hot_spot:
        day = first_day(public.hot_spot, _drawn_on(public))
        if timezone.localdate() < day:
            words = _("Its map may be given away from %(day)s on.")
            raise CannotMove(words % {"day": date_format(day, "F j, Y")})


def check_may_be_on_the_site(release: Release) -> None:
    """Its words tell where a hot spot is, with a map or without."""
    if release.hot_spot and timezone.localdate() < (day := first_day(release.hot_spot)):
        words = _("It may be on the public pages from %(day)s on.")
        raise CannotMove(words % {"day": date_format(day, "F j, Y")})


def _drawn_on(public: Public) -> date:
    """The area is taken from the boundary whenever the draft is saved."""
    return timezone.localdate(public.changed_at or public.created_at, timezone=agency_zone())


def slug_is_free(user: Any, public: Public) -> None:
    """Of other hot spots: what this one showed before gives way."""
    if not isinstance(public, PublicProject):
        return
    taken = PublicProject.objects.filter(status=PublicStatus.PUBLIC, slug=public.slug)
    if taken.exclude(hot_spot=public.hot_spot_id).exists():
        raise CannotMove(_("Another public project has this address. Change it first."))


def _delay() -> timedelta:
    return timedelta(days=settings.PUBLIC_DELAY_DAYS)


@dataclass(frozen=True)
class Transition:
    """Without a target the row stays as it is, or goes."""

    name: str
    label: str | Promise
    source: PublicStatus
    target: PublicStatus | None
    capability: str
    needs: tuple[Need, ...] = field(default=())


TRANSITIONS = (
    Transition(
        "approve",
        gettext_lazy("Approve and make public"),
        PublicStatus.DRAFT,
        PublicStatus.PUBLIC,
        APPROVE_PUBLIC,
        needs=(somebody_else_wrote_it, delay_is_kept, slug_is_free),
    ),
    Transition("edit", gettext_lazy("Change the draft"), PublicStatus.DRAFT, None, WRITE_PUBLIC),
    Transition("discard", gettext_lazy("Discard the draft"), PublicStatus.DRAFT, None, WRITE_PUBLIC),
    Transition("keep", gettext_lazy("Keep it public"), PublicStatus.PUBLIC, None, WRITE_PUBLIC),
    Transition("rewrite", gettext_lazy("Change it"), PublicStatus.PUBLIC, None, WRITE_PUBLIC),
    Transition("rewrite", gettext_lazy("Make a new draft of it"), PublicStatus.WITHDRAWN, None, WRITE_PUBLIC),
    Transition("withdraw", gettext_lazy("Withdraw"), PublicStatus.PUBLIC, PublicStatus.WITHDRAWN, WRITE_PUBLIC),
    Transition("publish", gettext_lazy("Record where it was published"), PublicStatus.PUBLIC, None, WRITE_PUBLIC),
)


def check_can_move(user: Any, public: Public, name: str) -> Transition:
    """The transition of that name from where it stands, or CannotMove with the reason why not."""
    found = next((each for each in TRANSITIONS if each.name == name and each.source == public.status), None)
    if found is None:
        raise CannotMove(_("That cannot be done now. It is: %(status)s.") % {"status": public.get_status_display()})
    if not user.allows(found.capability):
        raise CannotMove(_("A commander must approve it; you may not."))
    for need in found.needs:
        need(user, public)
    return found


def can_move(user: Any, public: Public, name: str) -> bool:
    return not why_not(user, public, name)


def why_not(user: Any, public: Public, name: str) -> str:
    """Empty where the step may be taken."""
    try:
        check_can_move(user, public, name)
    except CannotMove as error:
        return str(error)
    return ""
