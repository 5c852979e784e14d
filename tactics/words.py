"""Hours of the week and amounts, as people say them."""

from collections.abc import Iterable, Sequence

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tactics.analytics.hours import WEEK, stretches


def hours_in_words(hours: Iterable[int]) -> str:
    """“Mon–Thu 18:00–24:00; Fri, Sat 20:00–2:00”: what goes over midnight stands at the day on which it starts."""
    days_of: dict[tuple[int, int], list[int]] = {}
    for start, length in stretches(hours):
        if length == WEEK:
            return _("Around the clock")
        day, hour = divmod(start, 24)
        days_of.setdefault((hour, length), []).append(day)
    return "; ".join(f"{_days(days)} {_span(hour, length)}" for (hour, length), days in days_of.items())


def amount_in_words(visits: int | None, per: str, minutes: int | None) -> str:
    """“4 visits of 15 minutes per shift”; nothing for what is done, not counted."""
    if visits is None or minutes is None:
        return ""
    words = {"visits": visits, "minutes": minutes}
    if per == "week":
        return (
            ngettext(
                "%(visits)s visit of %(minutes)s minutes per week",
                "%(visits)s visits of %(minutes)s minutes per week",
                visits,
            )
            % words
        )
    return (
        ngettext(
            "%(visits)s visit of %(minutes)s minutes per shift",
            "%(visits)s visits of %(minutes)s minutes per shift",
            visits,
        )
        % words
    )


def _days(days: Sequence[int]) -> str:
    if len(days) == 7:
        return _("Every day")
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = []
    for run in runs:
        first, last = str(WEEKDAYS_ABBR[run[0]]), str(WEEKDAYS_ABBR[run[-1]])
        names += [f"{first}–{last}"] if len(run) > 2 else [str(WEEKDAYS_ABBR[day]) for day in run]
    return ", ".join(names)


def _span(hour: int, length: int) -> str:
    """An end at midnight is 24:00 of its day; beyond a day, the days that pass are said."""
    days, end = divmod(hour + length, 24)
    if end == 0:
        days, end = days - 1, 24
    more = f" (+{days})" if days > 1 else ""
    return f"{hour}:00–{end}:00{more}"
