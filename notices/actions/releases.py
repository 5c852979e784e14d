"""Press releases with their posts and map, and where they were published."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from hotspots.models import HotSpot
from notices.actions.review import locked, note
from notices.models import Publication, PublicStatus, Release
from notices.transitions_public import CannotMove, check_can_move, check_may_be_on_the_site
from notices.wording import Facts

WORDS = ("title", "body", "post", "alt")
COPIED = ("hot_spot", "map_png", "facts", *(f"{word}_{language}" for word in WORDS for language in ("en", "es")))


@transaction.atomic
def create(
    *, by: User, hot_spot: HotSpot | None, with_map: bool = False, facts: Facts | None = None, **values: Any
) -> Release:
    """A draft, which waits for a second person. `facts`: what its words were made from, kept as proof."""
    release = Release(hot_spot=hot_spot, created_by=by, facts=facts.as_json() if facts else {}, **values)
    release.map_png = _picture(release) if with_map else None
    release.save()
    note(by, release, "drafted")
    return release


@transaction.atomic
def change(*, by: User, release: Release, with_map: bool = False, **values: Any) -> Release:
    release = locked(release)
    check_can_move(by, release, "edit")
    changed = [name for name, value in values.items() if getattr(release, name) != value]
    for name, value in values.items():
        setattr(release, name, value)
    release.map_png = _picture(release) if with_map else None
    release.edited(by)
    release.save()
    note(by, release, "draft changed", fields=changed)
    return release


@transaction.atomic
def rewrite(*, by: User, release: Release) -> Release:
    """A new draft with the words of what is public, or was; when it is approved, the old one gives way."""
    release = locked(release)
    check_can_move(by, release, "rewrite")
    if Release.objects.filter(replaces=release).exists():
        raise CannotMove(_("There is a newer wording of it already. Change that one."))
    draft = Release(created_by=by, replaces=release, **{name: getattr(release, name) for name in COPIED})
    draft.save()
    note(by, draft, "drafted", replaces=release.pk)
    return draft


@transaction.atomic
def publish(*, by: User, release: Release, **values: Any) -> Publication:
    """Record what was published where; on the public pages here, this is what puts it there."""
    release = locked(release)
    check_can_move(by, release, "publish")
    channel, language = values["channel"], values["language"]
    if channel == Publication.Channel.SITE:
        check_may_be_on_the_site(release)
    on_site = release.publications.filter(channel=Publication.Channel.SITE, language=language)
    if channel == Publication.Channel.SITE and on_site.exists():
        raise CannotMove(_("It is on the public pages in this language already."))
    publication = Publication.objects.create(release=release, recorded_by=by, **values)
    note(by, release, "published", where=str(publication), language=language, on=str(publication.published_on))
    return publication


@transaction.atomic
def remove_publication(*, by: User, publication: Publication) -> None:
    """Take back a wrong entry. Only on the day it was recorded: later it is proof."""
    release = locked(publication.release)
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    check_can_remove(publication)
    note(by, release, "publication removed", where=str(publication), on=str(publication.published_on))
    publication.delete()


def check_can_remove(publication: Publication) -> None:
    if timezone.localdate(publication.recorded_at) != timezone.localdate():
        raise CannotMove(_("It was recorded on another day, so it stays as proof. Withdraw the release instead."))


def can_remove(publication: Publication) -> bool:
    try:
        check_can_remove(publication)
    except CannotMove:
        return False
    return publication.release.status == PublicStatus.PUBLIC


def _picture(release: Release) -> bytes:
    from notices.pictures import release_map  # draws with matplotlib

    picture = release_map(release.hot_spot) if release.hot_spot else None
    if picture is None:
        raise CannotMove(_("There is no map that would hide who lives there. Leave the map out."))
    return picture
