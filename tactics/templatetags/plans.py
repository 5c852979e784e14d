"""Hours of the week and amounts in words, for pages."""

from django import template

from tactics.models import PlanTactic
from tactics.words import amount_in_words, hours_in_words

register = template.Library()
register.filter("hours_in_words", hours_in_words)


@register.filter
def amount(tactic: PlanTactic) -> str:
    return amount_in_words(tactic.visits, tactic.per, tactic.minutes)
