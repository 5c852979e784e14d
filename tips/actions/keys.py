"""Keys of reviewers: made, let in, replaced and retired. Passphrases and private keys stand in no row and no trail.

A tip that is on its way in was sealed to the keys of some seconds ago. So a new key is made active first and gets its copies
then; and what is sealed to a key that was replaced in that moment is fetched with the old key, which the new one opens.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions import record
from accounts.models import AuditEntry, User
from tips.models import KeyCopy, ReaderKey
from tips.permissions import REVIEW_TIPS
from tips.queries import keys as queries
from tips.sealing import keys
from tips.sealing.tips import about_case_key
from tips.unlocking import Unlocked, about

Status, Kind = ReaderKey.Status, ReaderKey.Kind
AT_ONCE = 1_000  # copies in one statement
WRONG, LOCKED = "wrong passphrase", "unlocking is locked for a while"


class Refused(Exception):
    """It cannot be done; the text says why, for the page."""


class Why(models.TextChoices):
    """Why a key is retired: a fact for the audit trail."""

    LEFT = "no longer reviews tips", gettext_lazy("No longer reviews tips")
    LOST = "passphrase lost", gettext_lazy("The passphrase is lost")
    KNOWN = "passphrase may be known", gettext_lazy("Somebody else may know the passphrase")
    MISTAKE = "made by mistake", gettext_lazy("Made by mistake, or its digits did not match")


@dataclass(frozen=True)
class Copied:
    """How many copies were made, and how many tips could not be opened although there is a copy: damaged."""

    number: int
    damaged: int


def make_key(*, by: User, passphrase: str) -> Unlocked:
    """A key of one's own. It waits to be let in, unless there is neither a reviewer nor a tip yet."""
    key = keys.new_key()
    reader = ReaderKey(user=by, public=keys.public_bytes(key))
    reader.locked = keys.lock(key, passphrase, about=about(reader))
    with transaction.atomic():
        queries.take_turns()
        if queries.key_of(by):
            raise Refused(_("You have a key already."))
        if queries.nobody_reads_yet():
            _activate(reader, by)
        reader.save()
        _audit(by, reader, "made, the first: active at once" if reader.let_in_at else "made: waits to be let in")
    return Unlocked(reader, key)


@transaction.atomic
def let_in(*, by: User, reader: ReaderKey) -> ReaderKey:
    """From now on tips are sealed to this key too. For those that are there, `catch_up`."""
    queries.take_turns()
    reader = _current(reader)
    if reader.status != Status.WAITING or reader.user is None:
        raise Refused(_("This key does not wait to be let in. Somebody may have changed it just now."))
    if reader.user == by:
        raise Refused(_("Another reviewer has to let you in."))
    _check_reviews(reader)
    _activate(reader, by)
    reader.save(update_fields=["status", "let_in_by", "let_in_at"])
    _audit(by, reader, "let in")
    return reader


@transaction.atomic
def catch_up(*, by: User | None, unlocked: Unlocked, reader: ReaderKey) -> Copied:
    """Copies for all tips that `unlocked` opens and `reader` does not."""
    queries.take_turns()
    reader = _current(reader)
    if reader.status != Status.ACTIVE:
        raise Refused(_("This key is not active, so nothing can be copied for it."))
    if reader.user:
        _check_reviews(reader)
    copied = _copy(unlocked, reader)
    if copied.number:
        _audit(by, reader, "can open earlier tips too", tips=copied.number)
    return copied


@transaction.atomic
def recover(*, unlocked: Unlocked, person: User) -> Copied:
    """With the recovery key: let a person's waiting key in, and let it open all tips."""
    queries.take_turns()
    reader = queries.key_of(person)
    if reader is None:
        raise Refused(_("%(person)s has no key. It is set up on the page “Tip keys” first.") % {"person": person})
    _check_reviews(reader)
    if reader.status == Status.WAITING:
        _activate(reader, person)
        reader.save(update_fields=["status", "let_in_by", "let_in_at"])
        _audit(None, reader, "let in with the recovery key")
    copied = _copy(unlocked, reader)
    _audit(None, reader, "can open earlier tips too, by the recovery key", tips=copied.number)
    return copied


