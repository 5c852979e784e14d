"""Asking for the recovery key without showing it."""

import sys
from getpass import getpass

from django.core.management.base import CommandError

from tips.actions.keys import Refused, use_recovery_key
from tips.sealing.keys import CannotOpen
from tips.sealing.paper import CHECKS, GROUPS, Mistyped, read_key
from tips.unlocking import Unlocked


def ask() -> Unlocked:
    """From the terminal, unseen, or from standard input; the lines of the paper in one or in several."""
    typed = getpass("Recovery key, unseen while you type: ") if sys.stdin.isatty() else sys.stdin.read()
    try:
        return use_recovery_key(read_key(typed))
    except Mistyped as error:
        raise CommandError(_explain(error)) from None
    except CannotOpen:
        raise CommandError("This is no recovery key.") from None
    except Refused as error:
        raise CommandError(str(error)) from None


def _explain(error: Mistyped) -> str:
    if error.groups:
        listed = ", ".join(map(str, error.groups))
        return f"Mistyped in group {listed} (of {GROUPS + CHECKS}, counted from the left, line by line)."
    if error.found != GROUPS + CHECKS:
        return (
            f"A recovery key has {GROUPS + CHECKS} groups of four characters; these are {error.found}, or one is short."
        )
    return (
        "Mistyped somewhere: each group could be right, but together they are not. Compare every group with the paper."
    )
