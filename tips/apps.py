from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class TipsConfig(AppConfig):
    name = "tips"
    verbose_name = _("Tips")

    def ready(self) -> None:
        from tips.queries.rights import grant

        post_migrate.connect(grant, sender=self)