def rotate(*, by: User, unlocked: Unlocked, passphrase: str) -> Unlocked:
    """A new key in place of the own one: it opens what that opened. The old one opens nothing any more."""
    key = keys.new_key()
    reader = ReaderKey(user=by, public=keys.public_bytes(key))
    reader.locked = keys.lock(key, passphrase, about=about(reader))
    with transaction.atomic():
        queries.take_turns()
        old = _current(unlocked.reader)
        if old.status != Status.ACTIVE or old.user != by:
            raise Refused(_("Your key was changed just now."))
        if ReaderKey.objects.filter(user=by, status=Status.WAITING).exists():
            raise Refused(_("Another key of yours waits to be let in."))
        reader.save()  # waiting for a moment, for one person has one active key
        copied = _copy(unlocked, reader)
        # The new key opens the old one, for tips that were sealed to that a moment ago and are not stored yet.
        old.locked = keys.seal(bytes(reader.public), keys.private_bytes(unlocked.key), about=_about_former(old))
        _set_retired(old, by)
        _activate(reader, by)
        reader.save(update_fields=["status", "let_in_by", "let_in_at"])
        copies = KeyCopy.objects.filter(tip=OuterRef("tip"), reader=reader)
        KeyCopy.objects.filter(Exists(copies), reader=old).delete()
        _audit(by, old, "replaced", by_fingerprint=reader.fingerprint)
        _audit(by, reader, "made in place of another", tips=copied.number)
    fresh = Unlocked(reader, key)
    gather(fresh)
    return fresh


@transaction.atomic
def gather(unlocked: Unlocked) -> int:
    """Tips that came in while this key replaced another are sealed to that one: copy them, and drop those copies."""
    former = ReaderKey.objects.filter(user=unlocked.reader.user, status=Status.RETIRED)
    late = queries.strays(former)
    if not late.exists():
        return 0
    queries.take_turns()
    number = 0
    for old in former:
        try:
            raw = keys.open_sealed(unlocked.key, bytes(old.locked), about=_about_former(old))
        except keys.CannotOpen:
            continue  # retired with a lost passphrase, not replaced
        number += _copy(Unlocked(old, keys.private_key(raw)), unlocked.reader).number
    queries.needless(late).delete()
    return number


def open_own(*, by: User, passphrase: str) -> Unlocked:
    """Open one's own key. Wrong passphrases count, and after some nothing is tried for a while."""
    minutes = settings.LOCK_WINDOW_MINUTES
    with transaction.atomic():
        # One attempt of a person at a time. No key share is in its way: tips are stored meanwhile.
        reader = ReaderKey.objects.active().select_for_update(no_key=True).filter(user=by).first()
        if reader is None:
            raise Refused(_("You have no active key."))
        tried = wrong_attempts(by, timezone.now())
        key = None
        if tried < settings.LOCK_AFTER_FAILURES:
            try:
                key = keys.unlock(reader.locked, passphrase, about=about(reader))
            except keys.CannotOpen:
                tried += 1
                _audit(by, reader, WRONG)
                if tried >= settings.LOCK_AFTER_FAILURES:
                    _audit(by, reader, LOCKED, minutes=minutes)
    if key is not None:
        return Unlocked(reader, key)
    if tried >= settings.LOCK_AFTER_FAILURES:
        words = _("The passphrase was wrong %(times)d times. Nothing is tried any more for %(minutes)d minutes.")
        raise Refused(words % {"times": tried, "minutes": minutes})
    raise Refused(_("This is not the passphrase."))


def wrong_attempts(user: User, now: datetime) -> int:
    """Within the window. Once they are too many, no more are counted, so it ends by itself a window after the last."""
    since = now - timedelta(minutes=settings.LOCK_WINDOW_MINUTES)
    tried = AuditEntry.objects.filter(actor=user, action=AuditEntry.Action.TIP_KEY_CHANGED, at__gt=since)
    if tried.filter(details__change=LOCKED).exists():
        return settings.LOCK_AFTER_FAILURES
    return tried.filter(details__change=WRONG).count()


def change_passphrase(*, by: User, old: str, new: str) -> Unlocked:
    """The same key under another passphrase."""
    unlocked = open_own(by=by, passphrase=old)
    locked = keys.lock(unlocked.key, new, about=about(unlocked.reader))
    with transaction.atomic():
        if not ReaderKey.objects.active().filter(pk=unlocked.reader.pk).update(locked=locked):
            raise Refused(_("Your key was changed just now."))
        _audit(by, unlocked.reader, "passphrase changed")
    return unlocked


@transaction.atomic
def retire(*, by: User | None, reader: ReaderKey, why: str, give_up: bool = False) -> ReaderKey:
    """The key opens nothing any more. Never where tips would be lost with it, unless they are given up knowingly."""
    queries.take_turns()
    reader = _current(reader)
    alone = queries.opened_alone(reader)
    if not give_up:
        check_can_retire(reader, why)
    _set_retired(reader, by)
    KeyCopy.objects.filter(reader=reader).delete()
    queries.needless(queries.strays(queries.of_nobody())).delete()
    _audit(by, reader, "retired", why=str(why), **({"tips_given_up": alone} if alone else {}))
    return reader


