from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401
        from accounts.append_only import revoke_changes
        from accounts.navigation import Entry, register
        from accounts.permissions import CHANGE_AGENCY, MANAGE_PEOPLE, READ_AUDIT
        from accounts.weeks import number_waiting

        post_migrate.connect(revoke_changes, sender=self)

        group = _("Administration")
        register(
            Entry(_("People"), "people", MANAGE_PEOPLE, 80, group),
            Entry(_("Agency"), "agency", CHANGE_AGENCY, 85, group),
            Entry(_("Audit trail"), "audit", READ_AUDIT, 90, group, count=number_waiting),
        )
