from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TacticsConfig(AppConfig):
    name = "tactics"
    verbose_name = "Tactics"

    def ready(self) -> None:
        from accounts.navigation import Entry, register
        from hotspots.demo import registry
        from tactics.actions import demo
        from tactics.permissions import IMPORT_VISITS

        register(
            Entry(_("Imported visits"), "visit_imports", IMPORT_VISITS, 65),
        )
        registry.register("tactics", make=demo.make_demo, remove=demo.remove_demo)