def check_can_retire(reader: ReaderKey, why: str = "") -> None:
    if reader.status == Status.RETIRED:
        raise Refused(_("This key is retired already."))
    if reader.status == Status.WAITING:
        return
    if alone := queries.opened_alone(reader):
        words = ngettext(
            "%(number)d tip could be opened by nobody any more, for no other reviewer and no recovery key can.",
            "%(number)d tips could be opened by nobody any more, for no other reviewer and no recovery key can.",
            alone,
        )
        raise Refused(words % {"number": alone})
    others = queries.usable().exclude(pk=reader.pk)
    is_in_use = queries.usable().filter(pk=reader.pk).exists()
    if is_in_use and why != Why.LOST and not others.exists():
        raise Refused(_("It is the only key there is. Without any, the tip form takes no tips."))


def can_retire(reader: ReaderKey, why: str = "") -> bool:
    try:
        check_can_retire(reader, why)
    except Refused:
        return False
    return True


# --- the recovery key -------------------------------------------------------------------------------------------------


@transaction.atomic
def make_recovery_key(*, replace: bool = False) -> Unlocked:
    """Its private part is returned, to be printed, and is kept nowhere."""
    queries.take_turns()
    old = ReaderKey.objects.active().filter(kind=Kind.RECOVERY).first()
    if old and not replace:
        raise Refused(_("There is a recovery key: %(digits)s.") % {"digits": old.fingerprint})
    if old:
        if alone := queries.opened_alone(old):
            words = ngettext(
                "%(number)d tip can be opened by the recovery key alone. Let in a reviewer with it first: recover_tips.",
                "%(number)d tips can be opened by the recovery key alone. Let in a reviewer with it first: recover_tips.",
                alone,
            )
            raise Refused(words % {"number": alone})
        _set_retired(old, None)
        KeyCopy.objects.filter(reader=old).delete()
        _audit(None, old, "retired", why="replaced")
    key = keys.new_key()
    reader = ReaderKey.objects.create(kind=Kind.RECOVERY, public=keys.public_bytes(key), status=Status.ACTIVE)
    _audit(None, reader, "recovery key made")
    return Unlocked(reader, key)


def use_recovery_key(private: bytes) -> Unlocked:
    key = keys.private_key(private)
    reader = ReaderKey.objects.active().filter(kind=Kind.RECOVERY).first()
    if reader is None:
        raise Refused(_("There is no recovery key."))
    if keys.public_bytes(key) != bytes(reader.public):
        words = _("This is a recovery key, but not the one in use, whose digits are %(digits)s.")
        raise Refused(words % {"digits": reader.fingerprint})
    return Unlocked(reader, key)


@transaction.atomic
def note_drill(*, reader: ReaderKey, tips: int) -> None:
    ReaderKey.objects.filter(pk=reader.pk).update(drilled_at=timezone.now())
    _audit(None, reader, "recovery drill passed", tips=tips)


# ----------------------------------------------------------------------------------------------------------------------


def _current(reader: ReaderKey) -> ReaderKey:
    return ReaderKey.objects.select_related("user").get(pk=reader.pk)


def _check_reviews(reader: ReaderKey) -> None:
    if reader.user is None or not reader.user.allows(REVIEW_TIPS):
        raise Refused(_("%(person)s is no detective, or is switched off.") % {"person": reader})


def _activate(reader: ReaderKey, by: User) -> None:
    reader.status, reader.let_in_by, reader.let_in_at = Status.ACTIVE, by, timezone.now()


def _set_retired(reader: ReaderKey, by: User | None) -> None:
    reader.status, reader.retired_by, reader.retired_at = Status.RETIRED, by, timezone.now()
    reader.save(update_fields=["status", "retired_by", "retired_at", "locked"])


def _copy(unlocked: Unlocked, reader: ReaderKey) -> Copied:
    public, made, number, damaged = bytes(reader.public), [], 0, 0
    for tip, sealed in queries.missing(reader, unlocked.reader).values_list("tip_id", "sealed"):
        purpose = about_case_key(tip)
        try:
            case_key = keys.open_sealed(unlocked.key, sealed, about=purpose)
        except keys.CannotOpen:
            damaged += 1
            continue
        made.append((tip, keys.seal(public, case_key, about=purpose)))
    for start in range(0, len(made), AT_ONCE):
        number += queries.give(reader, made[start : start + AT_ONCE])
    return Copied(number, damaged)


def _about_former(reader: ReaderKey) -> str:
    return f"tips: former key {reader.pk}"


def _audit(by: User | None, reader: ReaderKey, change: str, **details: Any) -> None:
    """Whose key, and which: its fingerprint is what people compare."""
    subject = reader.user.username if reader.user else "recovery key"
    action = AuditEntry.Action.TIP_KEY_CHANGED
    record(by=by, action=action, subject=subject, change=change, fingerprint=reader.fingerprint, **details)
