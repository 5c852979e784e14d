"""Reviewers are told that there are new tips: how many, and nothing else (A13)."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from accounts.agency import current_agency
from accounts.models import User
from tips.models import ReaderKey, Tip
from tips.queries import inbox as queries

log = logging.getLogger(__name__)


def alert() -> int:
    """One mail to each reviewer who has a key; returns how many were sent. While mail is away nothing is marked, so that
    the next time tells; once anybody was told, nobody is told of these tips again."""
    waiting = list(Tip.objects.filter(alerted=False, status=Tip.Status.NEW).values_list("pk", "quarantined"))
    apart = sum(quarantined for _pk, quarantined in waiting)
    people = reviewers_to_tell() if waiting else []
    sent = sum(_tell(person, len(waiting) - apart, apart) for person in people)
    if sent:
        Tip.objects.filter(pk__in=[pk for pk, _quarantined in waiting]).update(alerted=True)
    return sent


def reviewers_to_tell() -> list[User]:
    with_key = ReaderKey.objects.active().filter(kind=ReaderKey.Kind.REVIEWER).values("user")
    return list(queries.reviewers().filter(pk__in=with_key).exclude(email=""))


def _tell(person: User, new: int, apart: int) -> bool:
    agency = current_agency()
    url = settings.SITE_URL.rstrip("/") + reverse("tips")
    with translation.override(agency.languages[0] if agency.languages else "en"):
        number = new or apart
        subject = ngettext("%(n)d new tip", "%(n)d new tips", number) % {"n": number}
        body = render_to_string("tips/inbox/alert.txt", {"new": new, "apart": apart, "url": url, "agency": agency})
    try:
        send_mail(subject, body, None, [person.email])
    except OSError:  # what smtplib raises, and what a socket does
        log.exception("Reviewer %s cannot be told of new tips", person.username)
        return False
    return True
