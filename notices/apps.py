from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from hotspots.demo import registry

        registry.register("notices", make=_make_demo, remove=_remove_demo)


# Imported when called: what makes the demo prints letters too, and commands that have nothing to do with it stay light.
def _make_demo(*args: Any, **options: Any) -> Any:
    from notices.actions.demo import make_demo

    return make_demo(*args, **options)


def _remove_demo(*args: Any, **options: Any) -> Any:
    from notices.actions.demo import remove_demo

    return remove_demo(*args, **options)
