from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotspotsConfig(AppConfig):
    name = "hotspots"
    verbose_name = "Hot spots"

    def ready(self) -> None:
        from accounts.navigation import Entry, register
        from hotspots.permissions import IMPORT_DATA, PLACE_LOCATIONS, RECOMPUTE, SEE_MAP

        register(
            Entry(_("Map"), "map", SEE_MAP, 10),
            Entry(_("Hot spots"), "hot_spots", SEE_MAP, 20),
            Entry(_("Runs"), "runs", RECOMPUTE, 40, _("Data")),
            Entry(_("Unlocated"), "unlocated", PLACE_LOCATIONS, 50, _("Data")),
            Entry(_("Imports of incidents"), "imports", IMPORT_DATA, 60, _("Data")),
        )
