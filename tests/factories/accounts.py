from datetime import UTC, date, datetime, time, timedelta
from time import time as now
from typing import Any

import factory
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt
from django.test import Client

from accounts.actions import record
from accounts.models import AuditEntry, AuditReview, AuditReviewNote, PartnerAgency, User
from accounts.roles import Role
from accounts.signing_in import has_second_factor

WEEK = date(2026, 3, 2)  # a Monday
PASSWORD = "correct horse battery staple"


class UserFactory(factory.django.DjangoModelFactory):
    """A member of staff with an authenticator app; `second_factor=False` for one who has yet to set it up."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Robin"
    last_name = factory.Sequence(lambda n: f"Example{n}")
    password = factory.django.Password(PASSWORD)
    roles = factory.LazyFunction(lambda: [Role.COMMANDER])

    @factory.post_generation
    def second_factor(self, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted is not False:
            TOTP.activate(self, generate_totp_secret())


class PartnerAgencyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PartnerAgency

    name = factory.Sequence(lambda n: f"Partner {n}")
    short_name = "P"


def make_week(week: date = WEEK, **entry: Any) -> date:
    """A week of the trail with one entry, on its Wednesday; returns its Monday."""
    noon = datetime.combine(week, time(18), UTC) + timedelta(days=2)
    with time_machine.travel(noon, tick=False):
        record(**{"by": None, "action": AuditEntry.Action.RUN_PUBLISHED, **entry})
    return week


class AuditReviewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditReview

    week = WEEK
    reviewed_by = factory.SubFactory(UserFactory, roles=[Role.AUDITOR])
    entries = 0


class AuditReviewNoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditReviewNote

    review = factory.SubFactory(AuditReviewFactory)
    text = "All as it should be."
    written_by = factory.SelfAttribute("review.reviewed_by")


def totp_secret(user: User) -> str:
    return decrypt(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"])


def sign_in(client: Client, user: User) -> Client:
    """The session that password and second factor leave behind, without walking through the pages."""
    client.force_login(user)
    session = client.session
    steps = [{"method": "password", "at": now(), "username": user.username}]
    if has_second_factor(user):
        steps.append({"method": "mfa", "at": now(), "type": "totp"})
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = steps
    session.save()
    client.user = user  # type: ignore[attr-defined]
    return client
