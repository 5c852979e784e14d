"""The walk-through of a place, point by point on a phone: each is kept the moment that it is tapped."""

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from notices.actions.meetings import audit, to_record
from notices.models import Checkpoint, Meeting


@transaction.atomic
def save_checkpoint(
    *, by: User, meeting: Meeting, item: str, finding: str, note: str, photo: ContentFile | None
) -> Checkpoint:
    """`photo` is clean already (`tactics.photos`); None leaves what there is."""
    meeting = to_record(meeting)
    values = {"finding": finding, "note": note}
    checkpoint, _is_new = Checkpoint.objects.update_or_create(meeting=meeting, item=item, defaults=values)
    if photo:
        forget_photo(checkpoint)
        checkpoint.photo.save(str(photo.name), photo)
    audit(by, meeting, "walk-through", item=item, finding=finding)
    return checkpoint


@transaction.atomic
def remove_photo(*, by: User, checkpoint: Checkpoint) -> None:
    meeting = to_record(checkpoint.meeting)
    forget_photo(checkpoint)
    checkpoint.photo = ""
    checkpoint.save(update_fields=["photo"])
    audit(by, meeting, "photo removed", item=checkpoint.item)


def forget_photo(checkpoint: Checkpoint) -> None:
    if checkpoint.photo:
        storage, name = checkpoint.photo.storage, str(checkpoint.photo.name)
        transaction.on_commit(lambda: storage.delete(name))
