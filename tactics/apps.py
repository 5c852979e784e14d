from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TacticsConfig(AppConfig):
    name = "tactics"
    verbose_name = "Tactics"

    def ready(self) -> None:
        from accounts.navigation import Entry, register
        from tactics.permissions import IMPORT_VISITS

        register(
            Entry(_("Imported visits"), "visit_imports", IMPORT_VISITS, 65),
        )
