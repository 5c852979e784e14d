"""Typed readers of the environment. A value that makes no sense stops the process and names the variable."""

from django.core.exceptions import ImproperlyConfigured

from scripts.state import environment

REQUIRED = object()

_values = environment()


def text(name: str, default: object = REQUIRED) -> str:
    if value := _values.get(name):
        return value
    if default is REQUIRED:
        raise ImproperlyConfigured(f"{name} is not set. `make services` sets it up, or see .env.example.")
    return str(default)


def flag(name: str, default: bool) -> bool:
    value = text(name, "true" if default else "false").lower()
    if value not in {"true", "false", "1", "0", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in {"true", "1", "yes"}


def whole_number(name: str, default: int, least: int = 0) -> int:
    value = text(name, default)
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {number}.")
    return number


def choice(name: str, default: str, allowed: list[str]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
