from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TipsConfig(AppConfig):
    name = "tips"
    verbose_name = _("Tips")

    def ready(self) -> None:
        from accounts import public_facts
        from accounts.navigation import Entry, register
        from hotspots import overlays, panels
        from hotspots.demo import registry
        from tips.permissions import (
            PAY_REWARDS,
            REVIEW_TIPS,
            SEE_REFERRALS,
            SEE_REWARDS,
            SEE_TIP_COUNTS,
            SEE_TIP_KEYS,
            TAKE_CALLS,
        )
        from tips.queries.intake import proven_on
        from tips.queries.rights import grant

        registry.register("tips", make=_make_demo, remove=_remove_demo, note=_demo_note)
        register(Entry(_("Inbox"), "tips", REVIEW_TIPS, 61, _("Tips"), count=_new_tips))
        register(Entry(_("Take a call"), "tip_call", TAKE_CALLS, 62, _("Tips")))
        register(Entry(_("Referrals"), "tip_referrals", SEE_REFERRALS, 63, _("Tips")))
        register(Entry(_("Retention"), "tips_about_to_go", REVIEW_TIPS, 64, _("Tips")))
        register(Entry(_("Rewards"), "rewards", SEE_REWARDS, 65, _("Tips")))
        register(Entry(_("Pay a reward"), "reward_pay", PAY_REWARDS, 67, _("Tips")))
        register(Entry(_("Tip keys"), "tip_keys", SEE_TIP_KEYS, 66, _("Tips")))
        panels.register(panels.Panel(_("Tips"), SEE_TIP_COUNTS, "tips_panel", 76))
        panels.register_for_places(panels.Panel(_("Tips"), SEE_TIP_COUNTS, "place_tips_panel", 76))
        public_facts.register("anonymity_proven_on", proven_on)
        overlays.register(overlays.Overlay(_("Tips"), SEE_TIP_COUNTS, "tips_on_map"))
        post_migrate.connect(grant, sender=self)


def _new_tips(user: Any) -> int:
    from tips.queries.inbox import new_tips

    return new_tips(user)


# Imported when called, like those of notices.
def _make_demo(*args: Any, **options: Any) -> Any:
    from tips.actions.demo import make_demo

    return make_demo(*args, **options)


def _remove_demo(*args: Any, **options: Any) -> Any:
    from tips.actions.demo import remove_demo

    return remove_demo(*args, **options)


def _demo_note() -> str:
    from tips.actions.demo import note

    return note()
