"""Words for what a tip's columns say."""

from datetime import datetime

from django import template
from django.utils import timezone

from accounts.agency import agency_zone
from tips.ages import age_in_words
from tips.languages import language_name

register = template.Library()


@register.filter
def age(received_at: datetime) -> str:
    zone = agency_zone()
    return age_in_words(received_at, timezone.localdate(timezone=zone), zone)


@register.filter
def language(code: str) -> str:
    return language_name(code)
