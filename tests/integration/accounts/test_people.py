import re
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.demo import make_demo_people
from accounts.models import AuditEntry, User
from accounts.roles import Role
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

NEW = {"username": "aruiz", "first_name": "Ana", "last_name": "Ruiz", "email": "", "roles": ["officer", "clerk"]}


def last_entry(action):
    return AuditEntry.objects.filter(action=action).latest("pk")


def test_adding_a_person_shows_a_password_once_and_records_it(client_as):
    client = client_as("administrator")
    page = client.post(reverse("person_add"), NEW)
    person = User.objects.get(username="aruiz")
    password = page.context["password"]
    assert person.check_password(password)
    assert person.password_is_temporary
    assert sorted(person.roles) == ["clerk", "officer"]
    entry = last_entry("person_added")
    assert (entry.actor, entry.subject) == (client.user, "aruiz")
    assert password not in str(entry.details)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"username": "PERSON-X"}, "Somebody has this username already."),
        ({"username": "a b"}, "Enter a valid username."),
        ({"roles": []}, "This field is required."),
        ({"roles": ["king"]}, "king is not one of the available choices."),
        ({"last_name": ""}, "This field is required."),
    ],
)
def test_adding_a_person_says_what_is_wrong(client_as, change, told):
    UserFactory(username="person-x")
    page = client_as("administrator").post(reverse("person_add"), NEW | change)
    assert told in page.content.decode()
    assert not User.objects.filter(username="aruiz").exists()


def test_changing_roles_takes_effect_at_once_and_is_recorded(client_as):
    officer = client_as("officer")
    administrator = client_as("administrator")
    assert officer.get("/people/").status_code == 403
    details = {"first_name": "Robin", "last_name": officer.user.last_name, "email": "", "roles": ["administrator"]}
    administrator.post(reverse("person", args=[officer.user.pk]), details)
    assert officer.get("/people/").status_code == 200
    assert last_entry("person_changed").details == {"changed": {"roles": [["officer"], ["administrator"]]}}


def test_saving_without_a_change_records_nothing(client_as):
    client = client_as("administrator")
    user = client.user
    details = {"first_name": user.first_name, "last_name": user.last_name, "email": "", "roles": user.roles}
    assert client.post(reverse("person", args=[user.pk]), details).status_code == 302
    assert not AuditEntry.objects.filter(action="person_changed").exists()


def test_last_administrator_stays(client_as):
    client = client_as("administrator")
    details = {"first_name": "", "last_name": "Last", "email": "", "roles": ["officer"]}
    page = client.post(reverse("person", args=[client.user.pk]), details)
    assert "This is the last administrator." in page.content.decode()
    with pytest.raises(ValidationError, match="last administrator"):
        actions.set_active(by=client.user, person=client.user, active=False)
    UserFactory(roles=["administrator"])
    actions.set_active(by=client.user, person=client.user, active=False)


def test_switching_off_and_on_by_the_page(client_as):
    client, person = client_as("administrator"), UserFactory()
    client.post(reverse("person_active", args=[person.pk]), {"active": "no"})
    person.refresh_from_db()
    assert not person.is_active
    client.post(reverse("person_active", args=[person.pk]), {"active": "yes"})
    person.refresh_from_db()
    assert person.is_active


def test_reset_by_the_page_shows_a_password_that_works(client_as):
    client, person = client_as("administrator"), UserFactory()
    page = client.post(reverse("person_reset", args=[person.pk]), {"second_factor": "yes"})
    person.refresh_from_db()
    assert person.check_password(page.context["password"])
    assert not person.authenticator_set.exists()
    assert "no-store" in page["Cache-Control"]


def test_nobody_resets_themselves(client_as):
    client = client_as("administrator")
    page = client.post(reverse("person_reset", args=[client.user.pk]))
    assert page.status_code == 403
    assert "your sign-in page" in page.content.decode()


def test_release_by_the_page(client_as):
    client, person = client_as("administrator"), UserFactory(locked_at=timezone.now())
    client.post(reverse("person_release", args=[person.pk]))
    person.refresh_from_db()
    assert person.locked_at is None


def test_list_finds_by_name(client_as):
    UserFactory(username="zed", last_name="Zimmer")
    content = client_as("administrator").get("/people/?q=zimm").content.decode()
    assert "zed" in content
    assert content.count('<th scope="row">') == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number(client_as, django_assert_num_queries, rows):
    UserFactory.create_batch(rows)
    client = client_as("administrator")
    client.get("/people/")
    with django_assert_num_queries(5):  # session, user, number, people, weeks of the trail that wait
        client.get("/people/")


def test_first_administrator_from_the_command_line():
    out = StringIO()
    call_command("add_person", "chief", "--role", "administrator", "--last-name", "Chief", stdout=out)
    password = re.search(r"password (\S+)", out.getvalue())[1]
    person = User.objects.get(username="chief")
    assert person.check_password(password)
    assert person.password_is_temporary
    with pytest.raises(CommandError, match="already exists"):
        call_command("add_person", "chief", "--role", "administrator")


def test_demo_people_work_at_once_and_only_in_a_demo(settings, client):
    with pytest.raises(ImproperlyConfigured):
        make_demo_people()
    settings.DEMO, settings.SECOND_FACTOR_REQUIRED, settings.SIGN_IN_NOTICE = True, False, False
    people = make_demo_people()
    assert {role for _, _, role in people} == set(Role)
    username, password, _ = people[0]
    assert client.post("/accounts/login/", {"login": username, "password": password})["Location"] == "/"
    assert client.get("/accounts/2fa/").status_code == 200
    assert len(make_demo_people()) == User.objects.count()
