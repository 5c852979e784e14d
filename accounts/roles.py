"""The role table: which role may do what.

Each app declares its capabilities in its `permissions.py`; together they are the table that
`docs/roles.md` prints and the role x URL test walks.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OFFICER = "officer", _("Officer")
    COMMANDER = "commander", _("Commander")
    CLERK = "clerk", _("Records clerk")
    DETECTIVE = "detective", _("Detective")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


TABLE: dict[str, frozenset[Role]] = {}


def capability(name: str, *roles: Role) -> str:
    """Declare once, at import, that these roles may do `name` ("app.verb_object")."""
    if name in TABLE:
        raise ValueError(f"The capability {name} is declared twice.")
    TABLE[name] = frozenset(roles)
    return name


EVERYBODY = tuple(Role)
