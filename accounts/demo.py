"""Sign-ins of the demo town, one for each role."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from accounts.actions import one_time_password
from accounts.models import User
from accounts.roles import Role

NAMES = {
    Role.OFFICER: ("Olive", "Officer"),
    Role.COMMANDER: ("Cody", "Commander"),
    Role.CLERK: ("Clara", "Clerk"),
    Role.DETECTIVE: ("Dana", "Detective"),
    Role.ADMINISTRATOR: ("Alex", "Administrator"),
    Role.AUDITOR: ("Avery", "Auditor"),
}


@transaction.atomic
def make_demo_people() -> list[tuple[str, str, Role]]:
    """Make or renew them, all with one new password; username, password and role of each, to be printed."""
    if not settings.DEMO:
        raise ImproperlyConfigured("Demo sign-ins are made only where DEMO is on.")
    password = one_time_password()
    for role, (first, last) in NAMES.items():
        person, _ = User.objects.get_or_create(username=role.value)
        person.first_name, person.last_name, person.roles = first, last, [role.value]
        person.is_active, person.locked_at = True, None
        person.set_password(password)
        person.save()
    return [(role.value, password, role) for role in NAMES]
