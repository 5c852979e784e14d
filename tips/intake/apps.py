from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The public form. Its templates stand in templates/tips/intake, its Spanish in locale."""

    name = "tips.intake"
    label = "tips_intake"
