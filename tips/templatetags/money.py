"""How dollars are written."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def dollars(amount: Decimal | None) -> str:
    """$1,250 or $1,250.50"""
    if amount is None:
        return "–"
    return f"${amount:,.0f}" if amount == int(amount) else f"${amount:,.2f}"
