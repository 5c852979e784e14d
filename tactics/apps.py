from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TacticsConfig(AppConfig):
    name = "tactics"
    verbose_name = "Tactics"

    def ready(self) -> None:
        from accounts.navigation import Entry, register
        from hotspots import panels
        from hotspots.demo import registry
        from tactics.permissions import (
            IMPORT_VISITS,
            LOG,
            MANAGE_SHIFTS,
            REVIEW_ACTIVITY,
            SEE_BOARD,
            SEE_BRIEFINGS,
            SEE_DOSAGE,
            SEE_MEASURES,
            SEE_OWN_ACTIVITY,
            SEE_PLANS,
        )

        register(
            Entry(_("Log"), "log", LOG, 5),
            Entry(_("Live board"), "board", SEE_BOARD, 25, _("Patrol")),
            Entry(_("Rosters"), "rosters", SEE_PLANS, 26, _("Patrol")),
            Entry(_("Briefings"), "briefings", SEE_BRIEFINGS, 27, _("Patrol")),
            Entry(_("Saturation patrols"), "operations", LOG, 28, _("Patrol")),
            Entry(_("All activity"), "activities", REVIEW_ACTIVITY, 29, _("Patrol")),
            Entry(_("My activity"), "activities_mine", SEE_OWN_ACTIVITY, 30, _("Patrol")),
            Entry(_("All plans"), "plans", SEE_PLANS, 31, _("Plans")),
            Entry(_("Plan beside delivered"), "dosage", SEE_DOSAGE, 32, _("Plans")),
            Entry(_("Stops and contacts"), "evenness", SEE_DOSAGE, 33, _("Plans")),
            Entry(_("Place measures"), "measures", SEE_MEASURES, 34, _("Plans")),
            Entry(_("Shifts, units, dogs"), "shifts", MANAGE_SHIFTS, 39, _("Plans")),
            Entry(_("Imports of visits"), "visit_imports", IMPORT_VISITS, 65, _("Data")),
        )
        registry.register("tactics", make=_make_demo, remove=_remove_demo)
        panels.register(
            panels.Panel(_("Plan"), SEE_PLANS, "plan_panel", 15),
            panels.Panel(_("Plan beside delivered"), SEE_DOSAGE, "dosage_panel", 20),
            panels.Panel(_("Stops and contacts"), SEE_DOSAGE, "evenness_panel", 40),
            panels.Panel(_("Place measures"), SEE_MEASURES, "measures_panel", 60),
        )
        panels.register_for_places(panels.Panel(_("Place measures"), SEE_MEASURES, "place_measures_panel", 60))


# Imported when called: what makes the demo draws PDFs too, and commands that have nothing to do with it stay light.
def _make_demo(*args: Any, **options: Any) -> Any:
    from tactics.actions.demo import make_demo

    return make_demo(*args, **options)


def _remove_demo(*args: Any, **options: Any) -> Any:
    from tactics.actions.demo import remove_demo

    return remove_demo(*args, **options)
