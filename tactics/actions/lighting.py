"""Lighting surveys: a walk around a place, lamp by lamp. The survey is due when its next lamp is."""

from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from tactics.actions.measures import audit, check_is_open, locked
from tactics.measure_transitions import CannotMove
from tactics.models import LightingItem, LightingSurvey, Measure


@transaction.atomic
def start_survey(
    *, by: User, measure: Measure, surveyed_at: datetime, with_owner: bool, with_renters: bool
) -> LightingSurvey:
    """Begin the walk; asked again, correct what was said of it."""
    measure = locked(measure)
    check_is_open(measure)
    values = {"surveyed_at": surveyed_at, "with_owner": with_owner, "with_renters": with_renters}
    survey, is_new = LightingSurvey.objects.update_or_create(measure=measure, defaults=values)
    audit(by, measure, "survey started" if is_new else "survey changed")
    return survey


@transaction.atomic
def save_item(*, by: User, survey: LightingSurvey, item: LightingItem, photo: ContentFile | None) -> None:
    """Add or change one light. `photo` is clean already (`tactics.photos`); None leaves what there is."""
    measure = locked(survey.measure)
    check_is_open(measure)
    is_new = item._state.adding
    item.survey = survey
    item.save()
    if photo:
        forget_photo(item)
        item.photo.save(str(photo.name), photo)
    follow_items(measure)
    audit(by, measure, "light added" if is_new else "light changed", light=str(item), where=item.where)


@transaction.atomic
def set_fixed(*, by: User, item: LightingItem, fixed_on: date | None) -> None:
    """A light was mended on a day; None takes that back."""
    measure = locked(item.survey.measure)
    check_is_open(measure)
    if item.state == LightingItem.State.WORKS:
        raise CannotMove(_("This light works. There is nothing to fix."))
    item.fixed_on = fixed_on
    item.save(update_fields=["fixed_on"])
    follow_items(measure)
    audit(by, measure, "light fixed" if fixed_on else "light not fixed after all", light=str(item), where=item.where)


@transaction.atomic
def remove_photo(*, by: User, item: LightingItem) -> None:
    forget_photo(item)
    item.photo = ""
    item.save(update_fields=["photo"])
    audit(by, item.survey.measure, "photo removed", light=str(item), where=item.where)


@transaction.atomic
def remove_item(*, by: User, item: LightingItem) -> None:
    """Taken down by mistake. The trail keeps what it said; the photo goes."""
    measure = locked(item.survey.measure)
    check_is_open(measure)
    forget_photo(item)
    audit(by, measure, "light removed", light=str(item), where=item.where)
    item.delete()
    follow_items(measure)


def follow_items(measure: Measure) -> None:
    """The measure is due, and with whom, like the earliest light that is not fixed."""
    waiting = LightingItem.objects.filter(survey=measure.pk, fixed_on=None).exclude(state=LightingItem.State.WORKS)
    if first := waiting.order_by("due_on", "added_at").first():
        measure.due_on, measure.party = first.due_on, first.party
        measure.save(update_fields=["due_on", "party"])


def forget_photo(item: LightingItem) -> None:
    if item.photo:
        storage, name = item.photo.storage, str(item.photo.name)
        transaction.on_commit(lambda: storage.delete(name))
