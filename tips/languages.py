"""Languages of tips: two have a form, others may come by phone or mail."""

from django.utils.translation import gettext_lazy as _

LANGUAGES = {
    "en": _("English"),
    "es": _("Spanish"),
    "ar": _("Arabic"),
    "de": _("German"),
    "fr": _("French"),
    "so": _("Somali"),
    "sw": _("Swahili"),
    "vi": _("Vietnamese"),
    "zh": _("Chinese"),
    "xx": _("Another language"),
}


def language_name(code: str) -> str:
    return str(LANGUAGES.get(code, code))
